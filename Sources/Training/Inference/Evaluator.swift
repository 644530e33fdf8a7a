import ImageData
import NeuralNetwork

/// Means over a set of labelled images.
public struct EvaluationResult: Sendable, Hashable {
  /// Mean cross-entropy, without label smoothing.
  public let loss: Double
  public let correct: Int
  public let images: Int
  /// Images that turned out broken and are in none of these figures.
  public let skipped: [ImageError]

  public var accuracy: Double { images > 0 ? Double(correct) / Double(images) : 0 }
}

/// Every image of a set turned out broken while it was evaluated.
public struct NothingToEvaluateError: Error, Sendable, CustomStringConvertible {
  public let skipped: [ImageError]

  public var description: String {
    skipped.map { "\($0)\n" }.joined() + "none of the \(skipped.count) images to evaluate can be used; repair or replace them"
  }
}

/// Walks over a set of labelled images with the weights as they are, in sorted order.
public struct Evaluator {
  private let executor: Executor
  private let source: ImageSource
  private let batchSize: Int
  private let brokenImages: BatchLoader.BrokenImages
  private let threads: Int
  private let checksMemory: Bool

  /// - Parameters:
  ///   - source: prepared for evaluation.
  ///   - threads: that decode.
  ///   - checksMemory: whether to refuse what does not fit; false within a run, whose need was checked as a whole.
  public init(
    _ executor: Executor, source: ImageSource, batchSize: Int, skipsBrokenImages: Bool, threads: Int, checksMemory: Bool = true
  ) {
    self.checksMemory = checksMemory
    self.executor = executor
    self.source = source
    self.batchSize = batchSize
    brokenImages = skipsBrokenImages ? .skip : .fail
    self.threads = threads
  }

  /// Evaluates. Blocks; to be called on a thread of one's own.
  ///
  /// - Parameters:
  ///   - goesOn: asked before each batch with the number of images done; false ends the walk without a result.
  ///   - didRun: shown each batch and the plan that has just run on it.
  /// - Throws: `ImageError`, `NothingToEvaluateError`, `PlanError`, whatever `goesOn` throws.
  public func run(
    goesOn: (_ done: Int) throws -> Bool = { _ in true }, didRun: (Plan, Batch) -> Void = { _, _ in }
  ) throws -> EvaluationResult? {
    let size = source.preparation.imageSize
    // Before any memory is taken for batches.
    let split = EpochSplit(count: source.samples.count, batchSize: batchSize)
    if checksMemory, split.batches > 0 {
      let largest = try executor.plan(PlanKey(batch: split.largest, height: size, width: size, mode: .evaluation))
      var need = largest.memoryNeed
      need.batches = BatchLoader.byteCount(largest: split.largest, preparation: source.preparation)
      try executor.engine.checkMemory(need, mapped: need.activations)
    }
    let loader = BatchLoader(
      source: source, order: EpochOrder(count: source.samples.count, shuffleSeed: nil), batchSize: batchSize, endEpoch: 1,
      brokenImages: brokenImages, threads: threads)
    defer { loader.cancel() }
    var lossSum = 0.0
    var correct = 0
    var images = 0
    while true {
      guard try goesOn(images) else { return nil }
      guard let batch = try loader.next() else { break }
      if batch.count == 0 { continue }
      let plan = try executor.plan(PlanKey(batch: batch.count, height: size, width: size, mode: .evaluation))
      plan.fill(batch, smoothing: 0)
      lossSum += executor.run(plan, .evaluation).lossSum
      correct += plan.correct(batch)
      images += batch.count
      didRun(plan, batch)
    }
    let skipped = loader.skipped
    guard images > 0 || skipped.isEmpty else { throw NothingToEvaluateError(skipped: skipped) }
    return EvaluationResult(loss: images > 0 ? lossSum / Double(images) : 0, correct: correct, images: images, skipped: skipped)
  }
}

extension Plan {
  /// Copies a batch's images and labels to where the plan wants them.
  func fill(_ batch: Batch, smoothing: Float) {
    guard let target = input.baseAddress else { return }
    target.update(from: batch.images, count: input.count)
    setTargets(labels: UnsafeBufferPointer(start: batch.labels, count: batch.count), smoothing: smoothing)
  }

  /// Images of the last run whose likeliest class is their label.
  func correct(_ batch: Batch) -> Int { (0..<batch.count).reduce(0) { $0 + (predictions[$1] == batch.labels[$1] ? 1 : 0) } }
}
