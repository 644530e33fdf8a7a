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
  public private(set) var entries: [Entry] = []
  private var places: [Name: Int] = [:]
  /// The first curve of each meaning.
  private var firsts: [CurveMeaning: Int] = [:]
  /// Curves that are not the first of a usual meaning, in the order of their first points.
  public private(set) var others: [Int] = []
  /// Curves that were logged by epoch.
  private var byEpoch: [Int] = []
  /// Training curves that were taken up again.
  private var restarted: Set<Int> = []
  /// Curves that the records at hand belong to.
  private var touched: [Int] = []
  private var bounds = CurveBounds()
  private var smoothing = 0.0

  /// What it will do, if its trainer told.
  public var beginning: RunBeginning?
  public var costs: ModelCosts?
  /// How much better it does on what it has seen, evaluation by evaluation.
  public private(set) var gaps = Curve()
  private var evaluationsWithGap = 0
  /// First steps of sessions that went on with the run.
  public private(set) var resumedAt: [Int] = []
  /// Steps at which sessions of a log were resumed, by the log's own word.
  private var sessions: [Int] = []
  /// Whether several files of its log hold one curve at the same time; the curve that showed it first.
  public private(set) var sharedTag: String?
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
    firsts[CurveMeaning(quantity, phase)].map { entries[$0].curve }
  }

  public func curve(tag: String) -> Curve? { places[Name(tag)].map { entries[$0].curve } }

  /// Whether it has a curve of one of these.
  public func hasCurve(of quantities: [CurveMeaning.Quantity]) -> Bool {
    quantities.contains { firsts[CurveMeaning($0, .training)] != nil || firsts[CurveMeaning($0, .evaluation)] != nil }
  }

  /// The last step of all training curves.
  public var lastStep: Int { lastTrainingStep ?? 0 }
  private var lastTrainingStep: Int?

  /// When its last point was logged, in seconds since 1970; times that are none left out.
  public private(set) var lastTime: Double?

  /// From the first to the last point of all its curves.
  public func extent(on axis: CurveAxis) -> ClosedRange<Double>? { bounds.range(on: axis, stepsPerEpoch: stepsPerEpoch ?? 1) }

  /// Steps at which the run was taken up again, rising.
  public var restartSteps: [Int] {
    let curves = restarted.flatMap { entries[$0].curve.restarts + entries[$0].writers.restarts }
    return Set(resumedAt + sessions + curves).sorted()
  }

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
    for place in byEpoch {
      let entry = entries[place]
      guard let last = entry.curve.last, let epoch = last.epoch, let first = entry.curve[0].epoch, last.step > 0 else { continue }
      // Ours are counted from 0 whichever was evaluated first; others' from where they begin.
      let begin = Tag.isOurEvaluation(entry.tag) ? 0 : Double(first)
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

  // MARK: Records

  /// Takes records of this model's log, in the order of their times.
  mutating func receive(_ records: [ScalarRecord], sessions: [Int]? = nil) {
    if let sessions { self.sessions = sessions }
    let accuracy = CurveMeaning(.accuracy, .training)
    for record in records { receive(record) }
    var areGapsVoid = false
    for place in touched {
      // A value that belongs before the last evaluation changes what is known of it.
      let isOfGaps = place == firsts[accuracy] || place == firsts[CurveMeaning(.accuracy, .evaluation)]
      let moved = entries[place].curve.movedPoints
      settle(place)
      areGapsVoid = areGapsVoid || (isOfGaps && entries[place].curve.movedPoints != moved)
      bounds.include(entries[place].curve)
    }
    touched.removeAll(keepingCapacity: true)
    refreshGaps(fromStart: areGapsVoid)
  }

  /// Takes one record, whose point goes into its curve with the others at hand.
  ///
  /// Evaluations are often logged by epoch, while training counts steps. Such a record is placed at the last training step
  /// that the log has before it, so that both share one axis. It is told from one that is logged by step
  /// - under our own tags by a first number below that step: runs of this program count epochs from 0, whichever they evaluate first;
  /// - under others' by a first number of 0 or 1 after longer training.
  private mutating func receive(_ record: ScalarRecord) {
    let place = place(of: record.tag)
    let isEvaluation = entries[place].meaning.phase == .evaluation
    work(logClock.secondsOfWork(until: record.wallTime, isEvaluation: isEvaluation))
    if record.tag == Tag.imagesPerSecond { work(logClock.secondsOfWork(atImagesPerSecond: Double(record.value))) }
    var point = CurvePoint(step: record.step, wallTime: record.wallTime, activeSeconds: activeSeconds, value: record.value)
    if isEvaluation {
      let isFirst = entries[place].highestStep == nil
      if isFirst && record.step < lastStep && (Tag.isOurEvaluation(record.tag) || (0...1).contains(record.step)) {
        entries[place].isByEpoch = true
      }
      if entries[place].isByEpoch { checkEpoch(record.step, at: place) }
      if entries[place].isByEpoch {
        point.epoch = record.step
        point.step = max(lastStep, entries[place].highestStep ?? 0)
      }
    }
    entries[place].writers.note(record)
    if entries[place].writers.areSeveral, sharedTag == nil { sharedTag = record.tag }
    if !entries[place].writers.restarts.isEmpty && !isEvaluation { restarted.insert(place) }
    if record.isRestart {
      settle(place)
      entries[place].curve.restart(at: point.step)
      noteRestart(of: place)
    }
    if entries[place].arriving.isEmpty { touched.append(place) }
    entries[place].arriving.append(point)
    note(point, at: place)
  }

  /// Between evaluations of two epochs there is training. Where there is none, a file of evaluations by step was written after the
  /// file of the training: its points go to their own steps.
  private mutating func checkEpoch(_ epoch: Int, at place: Int) {
    guard let last = entries[place].lastEpoch, last != epoch, entries[place].highestStep == lastStep else { return }
    settle(place)
    entries[place].curve.placeByEpochs()
    entries[place].isByEpoch = false
    entries[place].highestStep = entries[place].curve.last?.step
    byEpoch.removeAll { $0 == place }
    recount()
  }

  private mutating func settle(_ place: Int) {
    entries[place].curve.insert(entries[place].arriving)
    entries[place].arriving = []
  }

  /// Adds time at work. A log may hold any number as a time or a speed: more than thirty years between two records are none.
  private mutating func work(_ seconds: Double) {
    if seconds < 1e9 { activeSeconds += seconds }
  }

  /// Adds the gaps of evaluations that have none yet.
  private mutating func refreshGaps(fromStart: Bool) {
    guard let place = firsts[CurveMeaning(.accuracy, .evaluation)] else { return }
    if fromStart {
      gaps = Curve()
      evaluationsWithGap = 0
    }
    let curve = entries[place].curve
    for index in min(evaluationsWithGap, curve.count)..<curve.count {
      guard let gap = gap(at: index) else { continue }
      var point = curve[index]
      point.value = Float(gap)
      gaps.append(point)
    }
    evaluationsWithGap = curve.count
  }

  private mutating func append(_ tag: String, step: Int, epoch: Int? = nil, wallTime: Double, value: Float) {
    let place = place(of: tag)
    let point = CurvePoint(step: step, epoch: epoch, wallTime: wallTime, activeSeconds: activeSeconds, value: value)
    let restarts = entries[place].curve.restarts
    entries[place].curve.append(point)
    note(point, at: place)
    if entries[place].curve.restarts != restarts { noteRestart(of: place) }
    bounds.include(entries[place].curve)
    guard place == firsts[CurveMeaning(.accuracy, .evaluation)] else { return }
    guard let gap = gap(at: entries[place].curve.count - 1) else { return }
    var gapPoint = point
    gapPoint.value = Float(gap)
    gaps.append(gapPoint)
  }

  private mutating func place(of tag: String) -> Int {
    if let place = places[Name(tag)] { return place }
    var entry = Entry(tag: tag, meaning: CurveMeaning(tag: tag))
    entry.curve.smooth(weight: smoothing)
    let place = entries.count
    places[Name(tag)] = place
    if firsts[entry.meaning] == nil {
      firsts[entry.meaning] = place
      if entry.meaning.quantity == .other { others.append(place) }
    } else {
      others.append(place)
    }
    entries.append(entry)
    return place
  }

  /// Keeps what the views ask for at every frame.
  private mutating func note(_ point: CurvePoint, at place: Int) {
    let isFirst = entries[place].highestStep == nil
    entries[place].highestStep = max(point.step, entries[place].highestStep ?? .min)
    entries[place].lastEpoch = point.epoch
    if isFirst && point.epoch != nil { byEpoch.append(place) }
    if entries[place].meaning.phase == .training { lastTrainingStep = max(point.step, lastTrainingStep ?? .min) }
    if point.wallTime.isFinite { lastTime = max(point.wallTime, lastTime ?? point.wallTime) }
  }

  /// After a curve gave up its end. Only this program's trainer and old event files do that, so that few curves are walked.
  private mutating func noteRestart(of place: Int) {
    entries[place].highestStep = entries[place].curve.last?.step
    if entries[place].meaning.phase == .training { restarted.insert(place) }
    lastTrainingStep = entries.lazy.filter { $0.meaning.phase == .training }.compactMap { $0.curve.last?.step }.max()
    recount()
  }

  private mutating func recount() {
    evaluationsWithGap = 0
    bounds = CurveBounds()
    for entry in entries { bounds.include(entry.curve) }
  }
}
