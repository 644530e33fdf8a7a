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
