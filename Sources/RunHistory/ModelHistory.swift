import ScalarLogs
import TrainingEvents

/// One model's part of one run: its curves and what else is known of it.
public struct ModelHistory: Sendable {
  /// A curve under the tag of its log.
  public struct Entry: Sendable {
    public let tag: String
    public let meaning: CurveMeaning
    public var curve = Curve()
  }

  /// Unique among the histories shown together.
  public let name: String
  /// Decides its colour and its marker; from 1.
  public let number: Int
  /// In the order of their first points.
  public private(set) var entries: [Entry] = []
  private var places: [String: Int] = [:]
  private var smoothing = 0.0

  /// What it will do, if its trainer told.
  public var beginning: RunBeginning?
  public var costs: ModelCosts?
  /// How much better it does on what it has seen, evaluation by evaluation.
  public private(set) var gaps = Curve()
  /// First steps of sessions that went on with the run.
  public private(set) var resumedAt: [Int] = []
  public private(set) var divergedAt: [Int] = []
  /// The step at which it diverged and ended, while other models of its run train on; nil for all others.
  public private(set) var droppedAt: Int?
  public private(set) var checkpoints: [CheckpointEvent] = []
  /// Seconds at work in the whole record.
  public private(set) var activeSeconds = 0.0
  private var logClock = LogClock()

  public init(name: String, number: Int) {
    self.name = name
    self.number = number
  }

  // MARK: Looking

  /// The first curve that shows a quantity.
  public func curve(_ quantity: CurveMeaning.Quantity, _ phase: CurveMeaning.Phase) -> Curve? {
    entries.first { $0.meaning == CurveMeaning(quantity, phase) && !$0.curve.isEmpty }?.curve
  }

  public func curve(tag: String) -> Curve? { places[tag].map { entries[$0].curve } }

  /// The last step of all training curves.
  public var lastStep: Int { entries.lazy.filter { $0.meaning.phase == .training }.compactMap { $0.curve.last?.step }.max() ?? 0 }

  /// When its last point was logged, in seconds since 1970.
  public var lastTime: Double? { entries.lazy.compactMap { $0.curve.last?.wallTime }.max() }

  /// Where in the epochs it is: the one under way, from 1, and its steps that are done. One that has just ended stays until the
  /// next has a step; nil where their number is not known.
  public var progress: (epoch: Int, step: Int)? {
    guard let beginning, beginning.totalSteps > 0 else { return nil }
    let step = min(max(lastStep, beginning.resumedAtStep), beginning.totalSteps)
    let ended = max(0, step - 1) / beginning.stepsPerEpoch
    return (ended + 1, step - ended * beginning.stepsPerEpoch)
  }

  /// Steps of an epoch, told by the trainer or by evaluations that were logged by epoch; nil if nothing tells.
  public var stepsPerEpoch: Double? {
    if let steps = beginning?.stepsPerEpoch, steps > 0 { return Double(steps) }
    for entry in entries {
      guard let last = entry.curve.last, let epoch = last.epoch, let first = entry.curve[0].epoch, last.step > 0 else { continue }
      // Ours are counted from 0 whichever was evaluated first; others' from where they begin.
      let begin = Tag.evaluations.contains(entry.tag) ? 0 : Double(first)
      return Double(last.step) / max(1, Double(epoch) - begin + 1)
    }
    return nil
  }

  // MARK: Growing

  public mutating func smooth(weight: Double) {
    smoothing = weight
    for index in entries.indices { entries[index].curve.smooth(weight: weight) }
  }

