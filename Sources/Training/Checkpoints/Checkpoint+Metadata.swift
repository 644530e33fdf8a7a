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
    classNames = metadata["class_names"].flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }
  }
}

extension Checkpoint {
  /// The metadata of `model.safetensors`.
  static func metadata(model: String, imageSize: Int, normalization: Normalization, classNames: [String]) -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    let names = (try? encoder.encode(classNames)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    return [
      // What PyTorch's loaders ask for.
      "format": "pt", "model": model, "image_size": String(imageSize), "normalization": normalization.rawValue,
      "classes": String(classNames.count), "class_names": names,
    ]
  }
}
