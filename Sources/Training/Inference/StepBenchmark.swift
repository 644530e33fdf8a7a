import Foundation
import NeuralNetwork

/// How fast a model trains and evaluates, on one batch over and over.
public struct StepBenchmark: Sendable {
  /// The first step's loss, before any update.
  public let loss: Double
  public let medianStepSeconds: Double
  public let trainImagesPerSecond: Double
  public let evaluationImagesPerSecond: Double
  /// The most memory that this process ever held.
  public let peakMemoryBytes: Int

  /// Images and labels to measure with.
  public struct Batch: Sendable {
    /// [count, size, size, 3]
    public let images: [Float]
    public let labels: [Int32]

    public init(images: [Float], labels: [Int32]) {
      self.images = images
      self.labels = labels
    }
  }

  /// Measures. A training step is everything from a batch in memory to updated weights: packing, forward, loss, backward,
  /// update by SGD with momentum.
  ///
  /// - Parameters:
  ///   - store: the weights to begin with; they are trained on.
  ///   - steps: steps measured, after two that are not.
  /// - Throws: `PlanError`
  public init(_ network: Network, store: ParameterStore, engine: Engine, batch: Batch, imageSize: Int, steps: Int) throws {
    let executor = Executor(network: network, store: store, engine: engine)
    let optimizer = Optimizer(.sgd(momentum: 0.9, decay: 1e-4), store: store, engine: engine)
    let count = batch.labels.count
    let training = try executor.plan(PlanKey(batch: count, height: imageSize, width: imageSize, mode: .training))
    let evaluation = try executor.plan(PlanKey(batch: count, height: imageSize, width: imageSize, mode: .evaluation))

    func step(_ number: Int) -> (seconds: Double, loss: Double) {
      training.fill(batch)
      let begin = DispatchTime.now().uptimeNanoseconds
      let result = executor.run(training, StepContext(seed: 0, step: number))
      optimizer.step(learningRate: 0.01)
      return (Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9, result.loss)
    }
    loss = step(0).loss
    _ = step(1)
    medianStepSeconds = Self.median((0..<steps).map { step(2 + $0).seconds })
    trainImagesPerSecond = Double(count) / medianStepSeconds

    func pass() -> Double {
      evaluation.fill(batch)
      let begin = DispatchTime.now().uptimeNanoseconds
      executor.run(evaluation, .evaluation)
      return Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9
    }
    _ = pass()
    evaluationImagesPerSecond = Double(count) / Self.median((0..<max(3, steps / 2)).map { _ in pass() })

    peakMemoryBytes = ProcessMemory.peakBytes
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

extension Plan {
  func fill(_ batch: StepBenchmark.Batch) {
    _ = input.update(fromContentsOf: batch.images)
    batch.labels.withUnsafeBufferPointer { setTargets(labels: $0) }
  }
}
