extension Reference {
  /// A batch norm's parameters and state, each [channels].
  public struct BatchNorm: Sendable {
    public var weight: [Double]
    public var bias: [Double]
    public var runningMean: [Double]
    public var runningVariance: [Double]
    public var epsilon = 1e-5
    /// running = (1 - momentum) * running + momentum * batch.
    public var momentum = 0.1
    /// The running variance divides by n - 1 (PyTorch) or by n (Paddle).
    public var unbiased = true

    public init(weight: [Double], bias: [Double], runningMean: [Double], runningVariance: [Double]) {
      self.weight = weight
      self.bias = bias
      self.runningMean = runningMean
      self.runningVariance = runningVariance
    }

    public var channels: Int { weight.count }
  }

  /// With batch statistics (`training`), which also move the running ones; else with the running statistics (evaluation, and
  /// training of a frozen norm).
  ///
  /// - Parameter input: [rows][channels]
  /// - Returns: the output, [rows][channels], and the statistics used, [channels]
  public static func batchNormForward(
    _ norm: inout BatchNorm, input: [Double], training: Bool
  ) -> (output: [Double], mean: [Double], inverseDeviation: [Double]) {
    let channels = norm.channels
    let rows = input.count / channels
    var (mean, variance) = (norm.runningMean, norm.runningVariance)
    if training {
      for c in 0..<channels {
        let column = (0..<rows).map { input[$0 * channels + c] }
        mean[c] = column.reduce(0, +) / Double(rows)
        let squares = column.reduce(0) { $0 + ($1 - mean[c]) * ($1 - mean[c]) }
        variance[c] = squares / Double(rows)
        let kept = norm.unbiased && rows > 1 ? squares / Double(rows - 1) : variance[c]
        norm.runningMean[c] += norm.momentum * (mean[c] - norm.runningMean[c])
        norm.runningVariance[c] += norm.momentum * (kept - norm.runningVariance[c])
      }
    }
    let inverse = variance.map { 1 / ($0 + norm.epsilon).squareRoot() }
    let output = input.indices.map { i in
      let c = i % channels
      return (input[i] - mean[c]) * inverse[c] * norm.weight[c] + norm.bias[c]
    }
    return (output, mean, inverse)
  }

  /// The gradients of input, weight and bias. With `training` the mean and the deviation depend on the input.
  public static func batchNormBackward(
    weight: [Double], input: [Double], mean: [Double], inverseDeviation: [Double], outputGradient: [Double], training: Bool
  ) -> (input: [Double], weight: [Double], bias: [Double]) {
    let channels = weight.count
    let rows = Double(input.count / channels)
    let normalized = input.indices.map { (input[$0] - mean[$0 % channels]) * inverseDeviation[$0 % channels] }
    var (weightGradient, biasGradient) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    for i in input.indices {
      weightGradient[i % channels] += outputGradient[i] * normalized[i]
      biasGradient[i % channels] += outputGradient[i]
    }
    let inputGradient = input.indices.map { i in
      let c = i % channels
      let shared = training ? biasGradient[c] / rows + normalized[i] * weightGradient[c] / rows : 0
      return weight[c] * inverseDeviation[c] * (outputGradient[i] - shared)
    }
    return (inputGradient, weightGradient, biasGradient)
  }

  /// Normalises each row over its channels.
  ///
  /// - Parameters:
  ///   - input: [rows][channels]
  ///   - weight: [channels]
  ///   - bias: [channels]
  public static func layerNormForward(input: [Double], weight: [Double], bias: [Double], epsilon: Double) -> [Double] {
    let channels = weight.count
    return (0..<input.count / channels).flatMap { row in
      let (normalized, _) = normalizedRow(input[row * channels..<(row + 1) * channels], epsilon: epsilon)
      return (0..<channels).map { normalized[$0] * weight[$0] + bias[$0] }
    }
  }

  /// The gradients of what `layerNormForward` takes, in its shapes.
  public static func layerNormBackward(
    input: [Double], weight: [Double], epsilon: Double, outputGradient: [Double]
  ) -> (input: [Double], weight: [Double], bias: [Double]) {
    let channels = weight.count
    var (weightGradient, biasGradient) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    var inputGradient: [Double] = []
    for row in 0..<input.count / channels {
      let (normalized, inverse) = normalizedRow(input[row * channels..<(row + 1) * channels], epsilon: epsilon)
      let gradient = Array(outputGradient[row * channels..<(row + 1) * channels])
      for c in 0..<channels {
        weightGradient[c] += gradient[c] * normalized[c]
        biasGradient[c] += gradient[c]
      }
      let scaled = (0..<channels).map { gradient[$0] * weight[$0] }
      let mean = scaled.reduce(0, +) / Double(channels)
      let product = (0..<channels).reduce(0) { $0 + scaled[$1] * normalized[$1] } / Double(channels)
      inputGradient += (0..<channels).map { inverse * (scaled[$0] - mean - normalized[$0] * product) }
    }
    return (inputGradient, weightGradient, biasGradient)
  }

  private static func normalizedRow(_ row: ArraySlice<Double>, epsilon: Double) -> (values: [Double], inverseDeviation: Double) {
    let mean = row.reduce(0, +) / Double(row.count)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
    let inverse = 1 / (variance + epsilon).squareRoot()
    return (row.map { ($0 - mean) * inverse }, inverse)
  }
}
