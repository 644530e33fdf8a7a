import ImageData
import NeuralNetwork
import ScalarLogs

/// Everything that a trainer is given.
public struct TrainingJob: Sendable {
  public var networks: [Network]
  public var recipe: TrainingRecipe
  public var data: TrainingData
  public var folder: RunFolder
  /// Threads that compute.
  public var threads: Int
  /// The kernel path's name.
  public var kernels: String
  public var writesTensorBoard: Bool
  /// For VisualDL's table of runs.
  public var hyperparameters: [(name: String, value: HyperparameterValue)]
  /// Go on from the run's checkpoints where there are any.
  public var resumes: Bool
  public var clock: RunClock

  public init(
    networks: [Network], recipe: TrainingRecipe, data: TrainingData, folder: RunFolder, threads: Int, kernels: String,
    writesTensorBoard: Bool = false, hyperparameters: [(name: String, value: HyperparameterValue)] = [], resumes: Bool = false,
    clock: RunClock = .system
  ) {
    self.networks = networks
    self.recipe = recipe
    self.data = data
    self.folder = folder
    self.threads = threads
    self.kernels = kernels
    self.writesTensorBoard = writesTensorBoard
    self.hyperparameters = hyperparameters
    self.resumes = resumes
    self.clock = clock
  }
}
