import Foundation
import ImageData

/// What a checkpoint's weights say of themselves, so that evaluation and prediction need nothing else.
public struct WeightMetadata: Sendable, Hashable {
  public let model: String?
  public let imageSize: Int?
  public let normalization: Normalization?
  public let classNames: [String]?

  public init(_ metadata: [String: String]) {
    model = metadata["model"]
    imageSize = metadata["image_size"].flatMap { Int($0) }
    normalization = metadata["normalization"].flatMap(Normalization.init(rawValue:))
    // A file of another program may use the key for something else: its classes are then called by index.
    classNames = metadata["class_names"].flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }
  }
}

extension Checkpoint {
  /// The metadata of `model.safetensors`.
  static func metadata(model: String, imageSize: Int, normalization: Normalization, classNames: [String]) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    let names = String(decoding: try encoder.encode(classNames), as: UTF8.self)
    return [
      // What PyTorch's loaders ask for.
      "format": "pt", "model": model, "image_size": String(imageSize), "normalization": normalization.rawValue,
      "classes": String(classNames.count), "class_names": names,
    ]
  }
}
