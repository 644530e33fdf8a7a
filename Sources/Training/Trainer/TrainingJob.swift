import ImageData
import NeuralNetwork
import ScalarLogs

/// One network of a run, trained its own way.
public struct TrainingVariant: Sendable {
  /// Unique in the run: its logs and checkpoints lie under this name.
  public var name: String
  public var network: Network
  public var recipe: TrainingRecipe
  /// For VisualDL's table of runs.
  public var hyperparameters: [(name: String, value: HyperparameterValue)]

  public init(
    name: String, network: Network, recipe: TrainingRecipe, hyperparameters: [(name: String, value: HyperparameterValue)] = []
  ) {
    self.name = name
    self.network = network
    self.recipe = recipe
    self.hyperparameters = hyperparameters
  }
}

/// Everything that a trainer is given.
public struct TrainingJob: Sendable {
  /// Trained in turns, an epoch each. They differ in nothing that touches the data: images, order, augmentation, batches and
  /// epochs are those of `recipe`.
  public var variants: [TrainingVariant]
  public var recipe: TrainingRecipe
  public var data: TrainingData
  public var folder: RunFolder
  /// The folder's; the trainer checks at each step that it still is.
  public var lock: RunLock
  /// Threads that compute.
  public var threads: Int
  /// The kernel path's name.
  public var kernels: String
  public var writesTensorBoard: Bool
  /// Go on from the run's checkpoints where there are any.
  public var resumes: Bool
  /// Finished variants that repeat their last evaluation on resume, as what it left is missing.
  public var evaluatesAgain: Set<String>
  public var clock: RunClock
  /// Sentences for a user who learns that a new run takes so many seconds.
  public var advice: @Sendable (_ seconds: Double) -> [String] = { _ in [] }

  public init(
    variants: [TrainingVariant], recipe: TrainingRecipe, data: TrainingData, folder: RunFolder, lock: RunLock, threads: Int,
    kernels: String,
    writesTensorBoard: Bool = false, resumes: Bool = false, evaluatesAgain: Set<String> = [],
    clock: RunClock = .system
  ) {
    precondition(!variants.isEmpty, "a run trains something")
    self.variants = variants
    self.recipe = recipe
    self.data = data
    self.folder = folder
    self.lock = lock
    self.threads = threads
    self.kernels = kernels
    self.writesTensorBoard = writesTensorBoard
    self.resumes = resumes
    self.evaluatesAgain = evaluatesAgain
    self.clock = clock
  }
}
