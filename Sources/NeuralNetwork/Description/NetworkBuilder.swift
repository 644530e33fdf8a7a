import Kernels

/// Builds a `Network` layer by layer.
public struct NetworkBuilder {
  public typealias Value = Network.Value

  /// The image, [images, height, width, 3].
  public let input = Value(index: 0, channels: 3)
  private var layers: [Network.Layer] = []
  private var parameters: [Parameter] = []
  private var values = 1

  public init() {}

  public func build(name: String, classes: Int, output: Value, imageSizeMultiple: Int = 1, minimumImageSize: Int = 32) -> Network {
    Network(
      name: name, classes: classes, layers: layers, parameters: parameters, output: output, imageSizeMultiple: imageSizeMultiple,
      minimumImageSize: minimumImageSize)
  }

  /// Convolution without bias, padding `kernel / 2`; `name` + ".weight" is [out, in, k, k], or [channels, 1, k, k] depthwise.
  public mutating func convolution(
    _ name: String, _ x: Value, outputChannels: Int, kernel: Int, stride: Int = 1, isDepthwise: Bool = false,
    initializer: Parameter.Initializer
  ) -> Value {
    precondition(kernel == 1 || kernel == 3, "convolutions are 1x1 or 3x3")
    precondition(stride == 1 || (stride == 2 && kernel == 3), "strides are 1, or 2 for 3x3")
    precondition(!isDepthwise || (outputChannels == x.channels && kernel == 3), "a depthwise convolution is 3x3 and keeps its channels")
    let weight = parameter(name + ".weight", [outputChannels, isDepthwise ? 1 : x.channels, kernel, kernel], .weight, initializer)
    return layer(name, .convolution(weight: weight, kernel: kernel, stride: stride, isDepthwise: isDepthwise), [x], outputChannels)
  }

  /// `statistics` are the names' endings of the running mean and variance.
  public mutating func batchNorm(
    _ name: String, _ x: Value, convention: Network.BatchNormConvention, statistics: (mean: String, variance: String)
  ) -> Value {
    let shape = [x.channels]
    let weight = parameter(name + ".weight", shape, .normWeight, .constant(1))
    let bias = parameter(name + ".bias", shape, .normBias, .constant(0))
    let mean = parameter(name + "." + statistics.mean, shape, .runningMean, .constant(0))
    let variance = parameter(name + "." + statistics.variance, shape, .runningVariance, .constant(1))
    return layer(name, .batchNorm(weight: weight, bias: bias, mean: mean, variance: variance, convention: convention), [x], x.channels)
  }

  public mutating func activation(_ activation: Activation, _ x: Value) -> Value {
    layer("\(activation)", .activation(activation), [x], x.channels)
  }

  public mutating func linear(
    _ name: String, _ x: Value, outputChannels: Int, hasBias: Bool, order: Network.WeightOrder = .outputFirst,
    initializer: Parameter.Initializer
  ) -> Value {
    let shape = order == .outputFirst ? [outputChannels, x.channels] : [x.channels, outputChannels]
    let weight = parameter(name + ".weight", shape, .weight, initializer)
    let bias = hasBias ? parameter(name + ".bias", [outputChannels], .bias, .constant(0)) : nil
    return layer(name, .linear(weight: weight, bias: bias, order: order), [x], outputChannels)
  }

  public mutating func layerNorm(_ name: String, _ x: Value, epsilon: Float = 1e-5) -> Value {
    let weight = parameter(name + ".weight", [x.channels], .normWeight, .constant(1))
    let bias = parameter(name + ".bias", [x.channels], .normBias, .constant(0))
    return layer(name, .layerNorm(weight: weight, bias: bias, epsilon: epsilon), [x], x.channels)
  }

  public mutating func attention(_ name: String, _ qkv: Value, heads: Int, groups: Network.AttentionGroups) -> Value {
    precondition(qkv.channels % (3 * heads) == 0, "q, k and v of \(heads) heads do not share \(qkv.channels) channels evenly")
    return layer(
      name, .attention(heads: heads, headChannels: qkv.channels / (3 * heads), groups: groups), [qkv], qkv.channels / 3)
  }

  /// `skip` + `branch`.
  public mutating func add(skip: Value, branch: Value) -> Value {
    precondition(skip.channels == branch.channels, "a residual's sides differ: \(skip.channels) and \(branch.channels) channels")
    return layer("add", .add, [skip, branch], skip.channels)
  }

  public mutating func concatenate(_ first: Value, _ second: Value) -> Value {
    layer("concatenate", .concatenate, [first, second], first.channels + second.channels)
  }

  public mutating func resizeToEven(_ name: String, _ x: Value) -> Value { layer(name, .resizeToEven, [x], x.channels) }

  public mutating func resize(_ name: String, _ x: Value, like other: Value) -> Value {
    layer(name, .resizeLike, [x, other], x.channels)
  }

  public mutating func transposeRows(_ name: String, _ x: Value) -> Value { layer(name, .transposeRows, [x], x.channels) }

  public mutating func meanPool(_ name: String, _ x: Value, dropout: Float) -> Value {
    layer(name, .meanPool(dropout: dropout), [x], x.channels)
  }

  private mutating func layer(_ name: String, _ operation: Network.Layer.Operation, _ inputs: [Value], _ channels: Int) -> Value {
    let output = Value(index: values, channels: channels)
    values += 1
    layers.append(Network.Layer(name: name, operation: operation, inputs: inputs, output: output))
    return output
  }

  private mutating func parameter(_ name: String, _ shape: [Int], _ role: Parameter.Role, _ initializer: Parameter.Initializer) -> Int {
    precondition(!parameters.contains { $0.name == name }, "two parameters are called \(name)")
    parameters.append(Parameter(name: name, shape: shape, role: role, initializer: initializer))
    return parameters.count - 1
  }
}
