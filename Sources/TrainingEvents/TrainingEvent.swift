/// What happens in a run, in order and without loss: scalar logs, JSON lines and progress are all made of it.
public enum TrainingEvent: Sendable, Hashable {
  /// A model's part of the run has begun or been resumed.
  case begin(RunBeginning)
  /// One update of the weights.
  case step(StepEvent)
  /// One walk over the evaluation set.
  case evaluation(EvaluationEvent)
  /// A checkpoint is complete on disk.
  case checkpoint(CheckpointEvent)
  /// An epoch's updates are all done; its evaluation, if any, follows.
  case epoch(EpochEvent)
  /// The run has gone over to another activity.
  case state(RunState)
  /// For people; of no consequence.
  case notice(String)
  /// For people; something is not as they may think.
  case warning(String)
  /// A loss, a gradient or the weights are no finite numbers: follows the event of the step or evaluation that showed it, or
  /// stands before the run's end where the weights no longer do.
  case diverged(model: String, epoch: Int, step: Int)
  /// A model of a comparison diverged and is not trained further, while the others are: follows `diverged`; in a resumed session it
  /// takes the place of the model's `begin`. Step and epoch are those at which it diverged.
  case dropped(model: String, epoch: Int, step: Int)
  /// The images that a model is trained on are others from here on: the user accepted that, in this session or in one that ended
  /// before it was saved.
  case dataChanged(DataChangeEvent)
  /// The run is over; nothing follows.
  case end(EndReason)
}

/// What a model's part of a run will do.
public struct RunBeginning: Sendable, Hashable {
  public var model: String
  public var parameters: Int
  public var epochs: Int
  public var stepsPerEpoch: Int
  public var trainImages: Int
  public var evaluationImages: Int
  /// Steps already done by earlier sessions of the run.
  public var resumedAtStep: Int

  public init(
    model: String, parameters: Int, epochs: Int, stepsPerEpoch: Int, trainImages: Int, evaluationImages: Int, resumedAtStep: Int
  ) {
    self.model = model
    self.parameters = parameters
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.trainImages = trainImages
    self.evaluationImages = evaluationImages
    self.resumedAtStep = resumedAtStep
  }

  public var totalSteps: Int { epochs * stepsPerEpoch }
}

/// The figures of one step. Loss and accuracy are those of its batch before the update.
///
/// They are float32, as the logs store them, so that all files of a run agree to the last bit.
public struct StepEvent: Sendable, Hashable {
  public var model: String
  /// From 0.
  public var epoch: Int
  /// From 1 over the whole run.
  public var step: Int
  public var loss: Float
  /// Share of the batch's images, 0 to 1.
  public var accuracy: Float
  public var learningRate: Float
  public var imagesPerSecond: Float
  /// Until the whole run is done, where that can be told already. For people: it stands in no log.
  public var secondsLeft: Double?

  public init(
    model: String, epoch: Int, step: Int, loss: Float, accuracy: Float, learningRate: Float, imagesPerSecond: Float,
    secondsLeft: Double? = nil
  ) {
    self.model = model
    self.epoch = epoch
    self.step = step
    self.loss = loss
    self.accuracy = accuracy
    self.learningRate = learningRate
    self.imagesPerSecond = imagesPerSecond
    self.secondsLeft = secondsLeft
  }
}

/// Means over the whole evaluation set.
public struct EvaluationEvent: Sendable, Hashable {
  public var model: String
  /// The epoch after which it was made, from 0.
  public var epoch: Int
  /// Updates done so far.
  public var step: Int
  public var loss: Float
  public var accuracy: Float
  /// Whether this accuracy is the run's new best.
  public var isBest: Bool

  public init(model: String, epoch: Int, step: Int, loss: Float, accuracy: Float, isBest: Bool) {
    self.model = model
    self.epoch = epoch
    self.step = step
    self.loss = loss
    self.accuracy = accuracy
    self.isBest = isBest
  }
}

public struct CheckpointEvent: Sendable, Hashable {
  public enum Kind: String, Sendable { case best, latest }

  public var model: String
  public var step: Int
  /// The step's own folder.
  public var path: String
  public var kind: Kind

  public init(model: String, step: Int, path: String, kind: Kind) {
    self.model = model
    self.step = step
    self.path = path
    self.kind = kind
  }
}

/// Means over an epoch's training batches, each taken before its update.
public struct EpochEvent: Sendable, Hashable {
  public var model: String
  public var epoch: Int
  public var step: Int
  /// nil where every batch of the epoch was passed over.
  public var loss: Float?
  /// nil likewise.
  public var accuracy: Float?

  public init(model: String, epoch: Int, step: Int, loss: Float?, accuracy: Float?) {
    self.model = model
    self.epoch = epoch
    self.step = step
    self.loss = loss
    self.accuracy = accuracy
  }
}

public enum RunState: String, Sendable, Hashable {
  case preparing, training, evaluating, paused, ended
}

/// Why a run is over. The labels are those of the JSON lines.
public enum EndReason: Sendable, Hashable {
  /// All epochs are done.
  case finished
  /// The user asked for it.
  case stopped
  /// A signal asked for it.
  case signal(Int32)
  /// A loss, a gradient or an evaluation was not finite, or the weights are so no longer.
  case diverged
  /// An error, as its sentence.
  case failed(String)

  public var label: String {
    switch self {
    case .finished: "finished"
    case .stopped: "stopped"
    case .signal(let number): Self.signalNames[number] ?? "signal \(number)"
    case .diverged: "diverged"
    case .failed: "failed"
    }
  }

  /// Why a run is over that was asked to stop.
  public init(_ stop: RunControl.Stop) {
    switch stop {
    case .saving, .discarding: self = .stopped
    case .signal(let number): self = .signal(number)
    }
  }

  private static let signalNames: [Int32: String] = [1: "SIGHUP", 2: "SIGINT", 15: "SIGTERM"]
}
