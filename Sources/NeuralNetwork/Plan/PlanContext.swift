import Kernels
import Tensors

/// What changes from one run of a plan to the next.
final class PlanContext {
  /// Gradients add to what is there.
  var accumulates = false
  /// Gradients are whole after this run.
  var isLastMicroBatch = true
  /// Arguments of kernels that depend on the run.
  var reductions: [ArgumentBox<Reduce>] = []
  private var pools: [(pool: Int, box: ArgumentBox<MeanPool>)] = []
  private var poolCount = 0
  var losses: [ArgumentBox<CrossEntropy>] = []
  /// Memory that lives as long as the plan.
  private var owned: [UnsafeMutableRawPointer] = []

  deinit { for memory in owned { memory.deallocate() } }

  func keep<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
    memory.initialize(from: elements, count: elements.count)
    owned.append(UnsafeMutableRawPointer(memory))
    return memory
  }

  /// A dropout of its own: forward and backward of one layer draw the same.
  func newPool() -> Int {
    poolCount += 1
    return poolCount - 1
  }

  func add(_ arguments: MeanPool, to pool: Int) -> ArgumentBox<MeanPool> {
    let box = ArgumentBox(arguments)
    pools.append((pool, box))
    return box
  }

  func apply(_ step: StepContext, normalizer: Float) {
    accumulates = step.accumulates
    isLastMicroBatch = step.isLastMicroBatch
    for box in reductions { box.pointer.pointee.accumulate = step.accumulates ? 1 : 0 }
    for (pool, box) in pools {
      box.pointer.pointee.dropout_key = step.dropout.stream(UInt64(pool)).key
      box.pointer.pointee.image_base = UInt64(step.firstImage)
    }
    for box in losses { box.pointer.pointee.normalizer = normalizer }
  }
}

/// What a run of a plan is told.
public struct StepContext: Sendable {
  /// The step's stream of dropout draws.
  public var dropout: CounterRandom
  /// The number of the batch's first image within the step, where a step is made of several micro-batches.
  public var firstImage: Int
  /// Gradients add to what is there (the second micro-batch on).
  public var accumulates: Bool
  /// Gradients are whole after this run and go through the reduction; false for all but the last of several micro-batches.
  public var isLastMicroBatch: Bool
  /// The loss and its gradient are divided by it; nil: the image count of the batch, over all machines. With sample weights
  /// their sum.
  public var normalizer: Float?

  public init(
    dropout: CounterRandom, firstImage: Int = 0, accumulates: Bool = false, isLastMicroBatch: Bool = true, normalizer: Float? = nil
  ) {
    self.dropout = dropout
    self.firstImage = firstImage
    self.accumulates = accumulates
    self.isLastMicroBatch = isLastMicroBatch
    self.normalizer = normalizer
  }
}
