/// Tells work from rest in a log that only has the times of its records.
///
/// A gap far longer than steps usually take was a pause, an interruption or another model's turn, unless an evaluation's
/// record ends it: then it was the evaluation. Where a step's speed is logged after its other values, as by this program, the
/// speed tells how much of a gap was work: a gap counts as one usual step until then.
struct LogClock: Sendable {
  private var last: Double?
  private var usual: Double?
  /// Images of a step: no gap was shorter than its step, so the least that gaps and speeds allow.
  private var images: Double?
  /// The last gap, and what of it was counted.
  private var gap = 0.0
  private var counted = 0.0

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
    self.gap = isEvaluation ? 0 : gap
    counted = isEvaluation ? gap : work(gap)
    return counted
  }

  private mutating func work(_ gap: Double) -> Double {
    guard let usual else {
      self.usual = gap
      return gap <= 60 ? gap : 0
    }
    if images != nil { return min(gap, usual) }
    guard gap <= max(Self.shortGap, usual * Self.usualFactor) else { return 0 }
    learn(gap, from: usual)
    return gap
  }

  /// More seconds of work, now that the last step's speed is known.
  mutating func secondsOfWork(atImagesPerSecond speed: Double) -> Double {
    guard gap > 0, speed > 0, speed.isFinite else { return 0 }
    let images = min(self.images ?? .infinity, gap * speed)
    self.images = images
    let step = images / speed, more = max(0, step - counted)
    learn(step, from: usual ?? step)
    gap = 0
    counted += more
    return more
  }

  /// One slow step is not yet usual.
  private mutating func learn(_ step: Double, from usual: Double) { self.usual = usual + (min(step, 2 * usual) - usual) * 0.05 }
}
