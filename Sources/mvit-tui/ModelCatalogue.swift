import Configuration
import NeuralNetwork
import VisionModels

extension ModelFacts {
  /// What configurations need to know of the catalogue's models.
  static func catalogue() throws -> [ModelFacts] {
    try Catalogue.names.map { name in
      let network = try Catalogue.network(name, classes: 2)
      return ModelFacts(
        name: name, dropout: Double("\(try Catalogue.defaults(name).dropout)") ?? 0, smallestImage: network.minimumImageSize,
        imageStep: network.imageSizeMultiple, publishedNormalization: publishedNormalization(name))
    }
  }

  static func publishedNormalization(_ name: String) -> String {
    if name == "mobilenet_v2" { return "imagenet" }
    return isTutorial(name) ? "tutorial" : "unit"
  }
}