  /// Takes an event of this model.
  ///
  /// - Parameters:
  ///   - wallTime: seconds since 1970.
  ///   - seconds: of work that went into it since the model's last event.
  mutating func receive(_ event: TrainingEvent, wallTime: Double, activeSeconds seconds: Double) {
    activeSeconds += seconds
    switch event {
    case .begin(let beginning):
      self.beginning = beginning
      if beginning.resumedAtStep > 0 { resumedAt.append(beginning.resumedAtStep + 1) }
    case .step(let step):
      append(Tag.loss, step: step.step, wallTime: wallTime, value: step.loss)
      append(Tag.accuracy, step: step.step, wallTime: wallTime, value: step.accuracy)
      append(Tag.learningRate, step: step.step, wallTime: wallTime, value: step.learningRate)
      append(Tag.imagesPerSecond, step: step.step, wallTime: wallTime, value: step.imagesPerSecond)
    case .evaluation(let evaluation):
      append(Tag.evaluationLoss, step: evaluation.step, epoch: evaluation.epoch, wallTime: wallTime, value: evaluation.loss)
      append(Tag.evaluationAccuracy, step: evaluation.step, epoch: evaluation.epoch, wallTime: wallTime, value: evaluation.accuracy)
    case .checkpoint(let checkpoint): checkpoints.append(checkpoint)
    case .diverged(_, _, let step): divergedAt.append(step)
    case .dropped(_, _, let step): droppedAt = step
    case .epoch, .end, .state, .notice, .warning: break
    }
  }

  /// Takes a record of this model's log.
  ///
  /// Evaluations are often logged by epoch, while training counts steps. Such a record is placed at the last training step
  /// that the log has before it, so that both share one axis. It is told from one that is logged by step
  /// - under our own tags by a number below that step: runs of this program count epochs from 0, whichever they evaluate first;
  /// - under others' by a first number of 0 or 1 after longer training.
  mutating func receive(_ record: ScalarRecord) {
    let place = place(of: record.tag)
    let isEvaluation = entries[place].meaning.phase == .evaluation
    activeSeconds += logClock.secondsOfWork(until: record.wallTime, isEvaluation: isEvaluation)
    if record.tag == Tag.imagesPerSecond { activeSeconds += logClock.secondsOfWork(atImagesPerSecond: Double(record.value)) }
    var point = CurvePoint(step: record.step, wallTime: record.wallTime, activeSeconds: activeSeconds, value: record.value)
    if isEvaluation {
      let last = entries[place].curve.last
      let trained = lastStep
      let isOurs = Tag.evaluations.contains(record.tag)
      if last?.epoch != nil || (record.step < trained && (isOurs || (last == nil && record.step <= 1))) {
        point.epoch = record.step
        point.step = max(trained, last?.step ?? 0)
      }
    }
    append(point, at: place)
  }

  private mutating func append(_ tag: String, step: Int, epoch: Int? = nil, wallTime: Double, value: Float) {
    append(
      CurvePoint(step: step, epoch: epoch, wallTime: wallTime, activeSeconds: activeSeconds, value: value), at: place(of: tag))
  }

  private mutating func append(_ point: CurvePoint, at place: Int) {
    entries[place].curve.append(point)
    let meaning = CurveMeaning(.accuracy, .evaluation)
    guard entries[place].meaning == meaning, entries.first(where: { $0.meaning == meaning })?.tag == entries[place].tag else { return }
    guard let gap = lastGap(entries[place].curve) else { return }
    var point = point
    point.value = Float(gap)
    gaps.append(point)
  }

  private mutating func place(of tag: String) -> Int {
    if let place = places[tag] { return place }
    var entry = Entry(tag: tag, meaning: CurveMeaning(tag: tag))
    entry.curve.smooth(weight: smoothing)
    places[tag] = entries.count
    entries.append(entry)
    return entries.count - 1
  }

  /// The tags that runs of this program log.
  enum Tag {
    static let loss = "train/loss"
    static let accuracy = "train/acc"
    static let learningRate = "train/lr"
    static let imagesPerSecond = "train/images_per_second"
    static let evaluationLoss = "eval/loss"
    static let evaluationAccuracy = "eval/acc"
    static let evaluations: Set = [evaluationLoss, evaluationAccuracy]
  }
}
