import Foundation
import ImageData
import TrainingEvents

/// One session of a run: trains its models, evaluates them, writes checkpoints and tells of it, on the trainer's thread.
///
/// Several models take turns, an epoch each, on the same data in the same order.
final class TrainingSession {
  let models: [ModelTraining]
  let recipe: TrainingRecipe
  let data: TrainingData
  let bus: EventBus
  private let control: RunControl
  let folderGuard: RunFolderGuard
  private let advice: (_ seconds: Double) -> [String]
  private var stepsThisSession = 0
  /// Steps after which the first forecast is worth telling.
  private static let forecastAfter = 5

  init(
    _ models: [ModelTraining], recipe: TrainingRecipe, data: TrainingData, bus: EventBus, control: RunControl,
    folderGuard: RunFolderGuard, advice: @escaping (_ seconds: Double) -> [String] = { _ in [] }
  ) throws {
    self.advice = advice
    self.folderGuard = folderGuard
    self.models = models
    lastSaved = Dictionary(uniqueKeysWithValues: try models.compactMap { model in try model.lastCheckpoint.map { (model.name, $0) } })
    self.recipe = recipe
    self.data = data
    self.bus = bus
    self.control = control
  }

  /// Trains to the end, or until asked to stop.
  func run() throws -> EndReason {
    for model in models {
      if let end = model.divergence {
        try bus.send(.dropped(model: model.name, epoch: end.epoch, step: end.step))
        continue
      }
      try bus.send(
        .begin(
          RunBeginning(
            model: model.name, parameters: model.parameterCount, epochs: recipe.epochs, stepsPerEpoch: model.stepsPerEpoch,
            trainImages: data.folder.training.count, evaluationImages: data.folder.evaluation.count, resumedAtStep: model.state.step)))
    }
    do {
      try saveChanges()
      let reason = try runEpochs()
      try keepFolder()
      try change(to: .ended)
      return reason
    } catch let loss as RunFolderLoss {
      throw rescued(loss)
    } catch {
      guard let loss = loss(behind: error) else { throw error }
      throw rescued(loss)
    }
  }

  private func runEpochs() throws -> EndReason {
    for epoch in 0..<recipe.epochs {
      for model in models {
        if model.divergence == nil, let reason = try run(model, epoch: epoch) { return reason }
      }
      // The end of all ends the run at once.
      if models.allSatisfy({ $0.divergence != nil }) { break }
    }
    return try endReason()
  }

  /// What of `epoch` the model has not done yet; nil when it is done.
  private func run(_ model: ModelTraining, epoch: Int) throws -> EndReason? {
    if model.state.position.epoch == epoch {
      try change(to: .training)
      while true {
        if let reason = try obey(model, during: .training) { return reason }
        let outcome = try savingIfBroken(model) { try model.step() }
        if let reason = try tell(outcome, of: model) { return reason }
        if model.divergence != nil { return nil }
        if outcome.endsEpoch { break }
        if model.isCheckpointDue { try save(model) }
      }
      try bus.send(.epoch(model.finishEpoch()))
      try save(model)
    }
    if model.state.evaluationPending, model.state.position.epoch == epoch + 1 {
      return try evaluate(model)
    }
    return nil
  }

  /// An image that turns out broken in the midst of a run must not cost what was trained since the last checkpoint.
  private func savingIfBroken<Outcome>(_ model: ModelTraining, _ body: () throws -> Outcome) throws -> Outcome {
    do {
      return try body()
    } catch let error as ImageError {
      guard model.state.step > 0 else { throw error }
      do {
        try save(model)
        try bus.send(
          .warning(
            "an image is broken; --resume continues after step \(model.state.step); "
              + "add --skip-bad-images to skip this image, or --accept-changed-data once it is replaced or removed"))
      } catch let other {
        // The image is what the user must hear of in the end.
        try? bus.send(.warning("\(other)"))
      }
      throw error
    }
  }

