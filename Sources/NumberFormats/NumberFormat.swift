import Foundation

/// How a number is written. Every format keeps its digits' places as the value moves, so that a column of them stands still.
public enum NumberFormat: Hashable, Sendable {
  /// 1,234 with groups of three.
  case integer
  /// Always so many decimals: 0.1234.
  case fixed(Int)
  /// A share (0...1) as a percentage with so many decimals: 87.5%.
  case percent(Int)
  /// Three digits and a suffix: 12.3k, 1.25M, 0.250.
  case si
  /// So many significant digits, in the shorter of plain and scientific notation, for rates from 0.1 to 1e-07.
  case significant(Int)
  /// 1.25 GiB.
  case bytes
  /// A length of time in hours, minutes and seconds: 04:05, 1:04:05, 2d 03h.
  case clock
  /// A short time in its natural unit: 12.3 ms.
  case time

  /// The number as text; NaN, +Inf and -Inf for what is not finite.
  public func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf" }
    switch self {
    case .integer: return Digits.grouped(value)
    case .fixed(let decimals): return Digits.fixed(value, decimals)
    case .percent(let decimals): return Digits.fixed(value * 100, decimals) + "%"
    case .si: return Digits.si(value)
    case .significant(let count): return Digits.significant(value, count)
    case .bytes: return Digits.bytes(value)
    case .clock: return Digits.clock(value)
    case .time: return Digits.time(value)
    }
  }

  /// A share (0...1) that somebody chose, as a percentage with the decimals that it has, three at most: 80%, 82.5%.
  public static func exactPercent(_ share: Double) -> String {
    let texts = (0...3).map { percent($0).text(share) }
    return texts.first { text in Double(text.dropLast()).map { abs($0 - share * 100) < 0.0005 } ?? true } ?? texts[3]
  }
}

/// Digits of numbers. Written here because `String(format:)` costs microseconds on Linux and a screen holds hundreds.
private enum Digits {
  /// Rounded half away from zero at `decimals` places.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    let places = min(max(decimals, 0), 12)
    let scale = power(places)
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int64(scaled)
    let unit = Int64(scale)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard places > 0 else { return sign + String(whole) }
    let fraction = String(whole % unit)
    return sign + String(whole / unit) + "." + String(repeating: "0", count: places - fraction.count) + fraction
  }

  static func power(_ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<exponent { result *= 10 }
    return result
  }

  static func grouped(_ value: Double) -> String {
    let rounded = value.rounded()
    guard abs(rounded) < 9e15 else { return "\(value)" }
    let digits = Array(String(Int64(abs(rounded))))
    var text = rounded < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// Three significant digits below a thousand units, with the decimals that leaves.
  private static func three(_ value: Double) -> String {
    let size = abs(value)
    return fixed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
  }

  static func si(_ value: Double) -> String {
    let size = abs(value)
    if size == 0 { return "0" }
    if size < 0.0009995 { return significant(value, 3) }
    if size < 999.5 {
      if value == value.rounded() { return fixed(value, 0) }
      return size < 0.9995 ? fixed(value, 3) : three(value)
    }
    var scaled = value
    for suffix in ["k", "M", "G", "T", "P", "E"] {
      scaled /= 1000
      if abs(scaled) < 999.5 { return three(scaled) + suffix }
    }
    return significant(value, 3)
  }

  static func significant(_ value: Double, _ count: Int) -> String {
    let digits = min(max(count, 1), 15)
    guard value != 0 else { return "0" }
    var exponent = Int(floor(log10(abs(value))))
    // Rounding may carry into the next power: 9.996 in three digits is 10.0.
    if abs(value) / pow(10, Double(exponent)) + 0.5 * pow(10, Double(1 - digits)) >= 10 { exponent += 1 }
    if exponent >= -4 && exponent < max(digits, 6) { return fixed(value, max(0, digits - 1 - exponent)) }
    let mantissa = fixed(value / pow(10, Double(exponent)), digits - 1)
    let size = abs(exponent)
    return mantissa + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + String(size)
  }

  static func bytes(_ value: Double) -> String {
    if abs(value) < 1023.5 { return fixed(value, 0) + " B" }
    var scaled = value
    for unit in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
      scaled /= 1024
      if abs(scaled) < 1023.5 { return three(scaled) + " " + unit }
    }
    return significant(value, 3) + " B"
  }

  static func clock(_ seconds: Double) -> String {
    guard abs(seconds) < 9e9 else { return "forever" }
    let total = Int(abs(seconds).rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let sign = seconds < 0 && total > 0 ? "-" : ""
    let (days, hours, minutes) = (total / 86400, total / 3600 % 24, total / 60 % 60)
    if days > 0 { return "\(sign)\(days)d \(two(hours))h" }
    if hours > 0 { return "\(sign)\(hours):\(two(minutes)):\(two(total % 60))" }
    return "\(sign)\(two(minutes)):\(two(total % 60))"
  }

  static func time(_ seconds: Double) -> String {
    let size = abs(seconds)
    if size == 0 { return "0 ms" }
    if size < 0.0009995 { return three(seconds * 1e6) + " µs" }
    if size < 0.9995 { return three(seconds * 1e3) + " ms" }
    return size < 99.95 ? three(seconds) + " s" : clock(seconds)
  }
}
