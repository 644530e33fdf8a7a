import ImageData

/// The images of a run, prepared for training and for evaluation out of one budget of memory.
public struct TrainingData: Sendable {
  public let folder: ImageFolder
  public let training: ImageSource
  public let evaluation: ImageSource
  public let budget: CacheBudget
  /// Threads that decode.
  public let threads: Int
  /// Bytes held to decode the image that takes most.
  public let decodingBytes: Int
  /// How the images were split, for the checkpoints.
  public let split: RecordedSplit

  /// - Parameters:
  ///   - budget: for decoded images.
  ///   - limits: of each thread that decodes.
  ///   - threads: that decode.
  ///   - decodingBytes: held to decode the image that takes most, as the check of the data set found.
  public init(
    _ folder: ImageFolder, recipe: TrainingRecipe, budget: CacheBudget, limits: DecodeLimits, threads: Int, decodingBytes: Int = 0
  ) {
    self.folder = folder
    split = RecordedSplit(of: folder)
    self.decodingBytes = decodingBytes
    self.budget = budget
    self.threads = threads
    training = ImageSource(
      samples: folder.training,
      preparation: ImagePreparation(
        imageSize: recipe.imageSize, augmentation: recipe.augmentation, normalization: recipe.normalization, seed: recipe.seed),
      budget: budget, limits: limits)
    evaluation = ImageSource(
      samples: folder.evaluation,
      preparation: ImagePreparation(evaluating: recipe.imageSize, normalization: recipe.normalization), budget: budget,
      limits: limits)
  }
}
