import ImageData
import NeuralNetwork

/// What a run would take, without running it: memory as its start would count it, and time at the speed of a few steps.
public struct RunEstimate: Sendable {
  public let need: MemoryNeed
  /// Bytes that the run might take now.
  public let availableBytes: Int
  /// Of the measured steps; nil where the run does not fit.
  public let speed: Speed?

  public struct Speed: Sendable {
    public let trainImagesPerSecond: Double
    public let evaluationImagesPerSecond: Double
    /// Of all epochs with their evaluations. Decoding is not in it: it takes other threads, and time of its own where there are few.
    public let seconds: Double
  }

  public var fits: Bool { need.total <= availableBytes }

  /// Counts, and measures if the run fits.
  ///
  /// - Parameters:
  ///   - folder: what would be trained and evaluated on.
  ///   - decodingBytes: held to decode the image that takes most.
  ///   - threads: that decode.
  ///   - steps: to measure, after two that are not.
  /// - Throws: what would keep the run from starting: `PlanError`, `SingleValueError`.
  public init(
    _ network: Network, recipe: TrainingRecipe, folder: ImageFolder, decodingBytes: Int, threads: Int, engine: Engine, steps: Int = 2
  ) throws {
    let size = recipe.imageSize
    let training = EpochSplit(count: folder.training.count, batchSize: recipe.batchSize)
    let evaluation = EpochSplit(count: folder.evaluation.count, batchSize: recipe.batchSize)
    try SingleValueError.check(network, training, imageSize: size)
    let numbers = ParameterStore.byteCount(network, trainedBy: recipe.optimizer)
    try engine.checkMemory(MemoryNeed(numbers: numbers))
    let store = ParameterStore(network)
    let executor = Executor(network: network, store: store, engine: engine)
    var activations = try executor.plan(PlanKey(batch: training.largest, height: size, width: size, mode: .training)).memoryNeed.activations
    if evaluation.batches > 0 {
      let plan = try executor.plan(PlanKey(batch: evaluation.largest, height: size, width: size, mode: .evaluation))
      activations = max(activations, plan.memoryNeed.activations)
    }
    let preparation = ImagePreparation(
      evaluating: Preprocessing(imageSize: size, normalization: recipe.normalization, rules: recipe.rules))
    let batches = [training, evaluation].map { BatchLoader.byteCount(largest: $0.largest, preparation: preparation) }
    need = MemoryNeed(
      numbers: numbers, activations: activations, batches: batches.reduce(0, +), decoding: threads * decodingBytes)
    availableBytes = engine.availableMemory(mapped: activations + ParameterStore.byteCount(network, trainedBy: nil))
    guard need.total <= availableBytes else {
      speed = nil
      return
    }
    store.initialize(seed: recipe.seed, on: engine.pool)
    let pixels = training.largest * size * size * 3
    // The values do not change the time.
    let batch = StepBenchmark.Batch(
      images: (0..<pixels).map { Float($0 % 255) / 255 }, labels: (0..<training.largest).map { Int32($0 % network.classes) })
    let measured = try StepBenchmark(network, store: store, engine: engine, batch: batch, imageSize: size, steps: steps)
    let evaluations = (0..<recipe.epochs).filter(recipe.evaluates).count
    speed = Speed(
      trainImagesPerSecond: measured.trainImagesPerSecond, evaluationImagesPerSecond: measured.evaluationImagesPerSecond,
      seconds: Double(recipe.epochs * folder.training.count) / measured.trainImagesPerSecond
        + Double(evaluations * folder.evaluation.count) / measured.evaluationImagesPerSecond)
  }
}
