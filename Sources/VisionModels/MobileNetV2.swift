import NeuralNetwork

/// MobileNetV2 (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", arXiv 1801.04381), with
/// torchvision's parameter names.
enum MobileNetV2 {
  /// The paper's table 2: expansion, output channels, repeats, stride of the first.
  private static let rows: [(expansion: Int, channels: Int, repeats: Int, stride: Int)] = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
  ]

  static func network(name: String, classes: Int, dropout: Float) -> Network {
    var build = NetworkBuilder()
    var x = build.convolutionNorm("features.0.0", "features.0.1", build.input, channels: 32, kernel: 3, stride: 2)
    x = build.activation(.relu6, x)
    var feature = 1
    for row in rows {
      for index in 0..<row.repeats {
        x = build.invertedResidual(
          "features.\(feature).conv", x, channels: row.channels, stride: index == 0 ? row.stride : 1, expansion: row.expansion)
        feature += 1
      }
    }
    x = build.convolutionNorm("features.18.0", "features.18.1", x, channels: 1280, kernel: 1)
    x = build.activation(.relu6, x)
    x = build.meanPool("pool", x, dropout: dropout)
    x = build.linear("classifier.1", x, outputChannels: classes, hasBias: true, initializer: .normal(deviation: 0.01))
    return build.build(name: name, classes: classes, output: x)
  }
}

extension NetworkBuilder {
  fileprivate mutating func convolutionNorm(
    _ name: String, _ normName: String, _ x: Value, channels: Int, kernel: Int, stride: Int = 1, isDepthwise: Bool = false
  ) -> Value {
    // Kaiming-normal over the fan-out, as torchvision.
    let fanOut = kernel * kernel * (isDepthwise ? 1 : channels)
    let z = convolution(
      name, x, outputChannels: channels, kernel: kernel, stride: stride, isDepthwise: isDepthwise,
      initializer: .normal(deviation: (2 / Double(fanOut)).squareRoot()))
    return batchNorm(normName, z, convention: .pyTorch, statistics: ("running_mean", "running_var"))
  }

  fileprivate mutating func invertedResidual(_ name: String, _ input: Value, channels: Int, stride: Int, expansion: Int) -> Value {
    let wide = input.channels * expansion
    var x = input, index = 0
    if expansion > 1 {
      x = activation(.relu6, convolutionNorm("\(name).0.0", "\(name).0.1", x, channels: wide, kernel: 1))
      index = 1
    }
    x = convolutionNorm("\(name).\(index).0", "\(name).\(index).1", x, channels: wide, kernel: 3, stride: stride, isDepthwise: true)
    x = activation(.relu6, x)
    x = convolutionNorm("\(name).\(index + 1)", "\(name).\(index + 2)", x, channels: channels, kernel: 1)
    return stride == 1 && input.channels == channels ? add(skip: input, branch: x) : x
  }
}
