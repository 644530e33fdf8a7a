/// Durations and sizes for people.
public enum Durations {
  /// `42 s`, `3 min 05 s`, `2 h 07 min`, `3 d 04 h`.
  public static func text(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "unknown time" }
    let whole = Int(max(0, seconds).rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(twoDigits(whole % 60)) s"
    case ..<86400: return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min"
    default: return "\(whole / 86400) d \(twoDigits(whole / 3600 % 24)) h"
    }
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
