/// How 8-bit values become the network's input: divided by 255, then standardised by channel.
public enum Normalization: String, Sendable, Hashable, CaseIterable, Codable {
  /// x / 255.
  case unit
  /// ImageNet's mean and deviation, as torchvision's weights expect.
  case imagenet
  /// The tutorial's own data set's mean and deviation.
  case tutorial

  /// Red, green, blue; in units of 0...1.
  public var mean: [Float] {
    switch self {
    case .unit: [0, 0, 0]
    case .imagenet: [0.485, 0.456, 0.406]
    case .tutorial: [0.509_503_50, 0.546_326_60, 0.574_096_90]
    }
  }

  public var deviation: [Float] {
    switch self {
    case .unit: [1, 1, 1]
    case .imagenet: [0.229, 0.224, 0.225]
    case .tutorial: [0.260_597_77, 0.260_413_26, 0.292_206_56]
    }
  }
}

/// The 3 x 256 values that a normalisation can give, computed in the order of operations of the peers: (x / 255 - mean) /
/// deviation in float32.
struct NormalizationTable: Sendable {
  /// [3, 256]
  let values: [Float]

  init(_ normalization: Normalization) {
    values = zip(normalization.mean, normalization.deviation).flatMap { mean, deviation in
      (0..<256).map { (Float($0) / 255 - mean) / deviation }
    }
  }
}
