import ArgumentParser
import Configuration
import ImageData
import NumberFormats
import Tensors
import Training
import TrainingEvents

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure the loss and accuracy of weights on the evaluation images of a folder.",
    discussion: """
      Uses eval/ (or evalImages/) of the folder; of class folders alone the share that training with the same --eval-fraction \
      and --seed sets aside.

        mvit-tui evaluate --weights runs/a/checkpoints/mobilevit_xxs/best/model.safetensors --data photos
      """)

  @OptionGroup var weights: WeightOptions

  @Option(help: ArgumentHelp("The folder of images.", valueName: "dir"))
  var data: String

  @Option(help: ArgumentHelp("Share set aside for evaluation where the folder has no such part.", valueName: "x"))
  var evalFraction = RunConfiguration.Defaults.evalFraction

  @Option(help: ArgumentHelp("The seed of that choice.", valueName: "n"))
  var seed = RunConfiguration.Defaults.seed

  @Option(help: ArgumentHelp("Images at a time.", valueName: "n"))
  var batchSize = RunConfiguration.Defaults.batchSize

  @Flag(help: "Do without images that cannot be read.")
  var skipBadImages = false

  @Flag(help: "Write one JSON object to standard output.")
  var json = false

  @OptionGroup var machine: MachineOptions

  func validate() throws {
    guard (0.001...0.999).contains(evalFraction) else {
      throw ValidationError("--eval-fraction must be a number from 0.001 to 0.999, not \(evalFraction)")
    }
    guard (1...65_536).contains(batchSize) else {
      throw ValidationError("--batch-size must be a whole number from 1 to 65536, not \(batchSize)")
    }
    guard seed >= 0 else { throw ValidationError("--seed must be a whole number from 0, not \(seed)") }
  }

  func run() throws {
    let model = try WeightedModel(weights, threads: machine.threads, kernels: machine.kernels)
    let limits = SystemLimits.read()
    let threads = BatchLoader.standardThreads(processors: limits.processors)
    let decoding = DecodeLimits.standard(limits, threads: threads)
    let checked = try HeaderCheck(skipsBroken: skipBadImages, limits: decoding, threads: limits.processors).evaluationImages(
      data, classNames: model.hasClassNames ? model.classNames : nil, evaluationFraction: evalFraction, seed: UInt64(seed))
    for image in checked.leftOut { StandardStreams.complain("left out \(image)") }
    try check(checked.folder.classNames, against: model)
    guard !checked.folder.samples.isEmpty else { throw Failure(.badData, "\(data): holds no images to evaluate") }
    let source = ImageSource(
      samples: checked.folder.samples,
      preparation: ImagePreparation(evaluating: model.imageSize, normalization: model.normalization), budget: CacheBudget(bytes: 0),
      limits: decoding)
    let evaluator = Evaluator(
      model.executor, source: source, batchSize: batchSize, skipsBrokenImages: skipBadImages, threads: threads)
    guard let result = try evaluator.run() else { return }
    for image in result.skipped { StandardStreams.complain("passed over \(image)") }
    let name = model.executor.network.name
    if json {
      var line = JSONLine()
      line.add("event", "evaluation")
      line.add("model", name)
      line.add("images", result.images)
      line.add("loss", result.loss)
      line.add("accuracy", result.accuracy)
      try StandardStreams.say(line.text)
    } else {
      let loss = NumberFormat.fixed(4).text(result.loss)
      try StandardStreams.say("\(name): \(result.images) images, loss \(loss), accuracy \(NumberFormat.fixed(4).text(result.accuracy))")
    }
  }

  /// Classes are told apart by their place, so the places must mean the same.
  private func check(_ names: [String], against model: WeightedModel) throws {
    let count = model.executor.network.classes
    guard names.count == count else {
      throw Failure(.badData, "\(data): has \(names.count) classes, the weights have \(count); use the data that they were trained on")
    }
    if model.hasClassNames, let place = names.indices.first(where: { names[$0] != model.classNames[$0] }) {
      throw Failure(
        .badData,
        "\(data): its class \(place) is \"\(names[place])\", in the weights it is \"\(model.classNames[place])\"; rename the folders")
    }
  }
}
