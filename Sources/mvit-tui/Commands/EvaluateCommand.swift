import ArgumentParser
import Configuration
import ImageData
import NumberFormats
import Tensors
import Training
import TrainingEvents

extension LayoutRule: ExpressibleByArgument {}

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure the loss and accuracy of weights on a folder of images.",
    discussion: """
      Of a folder in parts, the evaluation part (eval, val, dev, ...) is measured, without one the test part. Of class folders, \
      every image; but where the weights were trained on this very folder, only the images that training set aside. --part \
      chooses another part.

        mvit-tui evaluate --run runs/a --data photos
        mvit-tui evaluate --weights runs/a/checkpoints/mobilevit_xxs/best --data photos --part train
      """)

  @OptionGroup var weights: WeightOptions

  @Option(help: ArgumentHelp("The folder of images, a list of them or an archive.", valueName: "path"))
  var data: String

  @Option(help: ArgumentHelp("The part to measure. (default: eval, else test, or all class folders)", valueName: "train|eval|test|all"))
  var part: String?

  @Option(help: ArgumentHelp("How the folders are understood: auto, classes or pairs.", valueName: "rule"))
  var layout = LayoutRule.auto

  @Option(
    help: ArgumentHelp(
      "The column of a list that holds the class. (default: as the weights record, else label, class, category or target)",
      valueName: "name"))
  var labelColumn: String?

  @Option(
    help: ArgumentHelp(
      "Measure the share of class folders that training with this share sets aside; 1 for all. (default: as the weights record)",
      valueName: "x"))
  var evalFraction: Double?

  @Option(help: ArgumentHelp("The seed of that choice. (default: as the weights record)", valueName: "n"))
  var seed: Int?

  @Option(help: ArgumentHelp("Images at a time.", valueName: "n"))
  var batchSize = RunConfiguration.Defaults.batchSize

  @Flag(help: "Do without images that cannot be read.")
  var skipBadImages = false

  @Flag(help: "Write one JSON object to standard output.")
  var json = false

  @OptionGroup var machine: MachineOptions

  func validate() throws {
    if let evalFraction, !(0.001...0.999).contains(evalFraction) && evalFraction != 1 {
      throw ValidationError("--eval-fraction must be a number from 0.001 to 0.999, or 1 for all images, not \(evalFraction)")
    }
    if evalFraction == 1, part == PartChoice.train.rawValue {
      throw ValidationError("--eval-fraction 1 leaves no image to --part train; leave one of them out")
    }
    if let part, PartChoice(rawValue: part) == nil {
      throw ValidationError("--part must be \(PartChoice.allCases.map(\.rawValue).joined(separator: ", ")), not \"\(part)\"")
    }
    guard (1...65_536).contains(batchSize) else {
      throw ValidationError("--batch-size must be a whole number from 1 to 65536, not \(batchSize)")
    }
    if let seed, seed < 0 { throw ValidationError("--seed must be a whole number from 0, not \(seed)") }
  }

  func run() throws {
    let model = try WeightedModel(weights, threads: machine.threads, kernels: machine.kernels)
    let limits = SystemLimits.read()
    let threads = BatchLoader.standardThreads(processors: limits.processors)
    let decoding = DecodeLimits.standard(limits, threads: threads)
    let selection = EvaluationImages.Selection(
      part: part.flatMap(PartChoice.init), layout: layout, labelColumn: labelColumn, split: givenSplit, recorded: split(of: model))
    let checked = try HeaderCheck(skipsBroken: skipBadImages, limits: decoding, threads: limits.processors)
      .evaluationImages(data, classNames: model.hasClassNames ? model.classNames : nil, selection: selection)
    for image in checked.leftOut { StandardStreams.complain("left out \(image)") }
    try check(checked.folder.classNames, against: model)
    let measured = MeasuredImages(checked.folder, data: data, split: givenSplit ?? recordedSplit(model), isPartNamed: part != nil)
    guard !checked.folder.samples.isEmpty else { throw Failure(.badData, "\(data): holds no images to evaluate") }
    if !json { try StandardStreams.say(measured.line) }
    if !json { for line in checked.counts.lines(under: model.preprocessing.rules) { try StandardStreams.say(line) } }
    if let notice = measured.noticeOfSplit(data, fraction: evalFraction, seed: seed) { StandardStreams.complain(notice) }
    if let warning = measured.warning(weights: model.path, recorded: model.split) { StandardStreams.complain("warning: " + warning) }
    let source = ImageSource(
      samples: checked.folder.samples,
      preparation: ImagePreparation(evaluating: model.preprocessing), budget: CacheBudget(bytes: 0), limits: decoding)
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
      line.add("part", measured.part)
      line.add("source", measured.source)
      try StandardStreams.say(line.text)
    } else {
      let loss = NumberFormat.fixed(4).text(result.loss)
      try StandardStreams.say("\(name): \(result.images) images, loss \(loss), accuracy \(NumberFormat.fixed(4).text(result.accuracy))")
    }
    guard result.loss.isFinite else {
      throw Failure(.internal, "\(model.path): gives no finite loss on these images; use another checkpoint")
    }
  }

  /// The split that the weights record, with the sides of images that came or went since the run began.
  private func split(of model: WeightedModel) -> RecordedSplit? {
    var split = model.split
    do {
      split?.known = try RecordedSplit.changedSides(besideWeights: model.path)
    } catch {
      // Without it the folder is not recognised as the one of training, which is reported as well.
      StandardStreams.complain("warning: \(error)")
    }
    return split
  }

  /// The split that the flags describe; nil without them.
  private var givenSplit: (evaluationFraction: Double, seed: UInt64)? {
    guard evalFraction != nil || seed != nil else { return nil }
    return (evalFraction ?? RunConfiguration.Defaults.evalFraction, UInt64(seed ?? RunConfiguration.Defaults.seed))
  }

  private func recordedSplit(_ model: WeightedModel) -> (evaluationFraction: Double, seed: UInt64)? {
    model.split.map { ($0.evaluationFraction, $0.seed) }
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
