import NeuralNetwork

/// MobileViT as a widely copied Paddle tutorial wrote it, which differs from the paper: one attention head of 32 channels, a
/// reshape that mixes channels and rows in place of the paper's unfolding, batch norm and SiLU after every convolution of
/// a block, no norm after the transformers, no biases in q, k, v and the classifier. Parameter names are its state's.
enum TutorialMobileViT {
  struct Variant {
    /// As its constructor takes them: stem, then input and output of each stage, then the last 1x1 convolution.
    let channels: [Int]
    let transformerChannels: [Int]
    let expansion: Int

    static let xxs = Variant(channels: [16, 16, 24, 24, 48, 48, 64, 64, 80, 80, 320], transformerChannels: [64, 80, 96], expansion: 2)
    static let xs = Variant(channels: [16, 32, 48, 48, 64, 64, 80, 80, 96, 96, 384], transformerChannels: [96, 120, 144], expansion: 4)
    static let s = Variant(
      channels: [16, 32, 64, 64, 96, 96, 128, 128, 160, 160, 640], transformerChannels: [144, 192, 240], expansion: 4)
  }

  private static let transformerDepths = [2, 4, 3]
  /// Feed-forward width over transformer width.
  private static let feedForward = [2, 4, 4]

  static func network(_ variant: Variant, name: String, classes: Int, dropout: Float) -> Network {
    var build = NetworkBuilder()
    let c = variant.channels
    // Output channels and stride of the seven inverted residuals; the last two stand between the blocks.
    let residuals = [(c[1], 1), (c[2], 2), (c[3], 1), (c[3], 1), (c[4], 2), (c[6], 2), (c[8], 2)]
    var x = build.convolutionNorm("conv1", build.input, channels: c[0], kernel: 3, stride: 2)
    for index in 0..<5 {
      x = build.invertedResidual(
        "mv2.\(index).conv", x, channels: residuals[index].0, stride: residuals[index].1, expansion: variant.expansion)
    }
    for block in 0..<3 {
      if block > 0 {
        let index = block + 4
        x = build.invertedResidual(
          "mv2.\(index).conv", x, channels: residuals[index].0, stride: residuals[index].1, expansion: variant.expansion)
      }
      let width = variant.transformerChannels[block]
      x = build.block("mvit.\(block)", x, width: width, depth: transformerDepths[block], hidden: width * feedForward[block])
    }
    x = build.convolutionNorm("conv2", x, channels: c[c.count - 1], kernel: 1)
    x = build.meanPool("pool", x, dropout: dropout)
    x = build.linear(
      "fc", x, outputChannels: classes, hasBias: false, order: .inputFirst, initializer: .xavier(c[c.count - 1], classes))
    // Its reshape needs maps of four equal runs, and its pooling a map of exactly size / 32.
    return build.build(name: name, classes: classes, output: x, imageSizeMultiple: 64, minimumImageSize: 64)
  }
}

extension Parameter.Initializer {
  /// Xavier-uniform (Glorot and Bengio 2010), Paddle's for linear layers.
  fileprivate static func xavier(_ inputs: Int, _ outputs: Int) -> Parameter.Initializer {
    .uniform(bound: (6 / Double(inputs + outputs)).squareRoot())
  }
}

extension NetworkBuilder {
  private mutating func convolutionNorm(
    convolution name: String, norm: String, _ x: Value, channels: Int, kernel: Int, stride: Int = 1, isDepthwise: Bool = false
  ) -> Value {
    // Paddle's default for Conv2D; its fan-in does not divide by the groups.
    let z = convolution(
      name, x, outputChannels: channels, kernel: kernel, stride: stride, isDepthwise: isDepthwise,
      initializer: .normal(deviation: (2 / Double(kernel * kernel * x.channels)).squareRoot()))
    return batchNorm(norm, z, convention: .paddle, statistics: ("_mean", "_variance"))
  }

  fileprivate mutating func convolutionNorm(_ name: String, _ x: Value, channels: Int, kernel: Int, stride: Int = 1) -> Value {
    activation(.silu, convolutionNorm(convolution: name + ".0", norm: name + ".1", x, channels: channels, kernel: kernel, stride: stride))
  }

  fileprivate mutating func invertedResidual(_ name: String, _ input: Value, channels: Int, stride: Int, expansion: Int) -> Value {
    let wide = input.channels * expansion
    var x = activation(.silu, convolutionNorm(convolution: name + ".0", norm: name + ".1", input, channels: wide, kernel: 1))
    x = activation(
      .silu,
      convolutionNorm(
        convolution: name + ".3", norm: name + ".4", x, channels: wide, kernel: 3, stride: stride, isDepthwise: true))
    x = convolutionNorm(convolution: name + ".6", norm: name + ".7", x, channels: channels, kernel: 1)
    return stride == 1 && input.channels == channels ? add(skip: input, branch: x) : x
  }

  fileprivate mutating func block(_ name: String, _ input: Value, width: Int, depth: Int, hidden: Int) -> Value {
    var x = convolutionNorm(name + ".conv1", input, channels: input.channels, kernel: 3)
    x = convolutionNorm(name + ".conv2", x, channels: width, kernel: 1)
    x = transposeRows(name + ".reshape", x)
    for index in 0..<depth { x = transformerLayer("\(name).transformer.layers.\(index)", x, hidden: hidden) }
    x = convolutionNorm(name + ".conv3", x, channels: input.channels, kernel: 1)
    return convolutionNorm(name + ".conv4", concatenate(x, input), channels: input.channels, kernel: 3)
  }

  private mutating func transformerLayer(_ name: String, _ input: Value, hidden: Int) -> Value {
    let width = input.channels, inner = 32
    var x = layerNorm(name + ".0.norm", input)
    x = linear(
      name + ".0.fn.to_qkv", x, outputChannels: 3 * inner, hasBias: false, order: .inputFirst, initializer: .xavier(width, 3 * inner))
    x = attention(name + ".0.fn.attend", x, heads: 1, groups: .quarters)
    x = linear(name + ".0.fn.to_out.0", x, outputChannels: width, hasBias: true, order: .inputFirst, initializer: .xavier(inner, width))
    let attended = add(skip: input, branch: x)
    x = layerNorm(name + ".1.norm", attended)
    x = linear(name + ".1.fn.net.0", x, outputChannels: hidden, hasBias: true, order: .inputFirst, initializer: .xavier(width, hidden))
    x = activation(.silu, x)
    x = linear(name + ".1.fn.net.3", x, outputChannels: width, hasBias: true, order: .inputFirst, initializer: .xavier(hidden, width))
    return add(skip: attended, branch: x)
  }
}
