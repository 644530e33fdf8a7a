/// How long steps and evaluations take in this session, for an honest guess at what is left.
///
/// Only time at work counts: pauses, other models' turns and earlier sessions never do. The first step is left out, as it
/// lays out memory that later ones find ready.
public struct Pace: Sendable {
  private var seconds = 0.0
  private var weight = 0.0
  private var isFirstStep = true
  /// Of the last evaluation, whose cost changes little.
  public private(set) var secondsPerEvaluation: Double?

  /// How much of the past each step keeps, so that the guess follows a machine that gets busier.
  private static let memory = 0.98

  public init() {}

  public mutating func addStep(seconds: Double) {
    if isFirstStep {
      isFirstStep = false
      return
    }
    self.seconds = self.seconds * Self.memory + seconds
    weight = weight * Self.memory + 1
  }

  public mutating func addEvaluation(seconds: Double) { secondsPerEvaluation = seconds }

  public var secondsPerStep: Double? { weight > 0 ? seconds / weight : nil }

  /// Seconds for so many steps and evaluations; nil before two steps were seen.
  ///
  /// Until one was seen, an evaluation counts nothing: the guess is then one for training alone.
  public func secondsLeft(steps: Int, evaluations: Int) -> Double? {
    secondsPerStep.map { Double(steps) * $0 + Double(evaluations) * (secondsPerEvaluation ?? 0) }
  }
}

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
