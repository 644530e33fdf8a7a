/// What a configuration needs to know of a model.
public struct ModelFacts: Sendable, Hashable {
  public let name: String
  /// Dropout before the classifier.
  public let dropout: Double
  /// The image sizes that it takes: from `smallestImage` on, multiples of `imageStep`.
  public let smallestImage: Int
  public let imageStep: Int
  /// How the pixels were normalised that published weights of it were trained with.
  public let publishedNormalization: String

  public init(name: String, dropout: Double, smallestImage: Int, imageStep: Int, publishedNormalization: String) {
    self.name = name
    self.dropout = dropout
    self.smallestImage = smallestImage
    self.imageStep = imageStep
    self.publishedNormalization = publishedNormalization
  }

  /// Why it cannot take images of `size` x `size`; nil if it can.
  public func objection(toImageSize size: Int) -> String? {
    guard size < smallestImage || size % imageStep != 0 else { return nil }
    let rule = imageStep > 1 ? "multiples of \(imageStep)" : "any size from \(smallestImage)"
    let below = max(smallestImage, size / imageStep * imageStep)
    let above = max(smallestImage, (size + imageStep - 1) / imageStep * imageStep)
    let cure = below == above ? "use \(above)" : "use \(below) or \(above)"
    return "\(name) takes \(rule), not \(size); \(cure)"
  }
}

/// What a weight file given with `--weights` tells of itself; it changes some defaults.
public struct WeightFacts: Sendable, Hashable {
  /// Its model, where its names or its metadata tell.
  public let model: String?
  /// Noted in a checkpoint of our own; nil in a file from elsewhere.
  public let normalization: String?

  public init(model: String?, normalization: String?) {
    self.model = model
    self.normalization = normalization
  }
}
