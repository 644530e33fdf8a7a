import ImageData
import NeuralNetwork

/// How models are to be trained; what is computed depends on nothing else but the data, the network and the kernel path.
public struct TrainingRecipe: Sendable {
  public var epochs: Int
  public var batchSize: Int
  public var imageSize: Int
  public var optimizer: OptimizerKind
  public var learningRate: Double
  public var schedule: Schedule
  public var warmupSteps: Int
  public var labelSmoothing: Float
  public var augmentation: Augmentation
  public var normalization: Normalization
  /// How picture files are read. `TrainingData.rules` has the sample bits that hold.
  public var rules: PictureRules
  /// Bits of 16-bit samples that count; nil where the training images decide.
  public var sampleBits: SampleBits?
  public var shuffles: Bool
  public var seed: UInt64
  /// Evaluate after every so many epochs, and after the last.
  public var evaluationInterval: Int
  /// An evaluation accuracy must exceed this to become the best.
  public var bestAbove: Float
  public var onNonFinite: NonFinitePolicy
  public var skipsBrokenImages: Bool
  /// Steps between checkpoints; nil for about a minute.
  public var checkpointInterval: Int?
  /// Weights to begin with, instead of random ones.
  public var initialWeights: String?
  /// The settings that decide what a run computes, by name; kept with each checkpoint.
  public var settings: [String: String]
  /// What a checkpoint that lacks one of `settings` was computed with.
  public var settingsBefore: [String: String]

  public init(
    epochs: Int, batchSize: Int, imageSize: Int, optimizer: OptimizerKind, learningRate: Double, schedule: Schedule = .cosine,
    warmupSteps: Int = 0, labelSmoothing: Float = 0, augmentation: Augmentation = .none, normalization: Normalization = .unit,
    rules: PictureRules = .asStored, sampleBits: SampleBits? = nil, shuffles: Bool = true, seed: UInt64 = 0, evaluationInterval: Int = 1,
    bestAbove: Float = 0, onNonFinite: NonFinitePolicy = .stop,
    skipsBrokenImages: Bool = false, checkpointInterval: Int? = nil, initialWeights: String? = nil, settings: [String: String] = [:],
    settingsBefore: [String: String] = [:]
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.imageSize = imageSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.schedule = schedule
    self.warmupSteps = warmupSteps
    self.labelSmoothing = labelSmoothing
    self.augmentation = augmentation
    self.normalization = normalization
    self.rules = rules
    self.sampleBits = sampleBits
    self.shuffles = shuffles
    self.seed = seed
    self.evaluationInterval = evaluationInterval
    self.bestAbove = bestAbove
    self.onNonFinite = onNonFinite
    self.skipsBrokenImages = skipsBrokenImages
    self.checkpointInterval = checkpointInterval
    self.initialWeights = initialWeights
    self.settings = settings
    self.settingsBefore = settingsBefore
  }

  /// Whether the model is evaluated after `epoch` (from 0).
  func evaluates(after epoch: Int) -> Bool { (epoch + 1) % evaluationInterval == 0 || epoch == epochs - 1 }
}
