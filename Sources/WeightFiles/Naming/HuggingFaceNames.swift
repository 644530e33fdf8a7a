/// Names of the published MobileViT's layers in Hugging Face's `MobileViTForImageClassification`. Canonical are timm's.
///
/// Query, key and value are layers of their own there. Its published weights take pixels in the order blue, green, red
/// (its image processor flips them); the canonical model takes red, green, blue, so the stem's input channels are reversed
/// on reading (see `NamingScheme`).
extension ModuleMap {
  static let huggingFaceMobileViT: ModuleMap = {
    let encoder = "mobilevit.encoder.layer"
    var pairs: [(canonical: String, sources: [String])] = []
    pairs += convolution("stem", "mobilevit.conv_stem")
    pairs += inverted("stages.0.0", encoder + ".0.layer.0")
    for block in 0..<3 { pairs += inverted("stages.1.\(block)", encoder + ".1.layer.\(block)") }
    for (offset, depth) in [2, 4, 3].enumerated() {
      let stage = offset + 2
      pairs += inverted("stages.\(stage).0", encoder + ".\(stage).downsampling_layer")
      pairs += block("stages.\(stage).1", encoder + ".\(stage)", depth: depth)
    }
    pairs += convolution("final_conv", "mobilevit.conv_1x1_exp")
    pairs.append(("head.fc", ["classifier"]))
    return ModuleMap(pairs)
  }()

  /// A convolution with its batch norm.
  private static func convolution(_ ours: String, _ theirs: String) -> [(canonical: String, sources: [String])] {
    [(ours + ".conv", [theirs + ".convolution"]), (ours + ".bn", [theirs + ".normalization"])]
  }

  /// An inverted residual.
  private static func inverted(_ ours: String, _ theirs: String) -> [(canonical: String, sources: [String])] {
    convolution(ours + ".conv1_1x1", theirs + ".expand_1x1") + convolution(ours + ".conv2_kxk", theirs + ".conv_3x3")
      + convolution(ours + ".conv3_1x1", theirs + ".reduce_1x1")
  }

  /// A MobileViT block without the inverted residual before it.
  private static func block(_ ours: String, _ theirs: String, depth: Int) -> [(canonical: String, sources: [String])] {
    convolution(ours + ".conv_kxk", theirs + ".conv_kxk")
      + [(ours + ".conv_1x1", [theirs + ".conv_1x1.convolution"]), (ours + ".norm", [theirs + ".layernorm"])]
      + (0..<depth).flatMap { transformer(ours + ".transformer.\($0)", theirs + ".transformer.layer.\($0)") }
      + convolution(ours + ".conv_proj", theirs + ".conv_projection") + convolution(ours + ".conv_fusion", theirs + ".fusion")
  }

  private static func transformer(_ ours: String, _ theirs: String) -> [(canonical: String, sources: [String])] {
    [
      (ours + ".norm1", [theirs + ".layernorm_before"]),
      (ours + ".attn.qkv", ["query", "key", "value"].map { theirs + ".attention.attention." + $0 }),
      (ours + ".attn.proj", [theirs + ".attention.output.dense"]),
      (ours + ".norm2", [theirs + ".layernorm_after"]),
      (ours + ".mlp.fc1", [theirs + ".intermediate.dense"]),
      (ours + ".mlp.fc2", [theirs + ".output.dense"]),
    ]
  }
}
