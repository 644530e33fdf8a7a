/// All that happens between a picture file and a network's input outside training, as a checkpoint records it.
///
/// Encoded, it names every number that a reader in another language needs: sides in pixels, mean and deviation of values from 0 to
/// 1, shares of the shorter side. `Documentation/data.md` gives the steps in their order.
public struct Preprocessing: Sendable, Hashable {
  /// Pixels a side of the square input.
  public let imageSize: Int
  public let normalization: Normalization
  public let rules: PictureRules

  public init(imageSize: Int, normalization: Normalization, rules: PictureRules) {
    self.imageSize = imageSize
    self.normalization = normalization
    self.rules = rules
  }
}

extension Preprocessing: Encodable {
  private enum CodingKeys: String, CodingKey {
    case imageSize = "image_size"
    case filter
    case normalization, mean, deviation = "std"
  }

  public func encode(to encoder: any Encoder) throws {
    try rules.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(imageSize, forKey: .imageSize)
    try keys.encode("bilinear, antialiased", forKey: .filter)
    try keys.encode(normalization, forKey: .normalization)
    try keys.encode(normalization.mean, forKey: .mean)
    try keys.encode(normalization.deviation, forKey: .deviation)
  }
}
