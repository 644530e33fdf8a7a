/// What a weight file's names and shapes tell about its model.
///
/// A few tensors suffice to tell the models apart; whether all the others are there is `WeightMatch`'s to check.
public struct WeightFileInspection: Sendable, Equatable {
  public let scheme: NamingScheme
  /// The catalogue's name, such as `mobilevit_xxs`; nil for a width that the catalogue does not have.
  public let model: String?
  /// Outputs of the classifier.
  public let classes: Int

  /// - Throws: `WeightFileError.unknownNames` when the names are of no scheme known here.
  public init(of file: SafetensorsFile) throws {
    let shapes = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.shape) })
    guard let inspection = WeightFileInspection(shapes: shapes) else {
      let examples = shapes.keys.sorted().prefix(4).map { $0 }
      throw WeightFileError(file.path, .unknownNames(examples: examples))
    }
    self = inspection
  }

  /// - Parameter shapes: of every tensor of a file, by name.
  public init?(shapes: [String: [Int]]) {
    for signature in Signature.all {
      guard signature.marks.allSatisfy({ shapes[$0] != nil }), let head = shapes[signature.head], head.count == 2,
        let last = shapes[signature.lastConvolution], last.count == 4
      else { continue }
      scheme = signature.scheme
      classes = head[signature.classAxis]
      let width = Width(features: last[0], channels: last[1])
      model = head[1 - signature.classAxis] == last[0] ? signature.models[width] : nil
      return
    }
    return nil
  }
}

/// Outputs and inputs of a model's last convolution, which differ from variant to variant.
private struct Width: Hashable {
  let features: Int
  let channels: Int
}

/// How a scheme shows.
private struct Signature {
  let scheme: NamingScheme
  /// Names that no other scheme has in this combination.
  let marks: [String]
  let lastConvolution: String
  /// The classifier's weight and the axis that counts classes.
  let head: String
  let classAxis: Int
  let models: [Width: String]

  static let all: [Signature] = [
    Signature(
      scheme: .timmMobileViT, marks: ["stem.conv.weight", "stages.2.1.transformer.0.attn.qkv.weight"],
      lastConvolution: "final_conv.conv.weight", head: "head.fc.weight", classAxis: 0, models: mobileViT("mobilevit_")),
    Signature(
      scheme: .huggingFaceMobileViT, marks: ["mobilevit.conv_stem.convolution.weight"],
      lastConvolution: "mobilevit.conv_1x1_exp.convolution.weight", head: "classifier.weight", classAxis: 0,
      models: mobileViT("mobilevit_")),
    Signature(
      scheme: .tutorialMobileViT, marks: ["conv1.0.weight", "mvit.0.transformer.layers.0.0.fn.to_qkv.weight"],
      lastConvolution: "conv2.0.weight", head: "fc.weight", classAxis: 1, models: mobileViT("tutorial_mobilevit_")),
    Signature(
      scheme: .torchvisionMobileNetV2, marks: ["features.0.0.weight", "features.1.conv.0.0.weight", "features.0.1.running_mean"],
      lastConvolution: "features.18.0.weight", head: "classifier.1.weight", classAxis: 0, models: mobileNetV2),
    Signature(
      scheme: .paddleMobileNetV2, marks: ["features.0.0.weight", "features.1.conv.0.0.weight", "features.0.1._mean"],
      lastConvolution: "features.18.0.weight", head: "classifier.1.weight", classAxis: 1, models: mobileNetV2),
    Signature(
      scheme: .timmMobileNetV2, marks: ["conv_stem.weight", "blocks.0.0.conv_dw.weight", "blocks.6.0.conv_pwl.weight"],
      lastConvolution: "conv_head.weight", head: "classifier.weight", classAxis: 0, models: mobileNetV2),
  ]

  private static func mobileViT(_ prefix: String) -> [Width: String] {
    [
      Width(features: 320, channels: 80): prefix + "xxs", Width(features: 384, channels: 96): prefix + "xs",
      Width(features: 640, channels: 160): prefix + "s",
    ]
  }

  private static let mobileNetV2 = [Width(features: 1280, channels: 320): "mobilenet_v2"]
}
