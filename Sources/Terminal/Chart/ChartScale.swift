import Foundation

/// Where a value lies between two ends, 0...1, evenly or by its logarithm.
public struct ChartScale: Hashable, Sendable {
  public let range: ClosedRange<Double>
  public let isLogarithmic: Bool

  /// - Parameter range: of positive numbers for a logarithmic scale; one without extent is widened.
  public init(_ range: ClosedRange<Double>, isLogarithmic: Bool = false) {
    self.isLogarithmic = isLogarithmic
    var (low, high) = (range.lowerBound, range.upperBound)
    precondition(low.isFinite && high.isFinite, "an axis needs finite ends")
    precondition(!isLogarithmic || low > 0, "a logarithmic axis needs positive ends")
    if isLogarithmic {
      // Beyond these, powers of ten leave the normal numbers.
      low = min(max(low, 1e-290), 1e290)
      high = min(max(high, 1e-290), 1e290)
    }
    if high > low && (high - low).isFinite {
      self.range = low...high
    } else if high > low {
      self.range = low / 4...high / 4  // Ends so far apart that their distance overflows.
    } else if isLogarithmic {
      self.range = low / 2...high * 2
    } else {
      let margin = low == 0 ? 0.5 : abs(low) * 0.1
      self.range = max(low - margin, -.greatestFiniteMagnitude)...min(high + margin, .greatestFiniteMagnitude)
    }
  }

  /// 0 at the lower end, 1 at the upper; beyond them outside of 0...1. NaN for what a logarithmic scale cannot hold.
  public func share(_ value: Double) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    guard isLogarithmic else { return (value - low) / (high - low) }
    guard value > 0 else { return .nan }
    return log10(value / low) / log10(high / low)
  }

  /// The value at a share of the way, the inverse of `share`.
  public func value(at share: Double) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    return isLogarithmic ? low * pow(high / low, share) : low + (high - low) * share
  }
}
