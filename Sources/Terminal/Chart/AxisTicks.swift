import Foundation
import NumberFormats

/// How the numbers of an axis are written.
public enum AxisLabels: Hashable, Sendable {
  /// As many decimals as the step needs; thousands and millions as k and M.
  case number
  /// Shares (0...1) as percentages.
  case percent
  /// Seconds as a length of time.
  case clock
  /// Names of the places 1, 2, 3...
  case names([String])
}

/// Places along an axis with round numbers, and their labels.
public struct AxisTicks: Hashable, Sendable {
  public struct Tick: Hashable, Sendable {
    public let value: Double
    public let label: String
  }

  public let ticks: [Tick]

  /// The widest label's columns.
  public var labelWidth: Int { ticks.reduce(0) { max($0, $1.label.columns) } }

  /// Ticks at multiples of 1, 2 or 5 times a power of ten (of round times for `.clock`), or at powers of ten.
  ///
  /// - Parameters:
  ///   - count: at most so many, at least 1.
  ///   - isIntegral: no ticks between whole numbers, for steps and epochs.
  public init(_ scale: ChartScale, atMost count: Int, labels: AxisLabels = .number, isIntegral: Bool = false) {
    let limit = max(1, count)
    if case .names(let names) = labels {
      let within = names.enumerated().map { Tick(value: Double($0 + 1), label: $1) }.filter { scale.range.contains($0.value) }
      let stride = (within.count + limit - 1) / limit
      ticks = within.enumerated().filter { $0.offset % max(1, stride) == 0 }.map(\.element)
      return
    }
    if scale.isLogarithmic {
      ticks = Self.logarithmic(scale.range, limit, labels)
      return
    }
    let span = scale.range.upperBound - scale.range.lowerBound
    // Closer than doubles can tell apart there are no round numbers.
    guard span > max(abs(scale.range.lowerBound), abs(scale.range.upperBound), 1e-280) * 1e-12 else {
      ticks = []
      return
    }
    var step = Self.firstStep(span / Double(limit + 1), labels)
    if isIntegral { step = max(step, 1) }
    var values = Self.multiples(of: step, in: scale.range)
    while values.count > limit {
      step = Self.next(step, labels)
      values = Self.multiples(of: step, in: scale.range)
    }
    let size = max(abs(scale.range.lowerBound), abs(scale.range.upperBound))
    ticks = values.map { Tick(value: $0, label: Self.label($0, step: step, size: size, labels)) }
  }

  /// As many ticks as fit along `width` columns with their labels centred on them, two columns between any two.
  public init(along width: Int, _ scale: ChartScale, labels: AxisLabels = .number, isIntegral: Bool = false) {
    var count = max(1, width / 6)
    while true {
      let candidate = AxisTicks(scale, atMost: count, labels: labels, isIntegral: isIntegral)
      if count == 1 || Self.fits(candidate.ticks, scale, width) {
        self = candidate
        return
      }
      count -= 1
    }
  }

  private static func fits(_ ticks: [Tick], _ scale: ChartScale, _ width: Int) -> Bool {
    var end = Int.min
    for tick in ticks {
      let span = AxisTicks.columns(of: tick, scale, width)
      if end != .min && span.lowerBound < end + 2 { return false }
      end = span.upperBound
    }
    return true
  }

  /// The columns of a label centred on its tick and held within `width`.
  static func columns(of tick: Tick, _ scale: ChartScale, _ width: Int) -> Range<Int> {
    let size = tick.label.columns
    let center = Int((scale.share(tick.value) * Double(max(0, width - 1))).rounded())
    let start = max(0, min(center - size / 2, width - size))
    return start..<start + size
  }

  private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
    let slack = 1e-9
    let first = (range.lowerBound / step - slack).rounded(.up)
    let last = (range.upperBound / step + slack).rounded(.down)
    guard first <= last, last - first < 1000 else { return first <= last ? Array(repeating: 0, count: 1000) : [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step + 0 }
  }

  private static func firstStep(_ least: Double, _ labels: AxisLabels) -> Double {
    if labels == .clock && least >= 1 { return clockSteps.first { $0 >= least } ?? (least / 86400).rounded(.up) * 86400 }
    let power = pow(10, floor(log10(least)))
    for factor in [1.0, 2, 5] where factor * power >= least * (1 - 1e-12) { return factor * power }
    return 10 * power
  }

  private static func next(_ step: Double, _ labels: AxisLabels) -> Double { firstStep(step * 1.5, labels) }

  private static let clockSteps: [Double] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172_800, 432_000, 864_000,
  ]

  /// - Parameters:
  ///   - step: the distance of ticks, which tells the decimals.
  ///   - size: the largest number of the axis, which tells the unit for all.
  private static func label(_ value: Double, step: Double, size: Double, _ labels: AxisLabels) -> String {
    switch labels {
    case .clock: return step < 1 ? NumberFormat.fixed(decimals(step)).text(value) + "s" : NumberFormat.clock.text(value)
    case .percent: return NumberFormat.percent(decimals(step * 100)).text(value)
    case .number, .names:
      let units: [(Double, String)] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
      if size >= 10_000, size < 1e15, let (unit, suffix) = units.first(where: { size >= $0.0 }) {
        return value == 0 ? "0" : NumberFormat.fixed(decimals(step / unit)).text(value / unit) + suffix
      }
      if size >= 1e15 || (size < 1e-3 && size > 0) { return value == 0 ? "0" : NumberFormat.significant(3).text(value) }
      return NumberFormat.fixed(decimals(step)).text(value)
    }
  }

  /// Decimals that show a step of 1, 2 or 5 times a power of ten.
  private static func decimals(_ step: Double) -> Int {
    step > 1e-12 ? max(0, Int((-log10(min(step, 1)) - 1e-9).rounded(.up))) : 12
  }

  private static func logarithmic(_ range: ClosedRange<Double>, _ limit: Int, _ labels: AxisLabels) -> [Tick] {
    let first = Int((log10(range.lowerBound) - 1e-9).rounded(.up))
    let last = Int((log10(range.upperBound) + 1e-9).rounded(.down))
    var values = first <= last ? (first...last).map { pow(10, Double($0)) } : []
    if values.count > limit {
      let stride = (values.count + limit - 1) / limit
      values = (first...last).filter { $0 % stride == 0 }.map { pow(10, Double($0)) }
    } else if values.count < 2 {
      // Within one decade powers of ten alone say too little: 2 and 5 join them.
      let wide = range.lowerBound * (1 - 1e-9)...range.upperBound * (1 + 1e-9)
      let powers = (min(first, last) - 1...max(first, last) + 1).map { pow(10, Double($0)) }
      let fine = powers.flatMap { (power: Double) -> [Double] in [power, 2 * power, 5 * power] }.filter(wide.contains)
      if fine.count <= limit && !fine.isEmpty { values = fine }
    }
    return values.map { Tick(value: $0, label: powerLabel($0, labels)) }
  }

  private static func powerLabel(_ value: Double, _ labels: AxisLabels) -> String {
    if labels == .percent { return NumberFormat.percent(decimals(value * 100)).text(value) }
    if value >= 9999 || value < 0.00099 { return shortScientific(value) }
    return NumberFormat.fixed(decimals(value)).text(value)
  }

  /// 1e-05 as "1e-5".
  private static func shortScientific(_ value: Double) -> String {
    let exponent = Int(floor(log10(value) + 1e-9))
    return "\(Int((value / pow(10, Double(exponent))).rounded()))e\(exponent)"
  }
}
