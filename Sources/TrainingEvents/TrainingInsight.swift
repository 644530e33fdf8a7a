/// What people look at beside the events: of no consequence for the run, made at most now and then, the newest counts.
///
/// None of it stands in a log. A trainer makes them only while somebody wants them (`LiveFeed.wants`).
public enum TrainingInsight: Sendable, Hashable {
  case costs(ModelCosts)
  case data(DataSummary)
  case step(StepBreakdown)
  case batch(BatchPreview)
  case predictions(PredictionReport)

  public enum Kind: Int, Sendable, CaseIterable { case costs, data, step, batch, predictions }

  public var kind: Kind {
    switch self {
    case .costs: .costs
    case .data: .data
    case .step: .step
    case .batch: .batch
    case .predictions: .predictions
    }
  }

  /// nil for what all models share.
  public var model: String? {
    switch self {
    case .costs(let value): value.model
    case .data: nil
    case .step(let value): value.model
    case .batch(let value): value.model
    case .predictions(let value): value.model
    }
  }
}

/// What a model costs, known before its first step.
public struct ModelCosts: Sendable, Hashable {
  public var model: String
  public var parameters: Int
  /// Multiply-accumulates of a forward pass for one image.
  public var macs: Int
  /// Images of a full batch.
  public var batchSize: Int
  /// Of activations, parameters, gradients and optimizer state while training; nil where nothing tells.
  public var memoryBytes: Int?

  public init(model: String, parameters: Int, macs: Int, batchSize: Int, memoryBytes: Int?) {
    self.model = model
    self.parameters = parameters
    self.macs = macs
    self.batchSize = batchSize
    self.memoryBytes = memoryBytes
  }
}

/// The data set, told once.
public struct DataSummary: Sendable, Hashable {
  public var classNames: [String]
  /// Images of each class.
  public var trainCounts: [Int]
  public var evaluationCounts: [Int]

  public init(classNames: [String], trainCounts: [Int], evaluationCounts: [Int]) {
    self.classNames = classNames
    self.trainCounts = trainCounts
    self.evaluationCounts = evaluationCounts
  }
}

/// Where the time of steps went: means over the steps since the last breakdown.
public struct StepBreakdown: Sendable, Hashable {
  public var model: String
  /// The last step that it covers.
  public var step: Int
  /// Seconds of a step: waiting for the batch, the three passes, and the whole. What the whole has beyond its parts is other.
  public var data: Double
  public var forward: Double
  public var backward: Double
  public var update: Double
  public var total: Double
  /// In the order of the network.
  public var layers: [StepTiming]

  public init(
    model: String, step: Int, data: Double, forward: Double, backward: Double, update: Double, total: Double, layers: [StepTiming]
  ) {
    self.model = model
    self.step = step
    self.data = data
    self.forward = forward
    self.backward = backward
    self.update = update
    self.total = total
    self.layers = layers
  }
}
