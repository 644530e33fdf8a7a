/// Where a run stands, complete in itself: whoever looks takes the newest and may miss any number of older ones.
public struct TrainingSnapshot: Sendable, Hashable {
  public struct Best: Sendable, Hashable {
    public var epoch: Int
    public var step: Int
    public var accuracy: Float

    public init(epoch: Int, step: Int, accuracy: Float) {
      self.epoch = epoch
      self.step = step
      self.accuracy = accuracy
    }
  }

  public var state: RunState
  /// What the model at work is to do in all.
  public var beginning: RunBeginning
  public var lastStep: StepEvent?
  public var lastEvaluation: EvaluationEvent?
  public var best: Best?
  /// Images evaluated in the evaluation under way.
  public var evaluatedImages: Int
  public var secondsLeft: Double?
  public var timings: [StepTiming]

  public init(
    state: RunState, beginning: RunBeginning, lastStep: StepEvent? = nil, lastEvaluation: EvaluationEvent? = nil, best: Best? = nil,
    evaluatedImages: Int = 0, secondsLeft: Double? = nil, timings: [StepTiming] = []
  ) {
    self.state = state
    self.beginning = beginning
    self.lastStep = lastStep
    self.lastEvaluation = lastEvaluation
    self.best = best
    self.evaluatedImages = evaluatedImages
    self.secondsLeft = secondsLeft
    self.timings = timings
  }
}

/// What one layer takes in a step, on average.
public struct StepTiming: Sendable, Hashable {
  public var layer: String
  public var forwardNanoseconds: UInt64
  public var backwardNanoseconds: UInt64
  /// Floating-point operations of both passes.
  public var operations: Double
  /// Bytes that both passes must move at least.
  public var bytes: Double

  public init(layer: String, forwardNanoseconds: UInt64, backwardNanoseconds: UInt64, operations: Double, bytes: Double) {
    self.layer = layer
    self.forwardNanoseconds = forwardNanoseconds
    self.backwardNanoseconds = backwardNanoseconds
    self.operations = operations
    self.bytes = bytes
  }
}

/// Carries snapshots from the trainer to whoever looks, keeping the newest only: neither side waits for the other.
public final class SnapshotChannel: Sendable {
  /// The snapshots; for one reader. Ends with the run.
  public let snapshots: AsyncStream<TrainingSnapshot>
  private let continuation: AsyncStream<TrainingSnapshot>.Continuation

  public init() {
    (snapshots, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  public func publish(_ snapshot: TrainingSnapshot) { continuation.yield(snapshot) }
  public func finish() { continuation.finish() }
}