  private func tell(_ outcome: ModelTraining.StepOutcome, of model: ModelTraining) throws -> EndReason? {
    guard var step = outcome.event else { return nil }
    step.secondsLeft = secondsLeft
    try keepFolder(sending: .step(step))
    try keepCheckpoint(of: model)
    stepsThisSession += 1
    if stepsThisSession == Self.forecastAfter, let seconds = secondsLeft {
      try bus.send(.notice("about \(Durations.text(seconds)) to go"))
      for sentence in advice(seconds) { try bus.send(.notice(sentence)) }
    }
    switch outcome.spoilt {
    case nil: return nil
    case .loss:
      return try diverge(
        model, Divergence(epoch: step.epoch, step: step.step, cause: .loss),
        "the loss of \(model.name) is \(Self.text(step.loss)) at step \(step.step)", "the batch is passed over")
    case .gradients:
      return try diverge(
        model, Divergence(epoch: step.epoch, step: step.step, cause: .gradients),
        "gradients of \(model.name) are not finite numbers at step \(step.step)", "the batch is passed over")
    }
  }

  // MARK: Evaluation

  private func evaluate(_ model: ModelTraining) throws -> EndReason? {
    try change(to: .evaluating)
    var reason: EndReason?
    let evaluation = try model.evaluate { _ in
      try keepFolder()
      reason = try obey(model, during: .evaluating)
      return reason == nil
    }
    guard let evaluation else { return reason }
    try keepFolder(sending: .evaluation(evaluation))
    guard evaluation.loss.isFinite else {
      try model.withdrawCheckpoint()
      lastSaved[model.name] = try model.lastCheckpoint
      return try diverge(
        model, Divergence(epoch: evaluation.epoch, step: evaluation.step, cause: .evaluation),
        "the evaluation loss of \(model.name) is \(Self.text(evaluation.loss)) at step \(evaluation.step)",
        "the weights are not saved")
    }
    // The step's folder is there already: only its state changes.
    try save(model, isBest: evaluation.isBest)
    return nil
  }

  // MARK: Control

  /// Does what is asked of the run; nil to go on.
  private func obey(_ model: ModelTraining, during state: RunState) throws -> EndReason? {
    while true {
      switch control.next() {
      case .proceed: return nil
      case .checkpoint:
        try save(model)
        try change(to: control.isPaused ? .paused : state)
      case .pause:
        try change(to: .paused)
        control.waitWhilePaused()
        if !control.isPaused { try change(to: state) }
      case .stop(let stop):
        if stop != .discarding { try save(model) }
        return EndReason(stop)
      }
    }
  }

  // MARK: Checkpoints

  func save(_ model: ModelTraining, isBest: Bool = false) throws {
    try keepFolder()
    try write(model, isBest: isBest)
  }

  func write(_ model: ModelTraining, isBest: Bool) throws {
    // What a checkpoint says was done must be in the logs, however the process ends after it.
    try bus.flush(durably: true)
    guard let path = try model.save(isBest: isBest) else {
      let last = try model.lastCheckpoint.map { "the last checkpoint stays \($0)" } ?? "there is no checkpoint yet"
      return try bus.send(.warning("the weights of \(model.name) no longer give finite numbers, so they are not saved; \(last)"))
    }
    if isBest {
      try bus.send(.checkpoint(CheckpointEvent(model: model.name, step: model.state.step, path: path, kind: .best)))
    } else if lastSaved[model.name] != path {
      try bus.send(.checkpoint(CheckpointEvent(model: model.name, step: model.state.step, path: path, kind: .latest)))
    }
    lastSaved[model.name] = path
  }

  /// Last checkpoint reported for each model; a checkpoint whose state alone changed is not reported again.
  var lastSaved: [String: String]

  private func change(to state: RunState) throws { try bus.send(.state(state)) }

  /// For all models that are trained; nil until each that has work left was timed, or another one in its place.
  var secondsLeft: Double? {
    let each = models.filter { $0.divergence == nil }.map(\.secondsLeft)
    let known = each.compactMap { $0 }
    guard !known.isEmpty else { return nil }
    let mean = known.reduce(0, +) / Double(known.count)
    return each.reduce(0) { $0 + ($1 ?? mean) }
  }
}
