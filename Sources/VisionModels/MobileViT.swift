import NeuralNetwork

/// MobileViT as published (Mehta and Rastegari, "MobileViT: Light-weight, General-purpose, and Mobile-friendly Vision
/// Transformer", arXiv 2110.02178), with timm's parameter names.
enum MobileViT {
  /// One row of the paper's table.
  struct Variant {
    /// Stem and the five stages.
    let channels: [Int]
    /// Of the transformers in stages 3 to 5.
    let transformerChannels: [Int]
    /// Of the inverted residuals.
    let expansion: Int
    /// The last 1x1 convolution.
    let headChannels: Int

    static let xxs = Variant(channels: [16, 16, 24, 48, 64, 80], transformerChannels: [64, 80, 96], expansion: 2, headChannels: 320)
    static let xs = Variant(channels: [16, 32, 48, 64, 80, 96], transformerChannels: [96, 120, 144], expansion: 4, headChannels: 384)
    static let s = Variant(channels: [16, 32, 64, 96, 128, 160], transformerChannels: [144, 192, 240], expansion: 4, headChannels: 640)
  }

  private static let transformerDepths = [2, 4, 3]
  private static let heads = 4

  static func network(_ variant: Variant, name: String, classes: Int, dropout: Float) -> Network {
    var build = NetworkBuilder()
    var x = build.convolutionNorm("stem", build.input, channels: variant.channels[0], kernel: 3, stride: 2)
    x = build.invertedResidual("stages.0.0", x, channels: variant.channels[1], stride: 1, expansion: variant.expansion)
    for index in 0..<3 {
      x = build.invertedResidual(
        "stages.1.\(index)", x, channels: variant.channels[2], stride: index == 0 ? 2 : 1, expansion: variant.expansion)
    }
    for stage in 2..<5 {
      x = build.invertedResidual("stages.\(stage).0", x, channels: variant.channels[stage + 1], stride: 2, expansion: variant.expansion)
      x = build.mobileViTBlock(
        "stages.\(stage).1", x, transformerChannels: variant.transformerChannels[stage - 2], depth: transformerDepths[stage - 2],
        heads: heads)
    }
    x = build.convolutionNorm("final_conv", x, channels: variant.headChannels, kernel: 1)
    x = build.meanPool("head.pool", x, dropout: dropout)
    x = build.linear("head.fc", x, outputChannels: classes, hasBias: true, initializer: .truncatedNormal(deviation: 0.02))
    return build.build(name: name, classes: classes, output: x)
  }
}

extension NetworkBuilder {
  /// Convolution, batch norm and, unless it is linear, SiLU.
  fileprivate mutating func convolutionNorm(
    _ name: String, _ x: Value, channels: Int, kernel: Int, stride: Int = 1, isDepthwise: Bool = false, isLinear: Bool = false
  ) -> Value {
    // Kaiming-normal over the fan-out, as the authors' code.
    let fanOut = kernel * kernel * (isDepthwise ? 1 : channels)
    var x = convolution(
      name + ".conv", x, outputChannels: channels, kernel: kernel, stride: stride, isDepthwise: isDepthwise,
      initializer: .normal(deviation: (2 / Double(fanOut)).squareRoot()))
    x = batchNorm(name + ".bn", x, convention: .pyTorch, statistics: ("running_mean", "running_var"))
    return isLinear ? x : activation(.silu, x)
  }

  /// MobileNetV2's block: expand, depthwise, project; a residual where the shape stays.
  fileprivate mutating func invertedResidual(_ name: String, _ input: Value, channels: Int, stride: Int, expansion: Int) -> Value {
    let wide = input.channels * expansion
    var x = convolutionNorm(name + ".conv1_1x1", input, channels: wide, kernel: 1)
    x = convolutionNorm(name + ".conv2_kxk", x, channels: wide, kernel: 3, stride: stride, isDepthwise: true)
    x = convolutionNorm(name + ".conv3_1x1", x, channels: channels, kernel: 1, isLinear: true)
    return stride == 1 && input.channels == channels ? add(skip: input, branch: x) : x
  }

  /// Local convolutions, transformers over the pixels at equal positions of 2x2 patches, and their fusion with the input.
  fileprivate mutating func mobileViTBlock(_ name: String, _ input: Value, transformerChannels: Int, depth: Int, heads: Int) -> Value {
    let channels = input.channels
    let local = convolutionNorm(name + ".conv_kxk", input, channels: channels, kernel: 3)
    let projected = convolution(
      name + ".conv_1x1", local, outputChannels: transformerChannels, kernel: 1,
      initializer: .normal(deviation: (2 / Double(transformerChannels)).squareRoot()))
    var x = resizeToEven(name + ".unfold", projected)
    for index in 0..<depth { x = transformerLayer("\(name).transformer.\(index)", x, heads: heads) }
    x = layerNorm(name + ".norm", x)
    x = resize(name + ".fold", x, like: projected)
    x = convolutionNorm(name + ".conv_proj", x, channels: channels, kernel: 1)
    return convolutionNorm(name + ".conv_fusion", concatenate(input, x), channels: channels, kernel: 3)
  }

  /// Pre-norm attention and a two-layer perceptron with SiLU, both residual.
  private mutating func transformerLayer(_ name: String, _ input: Value, heads: Int) -> Value {
    let channels = input.channels, initializer = Parameter.Initializer.truncatedNormal(deviation: 0.02)
    var x = layerNorm(name + ".norm1", input)
    x = linear(name + ".attn.qkv", x, outputChannels: 3 * channels, hasBias: true, initializer: initializer)
    x = attention(name + ".attn", x, heads: heads, groups: .patchPositions)
    x = linear(name + ".attn.proj", x, outputChannels: channels, hasBias: true, initializer: initializer)
    let attended = add(skip: input, branch: x)
    x = layerNorm(name + ".norm2", attended)
    x = linear(name + ".mlp.fc1", x, outputChannels: 2 * channels, hasBias: true, initializer: initializer)
    x = activation(.silu, x)
    x = linear(name + ".mlp.fc2", x, outputChannels: channels, hasBias: true, initializer: initializer)
    return add(skip: attended, branch: x)
  }
}
