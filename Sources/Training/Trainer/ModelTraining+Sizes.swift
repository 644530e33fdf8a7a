import ImageData
import NeuralNetwork

/// What a model takes: memory, and time until it is done.
extension ModelTraining {
  /// Bytes of weights, gradients and optimizer states.
  var weightBytes: Int { ParameterStore.byteCount(network, trainedBy: recipe.optimizer) }
  /// Bytes of the weights alone.
  var valueBytes: Int { ParameterStore.byteCount(network, trainedBy: nil) }

  /// Bytes of the loaders' batches; while the model is evaluated it has a second loader.
  var batchBytes: (training: Int, evaluation: Int) {
    let preparation = data.training.preparation
    return (
      BatchLoader.byteCount(largest: plan.largest, preparation: preparation),
      BatchLoader.byteCount(largest: evaluationSplit.largest, preparation: preparation)
    )
  }

  /// Lays out the largest plans, so that a run that cannot fit says so before it starts.
  ///
  /// - Returns: bytes of the largest plan's activations and of the threads' scratch memory.
  /// - Throws: `PlanError`, `SingleValueError`.
  func layOut() throws -> Int {
    let size = recipe.imageSize
    // A run that a version without this check began is resumed as it was.
    if !isResumed { try SingleValueError.check(network, plan.split, imageSize: size) }
    let training = try executor.plan(PlanKey(batch: plan.largest, height: size, width: size, mode: .training))
    var activations = training.memoryNeed.activations
    if !data.folder.evaluation.isEmpty {
      let batch = evaluationSplit.largest
      let evaluation = try executor.plan(PlanKey(batch: batch, height: size, width: size, mode: .evaluation))
      activations = max(activations, evaluation.memoryNeed.activations)
    }
    return activations
  }

  /// Seconds until this model is done; nil before there is anything to estimate it from.
  var secondsLeft: Double? {
    let epochs = recipe.epochs - state.position.epoch
    guard epochs > 0 || state.evaluationPending else { return 0 }
    let images = epochs * plan.split.count - state.position.image
    let evaluations = (state.position.epoch..<max(state.position.epoch, recipe.epochs)).filter(recipe.evaluates).count
    return forecast.secondsLeft(
      trainImages: max(0, images), evaluationImages: (evaluations + (state.evaluationPending ? 1 : 0)) * data.folder.evaluation.count)
  }
}
