/// One place of a curve: a single value, or the extremes of all values that a bucket holds.
///
/// A value that is not finite breaks the curve and leaves a mark at its column.
public struct ChartSample: Hashable, Sendable {
  public var x: Double
  public var low: Double
  public var high: Double

  public init(x: Double, low: Double, high: Double) {
    self.x = x
    self.low = low
    self.high = high
  }

  public init(_ x: Double, _ y: Double) {
    self.init(x: x, low: y, high: y)
  }

  var isFinite: Bool { low.isFinite && high.isFinite && x.isFinite }

  /// The extremes of each of `buckets` equal parts of `range`, and every value that is not finite, so that no spike and no NaN
  /// is lost however many points there are.
  ///
  /// A sparse series comes back as it is. The nearest points outside of `range` are kept, so that curves reach its edges.
  ///
  /// - Parameters:
  ///   - xs: ascending.
  ///   - ys: as many as `xs`.
  public static func decimated(xs: [Double], ys: [Double], in range: ClosedRange<Double>, buckets: Int) -> [ChartSample] {
    precondition(xs.count == ys.count, "a curve needs as many values as places")
    let first = max(0, index(in: xs) { $0 >= range.lowerBound } - 1)
    let last = min(xs.count, index(in: xs) { $0 > range.upperBound } + 1)
    guard first < last else { return [] }
    guard buckets > 0, last - first > 2 * buckets else { return (first..<last).map { ChartSample(xs[$0], ys[$0]) } }
    let span = range.upperBound - range.lowerBound
    var samples: [ChartSample] = []
    var current: (bucket: Int, sample: ChartSample)?
    for index in first..<last {
      let (x, y) = (xs[index], ys[index])
      let place = span > 0 ? (x - range.lowerBound) / span * Double(buckets) : 0
      let bucket = x < range.lowerBound ? -1 : x > range.upperBound ? buckets : min(Int(place), buckets - 1)
      if let (open, sample) = current, open != bucket || !y.isFinite {
        samples.append(sample)
        current = nil
      }
      if !y.isFinite {
        samples.append(ChartSample(x, y))
      } else if let (_, sample) = current {
        current = (bucket, ChartSample(x: sample.x, low: min(sample.low, y), high: max(sample.high, y)))
      } else {
        current = (bucket, ChartSample(x, y))
      }
    }
    if let current { samples.append(current.sample) }
    return samples
  }

  /// The first index for which `test` holds, by halving; the count where there is none.
  private static func index(in xs: [Double], where test: (Double) -> Bool) -> Int {
    var (low, high) = (0, xs.count)
    while low < high {
      let middle = (low + high) / 2
      if test(xs[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// A value that cannot be drawn, at its place.
public struct ChartMark: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case nan, positiveInfinity, negativeInfinity

    init(_ value: Double) { self = value.isNaN ? .nan : value > 0 ? .positiveInfinity : .negativeInfinity }
  }

  public var x: Double
  public var kind: Kind

  public init(x: Double, _ kind: Kind) {
    self.x = x
    self.kind = kind
  }
}
