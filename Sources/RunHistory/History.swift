import Names
import NumberFormats
import ScalarLogs
import TrainingEvents

/// Everything that is known of the runs on show: serves dashboard, watch and report.
///
/// It is a value: nothing but its own methods changes it, and drawing it records nothing.
public struct History: Sendable {
  /// Something that people were told, and when.
  public struct Line: Sendable, Equatable {
    public enum Kind: Sendable { case notice, warning, output }

    /// Seconds since 1970.
    public var time: Double
    public var kind: Kind
    public var text: String

    public init(time: Double, kind: Kind, text: String) {
      self.time = time
      self.kind = kind
      self.text = text
    }
  }

  /// In the order of their first appearance.
  public private(set) var models: [ModelHistory] = []
  /// What was said, the newest last; the oldest go when there are too many.
  public private(set) var lines: [Line] = []
  /// How many were said in all, those that went among them.
  public private(set) var linesSaid = 0
  public private(set) var state = RunState.preparing
  public private(set) var end: EndReason?
  /// The model that spoke last, among `models`.
  public private(set) var current: Int?
  /// The trainer's own forecast for the whole run.
  public private(set) var secondsLeft: Double?

  private var places: [Name: Int] = [:]
  private var numbers: [Name: Int] = [:]
  /// Logs of which people were told that several files hold one curve.
  private var reportedAsShared: Set<Name> = []
  private var smoothing = 0.0
  private var lastEventTime: Double?
  /// Work since the last event that names its model.
  private var accrued = 0.0
  /// When the process was stopped, as far as events are still to come from it.
  private var rests: [ClosedRange<Double>] = []

  private static let mostLines = 10_000

  public init() {}

  // MARK: From a trainer

  /// Takes the next event of the run that this process trains.
  ///
  /// - Parameter wallTime: seconds since 1970 when it happened.
  public mutating func receive(_ event: TrainingEvent, at wallTime: Double) {
    if let lastEventTime, state == .training || state == .evaluating { accrued += work(from: lastEventTime, to: wallTime) }
    lastEventTime = wallTime
    rests.removeAll { $0.upperBound <= wallTime }
    switch event {
    case .begin(let event): give(.begin(event), to: event.model, wallTime)
    case .step(let step):
      secondsLeft = step.secondsLeft ?? secondsLeft
      give(event, to: step.model, wallTime)
    case .evaluation(let evaluation):
      give(event, to: evaluation.model, wallTime)
      say(Line(time: wallTime, kind: .notice, text: Self.sentence(evaluation)))
    case .epoch(let epoch): give(event, to: epoch.model, wallTime)
    case .checkpoint(let checkpoint):
      give(event, to: checkpoint.model, wallTime)
      let kind = checkpoint.kind == .best ? "best checkpoint" : "checkpoint"
      say(Line(time: wallTime, kind: .output, text: "\(kind): \(checkpoint.path)"))
    case .diverged(let model, _, let step):
      give(event, to: model, wallTime)
      say(Line(time: wallTime, kind: .warning, text: "\(model) diverged at step \(step)"))
    case .dropped(let model, _, _): give(event, to: model, wallTime)
    case .dataChanged(let change): give(event, to: change.model, wallTime)
    case .state(let state): self.state = state
    case .notice(let text): say(Line(time: wallTime, kind: .notice, text: text))
    case .warning(let text): say(Line(time: wallTime, kind: .warning, text: text))
    case .end(let reason):
      end = reason
      state = .ended
      if case .failed(let sentence) = reason { say(Line(time: wallTime, kind: .warning, text: sentence)) }
    }
  }

  /// Notes a stretch, in seconds since 1970, in which the process was stopped. To be told before the events after it.
  public mutating func rest(_ stretch: ClosedRange<Double>) { rests.append(stretch) }

  private func work(from start: Double, to end: Double) -> Double {
    let rested = rests.reduce(0) { $0 + max(0, min($1.upperBound, end) - max($1.lowerBound, start)) }
    return max(0, end - start - rested)
  }

  private static func sentence(_ evaluation: EvaluationEvent) -> String {
    let accuracy = CurveMeaning.Quantity.accuracy.format.text(Double(evaluation.accuracy))
    let loss = CurveMeaning.Quantity.loss.format.text(Double(evaluation.loss))
    return "\(evaluation.model): epoch \(evaluation.epoch + 1) evaluated, accuracy \(accuracy), loss \(loss)"
      + (evaluation.isBest ? ", the best so far" : "")
  }

  private mutating func give(_ event: TrainingEvent, to model: String, _ wallTime: Double) {
    let place = place(of: model)
    current = place
    models[place].receive(event, wallTime: wallTime, activeSeconds: accrued)
    accrued = 0
  }

  /// Takes what a model costs.
  public mutating func receive(_ costs: ModelCosts) { models[place(of: costs.model)].costs = costs }

  public mutating func say(_ line: Line) {
    lines.append(line)
    linesSaid += 1
    if lines.count > Self.mostLines { lines.removeFirst(lines.count - Self.mostLines * 9 / 10) }
  }

  // MARK: From logs

  /// Takes records of a log, in the order of their times.
  ///
  /// - Parameters:
  ///   - sessions: steps at which the log's sessions were resumed; nil if nothing new is known.
  ///   - time: seconds since 1970, for what is reported.
  public mutating func receive(_ records: [ScalarRecord], of name: String, sessions: [Int]? = nil, at time: Double = 0) {
    let place = place(of: name)
    models[place].receive(records, sessions: sessions)
    if let tag = models[place].sharedTag, reportedAsShared.insert(Name(name)).inserted {
      let text = "\(name): several files hold \(tag) at the same time; all their values are drawn as one curve"
      say(Line(time: time, kind: .warning, text: text))
    }
    if let last = records.last {
      let isNewest = current.map { $0 == place || (models[$0].lastTime ?? -.infinity) <= last.wallTime } ?? true
      if isNewest { current = place }
    }
  }

  /// Gives out numbers to those that have none, in this order, whichever will have something to show first: colours are then the
  /// same at every start.
  public mutating func number(_ names: [String]) {
    for name in names where numbers[Name(name)] == nil { numbers[Name(name)] = numbers.count + 1 }
  }

  /// Forgets a log's curves, as it was written anew.
  public mutating func restart(_ name: String) {
    guard let place = places[Name(name)] else { return }
    models[place] = ModelHistory(name: name, number: models[place].number)
    models[place].smooth(weight: smoothing)
  }

  // MARK: Looking

  /// Chooses the average that is kept beside all curves.
  public mutating func smooth(weight: Double) {
    smoothing = weight
    for index in models.indices { models[index].smooth(weight: weight) }
  }

  public func model(named name: String) -> ModelHistory? { places[Name(name)].map { models[$0] } }

  private mutating func place(of name: String) -> Int {
    if let place = places[Name(name)] { return place }
    number([name])
    var model = ModelHistory(name: name, number: numbers[Name(name)]!)
    model.smooth(weight: smoothing)
    places[Name(name)] = models.count
    models.append(model)
    return models.count - 1
  }
}
