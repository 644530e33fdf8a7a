import ArgumentParser
import Configuration

/// The flags that describe a training run. Each has the name of its setting in a configuration file.
struct TrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of images: train/ and eval/ with a folder per class, or class folders alone.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("Share set aside for evaluation where the folder has no such part. (default: 0.2)", valueName: "x"))
  var evalFraction: Double?

  @Option(help: ArgumentHelp("The model; `mvit-tui models` lists them. (default: mobilevit_s)", valueName: "name"))
  var model: String?

  @Option(help: ArgumentHelp("Pixels a side. (default: 256)", valueName: "n"))
  var imageSize: Int?

  @Option(help: ArgumentHelp("Walks over the training images. (default: 20)", valueName: "n"))
  var epochs: Int?

  @Option(help: ArgumentHelp("Images of a step. (default: 16)", valueName: "n"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("sgd or adamw. (default: sgd)", valueName: "name"))
  var optimizer: String?

  @Option(help: ArgumentHelp("The learning rate. (default: 0.01; adamw: 0.001)", valueName: "x"))
  var lr: Double?

  @Option(help: ArgumentHelp("SGD's momentum. (default: 0.9)", valueName: "x"))
  var momentum: Double?

  @Option(help: ArgumentHelp("L2 on every parameter. (default: 0.0001; adamw, decoupled: 0.01)", valueName: "x"))
  var weightDecay: Double?

  @Option(
    help: ArgumentHelp(
      "cosine (over all steps), tutorial (swings once a batch as the tutorial did) or constant. (default: cosine)", valueName: "name"))
  var schedule: String?

  @Option(help: ArgumentHelp("Steps over which the rate rises at the start. (default: 0)", valueName: "n"))
  var warmupSteps: Int?

  @Option(help: ArgumentHelp("Share of the target spread over all classes. (default: 0)", valueName: "x"))
  var labelSmoothing: Double?

  @Option(
    help: ArgumentHelp(
      "Dropout before the classifier. (default: 0.1 for MobileViT, 0.2 for MobileNetV2, 0 for the tutorial's models)", valueName: "x"))
  var dropout: Double?

  @Option(
    help: ArgumentHelp(
      "none, tutorial (rotates by up to 10 degrees) or standard (random crop and flip). (default: tutorial)", valueName: "name"))
  var augment: String?

  @Option(
    help: ArgumentHelp("unit, imagenet or tutorial. (default: tutorial; with --weights what they were trained with)", valueName: "name"))
  var normalization: String?

  @Flag(inversion: .prefixedNo, help: "Visit the images in a new random order each epoch. (default: --shuffle)")
  var shuffle: Bool?

  @Option(help: ArgumentHelp("Decides every random choice. (default: 8888)", valueName: "n"))
  var seed: Int?

  @Option(
    help: ArgumentHelp(
      "Begin with these weights: a checkpoint's or a file in timm's, torchvision's or the tutorial's names.", valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("Evaluate after every so many epochs. (default: 1)", valueName: "n"))
  var evalEvery: Int?

  @Option(help: ArgumentHelp("Accuracy that a best checkpoint must exceed. (default: 0)", valueName: "x"))
  var bestAbove: Double?

  @Option(
    help: ArgumentHelp(
      "What a loss that is no finite number does: stop the run, drop the model and train the others on, or continue without that batch. "
        + "(default: stop; with several models drop)", valueName: "stop|drop|continue"))
  var onNan: String?

  @Flag(inversion: .prefixedNo, help: "Do without images that cannot be read, instead of refusing to start.")
  var skipBadImages: Bool?

  @Option(help: ArgumentHelp("Steps between checkpoints. (default: about a minute, and every epoch)", valueName: "n"))
  var checkpointEvery: Int?

  @Flag(inversion: .prefixedNo, help: "Write TensorBoard logs beside VisualDL's.")
  var tensorboard: Bool?

  @Option(help: ArgumentHelp("Memory for decoded images. (default: a quarter of what is free)", valueName: "bytes"))
  var cacheSize: Int?

  @OptionGroup var machine: MachineOptions

  /// The settings that were given as flags.
  func settings() throws -> Settings {
    var settings = Settings()
    func set(_ key: SettingKey, _ value: SettingValue?) throws {
      if let value { try settings.set(key, value) }
    }
    try set(.data, data.map(SettingValue.text))
    try set(.evalFraction, evalFraction.map(SettingValue.number))
    try set(.model, model.map(SettingValue.text))
    try set(.imageSize, imageSize.map(SettingValue.integer))
    try set(.epochs, epochs.map(SettingValue.integer))
    try set(.batchSize, batchSize.map(SettingValue.integer))
    try set(.optimizer, optimizer.map(SettingValue.text))
    try set(.learningRate, lr.map(SettingValue.number))
    try set(.momentum, momentum.map(SettingValue.number))
    try set(.weightDecay, weightDecay.map(SettingValue.number))
    try set(.schedule, schedule.map(SettingValue.text))
    try set(.warmupSteps, warmupSteps.map(SettingValue.integer))
    try set(.labelSmoothing, labelSmoothing.map(SettingValue.number))
    try set(.dropout, dropout.map(SettingValue.number))
    try set(.augment, augment.map(SettingValue.text))
    try set(.normalization, normalization.map(SettingValue.text))
    try set(.shuffle, shuffle.map(SettingValue.toggle))
    try set(.seed, seed.map(SettingValue.integer))
    try set(.weights, weights.map(SettingValue.text))
    try set(.evalEvery, evalEvery.map(SettingValue.integer))
    try set(.bestAbove, bestAbove.map(SettingValue.number))
    try set(.onNaN, onNan.map(SettingValue.text))
    try set(.skipBadImages, skipBadImages.map(SettingValue.toggle))
    try set(.checkpointEvery, checkpointEvery.map(SettingValue.integer))
    try set(.tensorboard, tensorboard.map(SettingValue.toggle))
    try set(.cacheSize, cacheSize.map(SettingValue.integer))
    try set(.threads, machine.threads.map(SettingValue.integer))
    try set(.kernels, machine.kernels.map(SettingValue.text))
    return settings
  }
}
