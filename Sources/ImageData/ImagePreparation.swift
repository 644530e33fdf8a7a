/// What happens between a decoded image and the network's input.
public struct ImagePreparation: Sendable, Hashable {
  /// Pixels a side of the square input.
  public let imageSize: Int
  public let augmentation: Augmentation
  public let normalization: Normalization
  /// What is made of a file's pixels before anything else. `rules.resize` holds wherever a picture is resized whole: in
  /// evaluation, prediction and the augmentations `none` and `tutorial`.
  public let rules: PictureRules
  /// Of the random choices of `augmentation`.
  public let seed: UInt64

  public init(
    imageSize: Int, augmentation: Augmentation, normalization: Normalization, seed: UInt64, rules: PictureRules
  ) {
    precondition((1..<32768).contains(imageSize), "an image size is from 1 to 32767 pixels")
    self.imageSize = imageSize
    self.augmentation = augmentation
    self.normalization = normalization
    self.seed = seed
    self.rules = rules
  }

  /// For evaluation and prediction: resized and normalised, nothing random.
  public init(evaluating preprocessing: Preprocessing) {
    self.init(
      imageSize: preprocessing.imageSize, augmentation: .none, normalization: preprocessing.normalization, seed: 0,
      rules: preprocessing.rules)
  }

  /// Floats of one prepared image, [imageSize, imageSize, 3].
  public var elementCount: Int { imageSize * imageSize * 3 }

  var target: PixelSize { PixelSize(square: imageSize) }
}

/// One image file, decoded, resized and normalised for prediction.
public enum SingleImage {
  /// Writes `image` to `out`, [imageSize, imageSize, 3].
  public static func prepare(
    _ image: ImageLocation, _ preprocessing: Preprocessing, limits: DecodeLimits, into out: UnsafeMutablePointer<Float>
  ) throws(ImageError) {
    let sample = ImageSample(image, relativePath: image.path, classIndex: 0, byteCount: 0)
    let source = ImageSource(
      samples: [sample], preparation: ImagePreparation(evaluating: preprocessing), budget: CacheBudget(bytes: 0), limits: limits)
    try source.write(0, epoch: 0, to: out, scratch: ImageScratch())
  }
}
