/// Which stretch of the horizontal axis the charts show.
public enum ChartWindow: Sendable, Equatable {
  /// All there is; grows with the data.
  case whole
  /// The newest so much; moves with the data.
  case following(width: Double)
  /// A stretch that stays where it is whatever arrives.
  case fixed(ClosedRange<Double>)

  /// The stretch in view.
  ///
  /// - Parameter extent: of all the data.
  func range(in extent: ClosedRange<Double>) -> ClosedRange<Double> {
    switch self {
    case .whole: extent
    case .following(let width): max(extent.lowerBound, extent.upperBound - width)...extent.upperBound
    case .fixed(let range): range
    }
  }

  /// Makes the stretch in view `factor` times as wide, around `center` where it is given.
  ///
  /// - Parameter least: the narrowest stretch worth showing.
  mutating func zoom(by factor: Double, around center: Double?, in extent: ClosedRange<Double>, least: Double) {
    let range = range(in: extent)
    let span = range.upperBound - range.lowerBound
    let whole = extent.upperBound - extent.lowerBound
    guard whole > 0 else { return }
    let wanted = max(least, span * factor)
    if wanted >= whole {
      self = .whole
      return
    }
    if case .following = self {
      self = .following(width: wanted)
      return
    }
    let middle = center ?? (range.lowerBound + range.upperBound) / 2
    // What is at the centre stays in its column.
    let share = span > 0 ? (middle - range.lowerBound) / span : 0.5
    self = .fixed(Self.moved(middle - wanted * share, wanted, within: extent))
  }

  /// Moves the stretch by a share of its own width.
  mutating func pan(by share: Double, in extent: ClosedRange<Double>) {
    guard self != .whole else { return }
    let range = range(in: extent)
    let span = range.upperBound - range.lowerBound
    self = .fixed(Self.moved(range.lowerBound + span * share, span, within: extent))
  }

  /// Moves the stretch just so far that `x` is in view.
  mutating func show(_ x: Double, in extent: ClosedRange<Double>) {
    let range = range(in: extent)
    let span = range.upperBound - range.lowerBound
    if x < range.lowerBound { self = .fixed(Self.moved(x, span, within: extent)) }
    if x > range.upperBound { self = .fixed(Self.moved(x - span, span, within: extent)) }
  }

  /// Goes on with the newest data at the same width.
  mutating func follow() {
    if case .fixed(let range) = self { self = .following(width: range.upperBound - range.lowerBound) }
  }

  private static func moved(_ start: Double, _ span: Double, within extent: ClosedRange<Double>) -> ClosedRange<Double> {
    let last = max(extent.lowerBound, extent.upperBound - span)
    let begin = min(max(start, extent.lowerBound), last)
    return begin...begin + span
  }
}
