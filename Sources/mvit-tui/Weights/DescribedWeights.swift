import Configuration
import Foundation
import ImageData
import NeuralNetwork
import Training
import VisionModels
import WeightFiles

/// A weight file as its header describes it: model, classes and how pictures are made ready for it.
struct DescribedWeights {
  /// The weight file.
  let path: String
  /// The catalogue's name.
  let model: String
  /// How the file names its tensors.
  let scheme: NamingScheme
  /// Without dropout.
  let network: Network
  let preprocessing: Preprocessing
  /// Whether the file records how pictures were made ready; else they are as the model's published weights need them.
  let recordsPreprocessing: Bool
  /// As noted in the file; by index where it notes none.
  let classNames: [String]
  let hasClassNames: Bool
  /// How the data were split that it was trained on; nil where nothing records it.
  let split: RecordedSplit?

  /// - Parameters:
  ///   - model: the architecture, where the user names it.
  ///   - given: settings of reading pictures. They come before the file's record, and that before what the model's published
  ///     weights need.
  /// - Throws: an error that names what the file does not tell.
  init(_ location: WeightLocation, model givenModel: String?, _ given: Settings) throws {
    let path = location.file
    let givenModel = location.isMemberNamed ? nil : givenModel
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
    self.path = path
    self.network = network
    model = name
    scheme = inspection.scheme
    split = metadata.split ?? RecordedSplit(besideWeights: path)
    let recorded = try metadata.pictureRules(of: path)
    recordsPreprocessing = recorded != nil
    preprocessing = Preprocessing(
      given, metadata, recorded, model: name, imageSize: try Self.imageSize(given, metadata, of: path, model: name, network))
    let names = metadata.classNames.flatMap { $0.count == network.classes ? $0 : nil }
    hasClassNames = names != nil
    classNames = names ?? (0..<network.classes).map(String.init)
  }

  private static func imageSize(
    _ given: Settings, _ metadata: WeightMetadata, of path: String, model: String, _ network: Network
  ) throws -> Int {
    let size = given.imageSize ?? metadata.imageSize ?? 256
    let facts = ModelFacts(
      name: model, dropout: 0, smallestImage: network.minimumImageSize, imageStep: network.imageSizeMultiple, publishedNormalization: "")
    if let objection = facts.objection(toImageSize: size) {
      throw given.imageSize == nil && metadata.imageSize != nil
        ? Failure(.badData, "\(path): its image_size: \(objection), with --image-size")
        : Failure(.usage, "--image-size: \(objection)")
    }
    return size
  }
}

extension Preprocessing {
  fileprivate init(_ given: Settings, _ metadata: WeightMetadata, _ recorded: PictureRules?, model: String, imageSize: Int) {
    let published = Normalization(rawValue: ModelFacts.publishedNormalization(model)) ?? .unit
    let normalization = given.normalization ?? metadata.normalization ?? published
    var rules = recorded ?? .published(with: normalization, isTutorial: ModelFacts.isTutorial(model))
    rules.orientation = given.orientation ?? rules.orientation
    rules.background = given.background ?? rules.background
    rules.colorManagement = given.colorManagement ?? rules.colorManagement
    rules.resize = given.resize ?? rules.resize
    self.init(imageSize: imageSize, normalization: normalization, rules: rules)
  }
}
