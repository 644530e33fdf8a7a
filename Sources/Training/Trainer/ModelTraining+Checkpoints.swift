import NeuralNetwork
import WeightFiles

/// Where a model's checkpoints are written.
extension ModelTraining {
  /// Writes a checkpoint to a store elsewhere; of a diverged model where it ended.
  ///
  /// - Parameter keepingBest: whether the store holds the model's other checkpoints too.
  /// - Returns: false when there are no sound weights.
  func save(into store: CheckpointStore, keepingBest: Bool) throws -> Bool {
    if let divergence {
      try store.write(divergence)
      return false
    }
    guard isSound, state.step > 0 else { return false }
    var state = state
    let isBest = state.best?.step == state.step
    if !keepingBest && !isBest { state.best = nil }
    _ = try write(state, to: store, isBest: isBest)
    return true
  }

  func write(_ state: CheckpointState, to checkpoints: CheckpointStore, isBest: Bool) throws -> String {
    let metadata = try Checkpoint.metadata(
      model: network.name, preprocessing: data.preprocessing, classNames: data.folder.classNames, split: data.split)
    return try checkpoints.save(
      model: Checkpoint.modelTensors(of: store, steps: state.step), metadata: metadata,
      optimizer: Checkpoint.optimizerTensors(of: optimizer, store), state: state, isBest: isBest)
  }

  /// Epochs of the evaluations that the logs of earlier sessions hold.
  var evaluationsDone: [Int] {
    guard !data.folder.evaluation.isEmpty else { return [] }
    // A model that diverged in the midst of an epoch was not evaluated after it.
    let isMidEpoch = divergence.map { $0.cause == .loss || $0.cause == .gradients } ?? false
    return (0..<max(0, loggedEnd.epoch + (isMidEpoch ? 0 : 1))).filter(recipe.evaluates)
  }

  /// Forgets the best accuracy if no checkpoint has it any longer and the present weights are not those: the next evaluation may
  /// be the best again, or the run would end without a best checkpoint.
  func forgetLostBest() throws {
    if let best = state.best, best.step != state.step, try checkpoints.step(of: .best) == nil { state.best = nil }
  }

  /// Removes the checkpoint of the present step, if there is one: it was written before its evaluation showed what it is.
  func withdrawCheckpoint() throws { try checkpoints.withdraw(step: state.step) }

  /// The folder of the last good checkpoint, if there is one.
  ///
  /// - Throws: `FileSystemError`, `CheckpointError`.
  var lastCheckpoint: String? { get throws { try checkpoints.resumeStep.map(checkpoints.path(ofStep:)) } }
}
