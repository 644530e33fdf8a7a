/// Tells work from rest in a log that only has the times of its records.
///
/// A gap far longer than steps usually take was a pause, an interruption or another model's turn, unless an evaluation's
/// record ends it: then it was the evaluation, as long as it is not far longer than those before it. Nothing tells of the first
/// evaluation how much of it was a pause. Where a step's speed is logged after its other values, as by this program, the
/// speed tells how much of a gap was work: until then a gap counts as half a usual step.
struct LogClock: Sendable {
  private var last: Double?
  private var usual: Double?
  /// The last steps' gaps and seconds an image.
  private var recent: [(gap: Double, pace: Double)] = []
  /// The last gap, and what of it was counted.
  private var gap = 0.0
  private var counted = 0.0
  /// The longest that an evaluation took, without what was taken for a pause in it.
  private var evaluation: Double?
  private var isEvaluating = false

  /// Gaps up to this many seconds always count as work.
  private static let shortGap = 2.0
  /// Gaps up to this many times the usual one count as work.
  private static let usualFactor = 20.0
  /// Evaluations up to this many times as long as those before count whole.
  private static let evaluationFactor = 3.0
  /// The year 5138.
  private static let farthestTime = 1e11
  /// Steps that tell how many images a step has.
  private static let steps = 16

  /// Seconds of work since the record before.
  ///
  /// A time that no clock shows (not a number, infinite, 1e300) tells nothing, as if there were no record.
  mutating func secondsOfWork(until time: Double, isEvaluation: Bool) -> Double {
    guard abs(time) < Self.farthestTime else { return 0 }
    let wasEvaluation = isEvaluating
    defer {
      last = max(time, last ?? time)
      isEvaluating = isEvaluation
    }
    guard let last else { return 0 }
    let gap = max(0, time - last)
    // Records of one step share a time.
    if gap == 0 { return 0 }
    self.gap = isEvaluation ? 0 : gap
    counted = isEvaluation ? workOfEvaluation(gap, isNext: !wasEvaluation) : work(gap)
    return counted
  }

  /// - Parameter isNext: whether the record before was none of an evaluation; else both may be of the same.
  private mutating func workOfEvaluation(_ gap: Double, isNext: Bool) -> Double {
    guard isNext || gap > Self.shortGap else { return gap }
    guard let usual = evaluation else {
      evaluation = gap
      return gap
    }
    // One slow evaluation is not yet usual.
    evaluation = max(usual, min(gap, 1.5 * usual))
    return gap <= max(Self.shortGap, usual * Self.evaluationFactor) ? gap : usual
  }

  private mutating func work(_ gap: Double) -> Double {
    guard let usual else {
      self.usual = gap
      return gap <= 60 ? gap : 0
    }
    // Less than a step, as time cannot be taken back when the speed comes.
    if !recent.isEmpty { return min(gap, usual / 2) }
    guard gap <= max(Self.shortGap, usual * Self.usualFactor) else { return 0 }
    learn(gap, from: usual)
    return gap
  }

  /// More seconds of work, now that the last step's speed is known.
  mutating func secondsOfWork(atImagesPerSecond speed: Double) -> Double {
    guard gap > 0, speed > 0, speed.isFinite else { return 0 }
    recent.append((gap, 1 / speed))
    if recent.count > Self.steps { recent.removeFirst() }
    // Images of a step. Over some steps it does not matter that a record came late; gaps that were no work are left out.
    let middle = recent.map(\.gap).sorted()[recent.count / 2]
    let work = recent.filter { $0.gap <= 3 * middle }
    let images = work.reduce(0) { $0 + $1.gap } / work.reduce(0) { $0 + $1.pace }
    let step = images / speed
    let more = max(0, step - counted)
    learn(step, from: usual ?? step)
    gap = 0
    counted += more
    return more
  }

  /// One slow step is not yet usual.
  private mutating func learn(_ step: Double, from usual: Double) { self.usual = usual + (min(step, 2 * usual) - usual) * 0.05 }
}
