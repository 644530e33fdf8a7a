import ArgumentParser
import Configuration
import Foundation
import ImageData
import Kernels
import NeuralNetwork
import Tensors
import Training
import VisionModels
import WeightFiles

/// A weight file opened as a model: what `evaluate` and `predict` work with.
struct WeightedModel {
  let executor: Executor
  let imageSize: Int
  let normalization: Normalization
  /// As noted in the file; by index where it notes none.
  let classNames: [String]
  let hasClassNames: Bool
  /// The weight file.
  let path: String
  /// How the data were split that it was trained on; nil where nothing records it.
  let split: RecordedSplit?

  /// - Parameter options: flags come before the file's metadata, and that before what its kind of weights needs.
  /// - Throws: an error that names what the file does not tell, or its first tensor that is not finite.
  init(_ options: WeightOptions, threads: Int?, kernels: String?) throws {
    let location = try options.location()
    let path = location.file
    let givenModel = location.isMemberNamed ? nil : options.model
    let file = try SafetensorsFile(weightsAt: path)
    let metadata = WeightMetadata(file.metadata)
    let inspection = try WeightFileInspection(of: file)
    guard let name = givenModel ?? metadata.model ?? inspection.model else {
      throw Failure(.usage, "\(path): does not tell which model it is of; name it with --model")
    }
    let network: Network
    do {
      network = try Catalogue.network(name, classes: max(2, inspection.classes), dropout: 0)
    } catch let error as UnknownModel {
      throw givenModel == nil ? Failure(.badData, "\(path): \(error)") : Failure(.usage, "--model: \(error)")
    }
    let normalization = options.normalization ?? metadata.normalization?.rawValue ?? ModelFacts.publishedNormalization(name)
    guard let normalization = Normalization(rawValue: normalization) else {
      throw Failure(.usage, "--normalization must be \(SettingTable.shared.normalization.choices), not \"\(normalization)\"")
    }
    let size = options.imageSize ?? metadata.imageSize ?? 256
    let facts = ModelFacts(
      name: name, dropout: 0, smallestImage: network.minimumImageSize, imageStep: network.imageSizeMultiple, publishedNormalization: "")
    if let objection = facts.objection(toImageSize: size) {
      throw options.imageSize == nil && metadata.imageSize != nil
        ? Failure(.badData, "\(path): its image_size: \(objection), with --image-size")
        : Failure(.usage, "--image-size: \(objection)")
    }

    let weights = try InitialWeights(reading: path, for: network, keepsClassifier: true)
    let engine = Engine(
      threads: threads ?? SystemLimits.read().processors, kernels: try kernels.map(KernelSet.chosen) ?? .best)
    if let shortage = engine.pool.shortage { StandardStreams.complain(shortage) }
    try engine.checkMemory(MemoryNeed(numbers: ParameterStore.byteCount(network, trainedBy: nil)))
    let store = ParameterStore(network)
    try weights.load(into: store)
    if let tensor = store.firstNonFiniteTensor {
      throw Failure(.internal, "\(path): \"\(tensor)\" holds values that are not finite numbers; use another checkpoint")
    }
    executor = Executor(network: network, store: store, engine: engine)
    self.path = path
    split = metadata.split ?? RecordedSplit(besideWeights: path)
    imageSize = size
    self.normalization = normalization
    let names = metadata.classNames.flatMap { $0.count == network.classes ? $0 : nil }
    hasClassNames = names != nil
    classNames = names ?? (0..<network.classes).map(String.init)
  }
}

extension KernelSet {
  /// The kernels that `--kernels` names; `best` is as good a name as any.
  static func chosen(_ name: String) throws -> KernelSet { name == "best" ? .best : try named(name) }
}

/// The flags that say which weights.
struct WeightOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The weights: a checkpoint's folder or its model.safetensors, a run's folder, or a file in timm's, torchvision's or the tutorial's names.",
      valueName: "path"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Instead of --weights: a run's folder or its name in runs/; its best checkpoint, else its latest.", valueName: "run"))
  var run: String?

  @Option(help: ArgumentHelp("The model, where the file does not tell; of a comparison the one to use.", valueName: "name"))
  var model: String?

  @Option(help: ArgumentHelp("Pixels a side. (default: the checkpoint's, else 256)", valueName: "pixels"))
  var imageSize: Int?

  @Option(
    help: ArgumentHelp(
      "\(SettingTable.shared.normalization.help) (default: the checkpoint's, else the model's own)", valueName: "name"))
  var normalization: String?

  func validate() throws {
    guard (weights == nil) != (run == nil) else {
      throw ValidationError(
        weights == nil
          ? "name the weights with --weights, or a run with --run" : "--weights and --run both name weights; leave one of them out")
    }
    guard weights != "", run != "" else { throw ValidationError("--weights and --run must name a file or a folder") }
  }

  /// The weight file that is meant.
  func location() throws -> WeightLocation {
    if let run { return try WeightLocation(run: run, model: model) }
    return try WeightLocation(weights: weights ?? "", model: model)
  }
}

/// The flags that say what computes.
struct MachineOptions: ParsableArguments {
  @OptionGroup private var flags: SettingFlags<ForComputing, MachineSection>

  var threads: Int? { settings?.threads ?? nil }
  var kernels: String? { settings?.kernels }

  func validate() throws {
    do { _ = try given() } catch { throw ValidationError("--" + error.problem) }
  }

  private func given() throws(ConfigurationError) -> Settings {
    var settings = Settings()
    try flags.add(to: &settings)
    return settings
  }

  /// `validate` has let them pass.
  private var settings: Settings? { try? given() }
}
