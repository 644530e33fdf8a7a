import ImageData

/// What a configuration needs to know of a model.
public struct ModelFacts: Sendable, Hashable {
  /// Far more than these networks are made for; beyond it, a number is a slip of the keyboard or a broken file.
  public static let largestImage = 8192

  public let name: String
  /// Dropout before the classifier.
  public let dropout: Double
  /// The image sizes that it takes: from `smallestImage` to `largestImage`, multiples of `imageStep`.
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

  /// Whether it is the tutorial's variant, which keeps what the tutorial did.
  public var isTutorial: Bool { Self.isTutorial(name) }

  public static func isTutorial(_ name: String) -> Bool { name.hasPrefix("tutorial_") }

  /// Why it cannot take images of `size` x `size`; nil if it can.
  public func objection(toImageSize size: Int) -> String? {
    let largest = Self.largestImage / imageStep * imageStep
    guard size < smallestImage || size > largest || size % imageStep != 0 else { return nil }
    let rule = (imageStep > 1 ? "multiples of \(imageStep)" : "any size") + " from \(smallestImage) to \(largest)"
    let bounded = min(max(size, smallestImage), largest)
    let below = max(smallestImage, bounded / imageStep * imageStep)
    let above = (bounded + imageStep - 1) / imageStep * imageStep
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
  /// How picture files were read; nil likewise.
  public let rules: PictureRules?

  public init(model: String?, normalization: String?, rules: PictureRules? = nil) {
    self.model = model
    self.normalization = normalization
    self.rules = rules
  }
}
