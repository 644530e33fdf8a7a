import NumberFormats
import TrainingEvents

/// What a session does with numbers that are not finite.
extension TrainingSession {
  /// Reports numbers that are not finite, and ends the run or the model as the recipe asks.
  ///
  /// - Parameter consequence: where the run skips the batch, as words.
  /// - Returns: why the run ends; nil if it does not.
  func diverge(_ model: ModelTraining, _ divergence: Divergence, _ what: String, _ consequence: String) throws -> EndReason? {
    try bus.send(.diverged(model: model.name, epoch: divergence.epoch, step: divergence.step))
    switch recipe.onNonFinite {
    case .skip:
      try bus.send(.warning("\(what); \(consequence)"))
      return nil
    case .stop:
      try bus.send(.warning("\(what); \(try lastGood(model))"))
      return .diverged
    case .drop:
      try drop(model, divergence, what)
      return nil
    }
  }

  /// Ends a model alone.
  private func drop(_ model: ModelTraining, _ divergence: Divergence, _ what: String) throws {
    // A run killed after the file is written resumes without the model: its logs must hold the step that shows why.
    try bus.flush(durably: true)
    try model.end(divergence)
    let others = models.contains { $0.divergence == nil } ? " and ends alone, the others train on" : ""
    try bus.send(.warning("\(what): \(model.name) diverged at step \(divergence.step)\(others); \(try lastGood(model))"))
    try bus.send(.dropped(model: model.name, epoch: divergence.epoch, step: divergence.step))
  }

  /// The reason of a run that has done all its epochs: weights that are not sound must not pass for a finished model.
  func endReason() throws -> EndReason {
    for model in models where model.divergence == nil && !model.isSound {
      let divergence = Divergence(epoch: max(0, model.state.position.epoch - 1), step: model.state.step, cause: .weights)
      let what = "the weights of \(model.name) no longer give finite numbers"
      try bus.send(.diverged(model: model.name, epoch: divergence.epoch, step: divergence.step))
      guard recipe.onNonFinite == .drop else {
        try bus.send(.warning("\(what); \(try lastGood(model))"))
        return .diverged
      }
      try drop(model, divergence, what)
    }
    return models.contains { $0.divergence == nil } ? .finished : .diverged
  }

  func lastGood(_ model: ModelTraining) throws -> String {
    "the last good checkpoint is " + (try model.lastCheckpoint ?? "none: the run had not saved one yet")
  }

  static func text(_ loss: Float) -> String { loss.isFinite ? "\(loss)" : NumberFormat.fixed(0).text(Double(loss)) }
}
