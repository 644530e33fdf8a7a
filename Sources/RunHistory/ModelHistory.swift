import Names
import ScalarLogs
import TrainingEvents

/// One model's part of one run: its curves and what else is known of it.
public struct ModelHistory: Sendable {
  /// A curve under the tag of its log.
  public struct Entry: Sendable {
    public let tag: String
    public let meaning: CurveMeaning
    public internal(set) var curve = Curve()
    var writers = CurveWriters()
    /// Points of the records at hand, on their way into the curve.
    var arriving: [CurvePoint] = []
    /// Whether its points so far were logged by epoch.
    var isByEpoch = false
    var lastEpoch: Int?
    /// The highest step that one of its points has.
    var highestStep: Int?
  }

  /// Unique among the histories shown together.
  public let name: String
  /// Decides its colour and its marker; from 1.
  public let number: Int
  /// In the order of their first points.
  public internal(set) var entries: [Entry] = []
  var places: [Name: Int] = [:]
  /// The first curve of each meaning.
  var firsts: [CurveMeaning: Int] = [:]
  /// Curves that are not the first of a usual meaning, in the order of their first points.
  public internal(set) var others: [Int] = []
  /// Curves that were logged by epoch.
  var byEpoch: [Int] = []
  /// Training curves that were taken up again.
  var restarted: Set<Int> = []
  /// Curves that the records at hand belong to.
  var touched: [Int] = []
  var bounds = CurveBounds()
  var smoothing = 0.0

  /// What it will do, if its trainer told.
  public var beginning: RunBeginning?
  public var costs: ModelCosts?
  /// How much better it does on what it has seen, evaluation by evaluation.
  public internal(set) var gaps = Curve()
  var evaluationsWithGap = 0
  /// First steps of sessions that went on with the run.
  public internal(set) var resumedAt: [Int] = []
  /// Steps at which sessions of a log were resumed, by the log's own word.
  var sessions: [Int] = []
  /// Whether several files of its log hold one curve at the same time; the curve that showed it first.
  public internal(set) var sharedTag: String?
  public internal(set) var divergedAt: [Int] = []
  /// The step at which it diverged and ended, while other models of its run train on; nil for all others.
  public internal(set) var droppedAt: Int?
  /// The first steps with changed images, rising.
  public internal(set) var dataChangedAt: [Int] = []
  public internal(set) var checkpoints: [CheckpointEvent] = []
  /// Seconds at work in the whole record.
  public internal(set) var activeSeconds = 0.0
  var logClock = LogClock()

  public init(name: String, number: Int) {
    self.name = name
    self.number = number
  }

  // MARK: Looking

  /// The first curve that shows a quantity.
  public func curve(_ quantity: CurveMeaning.Quantity, _ phase: CurveMeaning.Phase) -> Curve? {
    firsts[CurveMeaning(quantity, phase)].map { entries[$0].curve }
  }

  public func curve(tag: String) -> Curve? { places[Name(tag)].map { entries[$0].curve } }

  /// Whether it has a curve of one of these.
  public func hasCurve(of quantities: [CurveMeaning.Quantity]) -> Bool {
    quantities.contains { firsts[CurveMeaning($0, .training)] != nil || firsts[CurveMeaning($0, .evaluation)] != nil }
  }

  /// The last step of all training curves.
  public var lastStep: Int { lastTrainingStep ?? 0 }
  var lastTrainingStep: Int?

  /// When its last point was logged, in seconds since 1970; times that are none left out.
  public internal(set) var lastTime: Double?

  /// From the first to the last point of all its curves.
  public func extent(on axis: CurveAxis) -> ClosedRange<Double>? { bounds.range(on: axis, stepsPerEpoch: stepsPerEpoch ?? 1) }

  /// Steps at which the run was taken up again, rising.
  public var restartSteps: [Int] {
    let curves = restarted.flatMap { entries[$0].curve.restarts + entries[$0].writers.restarts }
    return Set(resumedAt + sessions + curves).sorted()
  }

  /// Steps of an epoch, told by the trainer or by evaluations that were logged by epoch; nil if nothing tells.
  public var stepsPerEpoch: Double? {
    if let steps = beginning?.stepsPerEpoch, steps > 0 { return Double(steps) }
    for place in byEpoch {
      let entry = entries[place]
      guard let last = entry.curve.last, let epoch = last.epoch, let first = entry.curve[0].epoch, last.step > 0 else { continue }
      // Ours are counted from 0 whichever was evaluated first; others' from where they begin.
      let begin = Tag.isOurEvaluation(entry.tag) ? 0 : Double(first)
      return Double(last.step) / max(1, Double(epoch) - begin + 1)
    }
    return nil
  }

  public mutating func smooth(weight: Double) {
    smoothing = weight
    for index in entries.indices { entries[index].curve.smooth(weight: weight) }
  }
}
