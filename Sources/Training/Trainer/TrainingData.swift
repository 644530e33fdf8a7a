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
  /// How the images are made ready for evaluation, for the checkpoints.
  public let preprocessing: Preprocessing
  /// How many images each rule of reading concerns.
  public let counts: PictureCounts
  /// How the images were split, for the checkpoints.
  public let split: RecordedSplit
  /// The images of the run in all their versions, whose last is `folder`; nil where they are not recorded.
  public let record: DataRecord?
  /// Whether the run's folder does not hold `record` yet.
  public let isRecordNew: Bool
  /// What is accepted in this session; nil where the images are those that the run knows.
  public let difference: DataDifference?

  /// - Parameters:
  ///   - budget: for decoded images.
  ///   - limits: of each thread that decodes.
  ///   - threads: that decode.
  ///   - sampleBits: that count of 16-bit samples.
  ///   - admission: of the folder's images to a run that records them.
  /// - Throws: `ImageError` where a training image that the checkpoints are to record cannot be read, unless broken images are skipped:
  ///   a failure of a moment would leave it out of all of them.
  public init(
    _ images: CheckedImages<ImageFolder>, recipe: TrainingRecipe, sampleBits: SampleBits, budget: CacheBudget, limits: DecodeLimits,
    threads: Int, admission: DataAdmission? = nil
  ) throws {
    let folder = images.folder
    self.folder = folder
    record = admission?.record
    isRecordNew = admission?.isNew ?? false
    difference = admission?.difference
    split = try RecordedSplit(of: folder) { error in
      if !recipe.skipsBrokenImages { throw error }
    }
    decodingBytes = images.decodingBytes
    counts = images.counts
    var rules = recipe.rules
    rules.sampleBits = sampleBits
    preprocessing = Preprocessing(imageSize: recipe.imageSize, normalization: recipe.normalization, rules: rules)
    self.budget = budget
    self.threads = threads
    training = ImageSource(
      samples: folder.training,
      preparation: ImagePreparation(
        imageSize: recipe.imageSize, augmentation: recipe.augmentation, normalization: recipe.normalization, seed: recipe.seed,
        rules: rules),
      budget: budget, limits: limits)
    evaluation = ImageSource(
      samples: folder.evaluation,
      preparation: ImagePreparation(evaluating: preprocessing), budget: budget, limits: limits)
  }

  /// A line for each rule of reading that concerns an image.
  var pictureLines: [String] { counts.lines(under: preprocessing.rules) }
}
