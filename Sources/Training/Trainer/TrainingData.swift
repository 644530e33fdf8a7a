import ImageData

/// The images of a run, prepared for training and for evaluation out of one budget of memory.
public struct TrainingData: Sendable {
  public let folder: ImageFolder
  public let training: ImageSource
  public let evaluation: ImageSource
  public let budget: CacheBudget
  /// Threads that decode.
  public let threads: Int

  public init(_ folder: ImageFolder, recipe: TrainingRecipe, budget: CacheBudget, threads: Int) {
    self.folder = folder
    self.budget = budget
    self.threads = threads
    training = ImageSource(
      samples: folder.training,
      preparation: ImagePreparation(
        imageSize: recipe.imageSize, augmentation: recipe.augmentation, normalization: recipe.normalization, seed: recipe.seed),
      budget: budget)
    evaluation = ImageSource(
      samples: folder.evaluation,
      preparation: ImagePreparation(evaluating: recipe.imageSize, normalization: recipe.normalization), budget: budget)
  }
}
