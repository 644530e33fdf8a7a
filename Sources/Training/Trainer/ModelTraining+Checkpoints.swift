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
}
