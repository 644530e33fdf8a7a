/// Tells work from rest in a log that only has the times of its records.
///
/// A gap far longer than steps usually take was a pause, an interruption or another model's turn, unless an evaluation's
/// record ends it: then it was the evaluation.
struct LogClock: Sendable {
  private var last: Double?
  private var usual: Double?

  /// Gaps up to this many seconds always count as work.
  private static let shortGap = 2.0
  /// Gaps up to this many times the usual one count as work.
  private static let usualFactor = 20.0

  /// Seconds of work since the record before.
  mutating func secondsOfWork(until time: Double, isEvaluation: Bool) -> Double {
    defer { last = max(time, last ?? time) }
    guard let last else { return 0 }
    let gap = max(0, time - last)
    // Records of one step share a time.
    if gap == 0 { return 0 }
    if isEvaluation { return gap }
    guard let usual else {
      self.usual = gap
      return gap <= 60 ? gap : 0
    }
    guard gap <= max(Self.shortGap, usual * Self.usualFactor) else { return 0 }
    self.usual = usual + (gap - usual) * 0.05
    return gap
  }
}
