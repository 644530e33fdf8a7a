import ArgumentParser
import ImageData
import NumberFormats
import Training
import TrainingEvents

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict the classes of images.",
    discussion: """
      Of a folder or an archive, all images in it and in the folders below it are predicted, sorted by folder and name; of a \
      list, those that it names.

        mvit-tui predict --run runs/a cat.jpg dog.png --top 3
        mvit-tui predict --weights runs/a/checkpoints/mobilevit_xxs/best new-photos --json
      """)

  @OptionGroup var weights: WeightOptions

  @Argument(help: ArgumentHelp("Image files, and folders, archives (ZIP, tar) and lists of them.", valueName: "image"))
  var images: [String]

  @Option(help: ArgumentHelp("How many of the likeliest classes to name.", valueName: "k"))
  var top = 5

  @Flag(help: "Write one JSON object a line to standard output.")
  var json = false

  @Flag(help: "Write the logits of all classes too (with --json).")
  var logits = false

  @OptionGroup var machine: MachineOptions

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top must be a whole number from 1, not \(top)") }
    guard json || !logits else { throw ValidationError("--logits needs --json") }
  }

  func run() throws {
    let model = try WeightedModel(weights, threads: machine.threads, kernels: machine.kernels)
    let predictor = Predictor(model.executor, model.preprocessing, limits: .standard(.read(), threads: 1))
    let (pictures, passedOver) = try files()
    if let first = passedOver.first {
      let others = passedOver.count > 1 ? " and \(passedOver.count - 1) more" : ""
      StandardStreams.complain("passed over what is no image: \(first)\(others)")
    }
    var failure: Failure?
    try predictor.predict(pictures) { path, result in
      switch result {
      case .success(let prediction) where !prediction.isFinite:
        let error = Failure(.internal, "\(path): the weights \(model.path) give it no finite logits; use another checkpoint")
        StandardStreams.complain(error.sentence)
        failure = failure ?? error
      case .success(let prediction): try tell(prediction, of: path, model)
      case .failure(let error):
        // The other images come first; the exit code is that of the first failure.
        StandardStreams.complain("\(error)")
        failure = failure ?? Failure(error)
      }
    }
    if let failure { throw failure.code }
  }

  /// The images meant: folders, archives and lists are replaced by the images in them.
  ///
  /// - Throws: `ImageFolderError` for a folder that cannot be read or holds no image.
  private func files() throws -> (images: [ImageLocation], passedOver: [String]) {
    var found: [ImageLocation] = [], passedOver: [String] = []
    for image in images {
      guard ImageFiles.areAt(image) else {
        found.append(ImageLocation(path: image))
        continue
      }
      let files = try ImageFiles(in: image)
      for line in DataNote.lines(files.notes, examples: 1) { StandardStreams.complain("\(image): \(line)") }
      found += files.images
      passedOver += files.passedOver
    }
    return (found, passedOver)
  }

  private func tell(_ prediction: Prediction, of path: String, _ model: WeightedModel) throws {
    let best = prediction.top(top)
    guard json else {
      let list = best.map { "\(model.classNames[$0.classIndex]) \(NumberFormat.fixed(1).text(Double($0.probability) * 100)) %" }
      return try StandardStreams.say("\(path): " + list.joined(separator: ", "))
    }
    var line = JSONLine()
    line.add("path", path)
    if logits { line.add("logits", prediction.logits) }
    line.add(
      "top",
      best.map { place in
        var entry = JSONLine()
        entry.add("class", model.classNames[place.classIndex])
        entry.add("probability", place.probability)
        return entry
      })
    try StandardStreams.say(line.text)
  }
}
