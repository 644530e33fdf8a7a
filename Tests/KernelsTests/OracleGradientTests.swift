import Kernels
import Testing

/// The oracles' backward halves against central differences of their forward halves.
@Suite struct OracleGradientTests {
  private let grid = Reference.Grid(images: 2, height: 3, width: 4)

  @Test(arguments: [
    Reference.Convolution(inputs: 3, outputs: 4), Reference.Convolution(inputs: 2, outputs: 3, kernel: 3),
    Reference.Convolution(inputs: 2, outputs: 3, kernel: 3, stride: 2), Reference.Convolution(inputs: 3, outputs: 3, kernel: 3, groups: 3),
    Reference.Convolution(inputs: 3, outputs: 3, kernel: 3, stride: 2, groups: 3),
  ])
  func convolution(_ shape: Reference.Convolution) {
    var draws = Draws(seed: 1)
    let input = draws.normal(grid.rows * shape.inputs).doubles
    let (weights, bias) = (draws.normal(shape.weightCount).doubles, draws.normal(shape.outputs).doubles)
    let upstream = draws.normal(shape.outputGrid(grid).rows * shape.outputs).doubles
    let gradient = Reference.convolutionBackward(shape, grid: grid, input: input, weights: weights, outputGradient: upstream)
    expectGradient(gradient.input, of: input, upstream) {
      Reference.convolutionForward(shape, grid: grid, input: $0, weights: weights, bias: bias)
    }
    expectGradient(gradient.weights, of: weights, upstream) {
      Reference.convolutionForward(shape, grid: grid, input: input, weights: $0, bias: bias)
    }
    expectGradient(gradient.bias, of: bias, upstream) {
      Reference.convolutionForward(shape, grid: grid, input: input, weights: weights, bias: $0)
    }
  }

  @Test(arguments: [Activation.linear, .silu, .relu6]) func activation(_ activation: Activation) {
    var draws = Draws(seed: 2)
    let (input, upstream) = (draws.normal(50, deviation: 4).doubles, draws.normal(50).doubles)
    expectGradient(Reference.activationBackward(activation, input: input, outputGradient: upstream), of: input, upstream) {
      Reference.activationForward(activation, input: $0)
    }
  }

  @Test(arguments: [true, false]) func batchNorm(training: Bool) {
    var draws = Draws(seed: 3)
    let channels = 3
    let norm = Reference.BatchNorm(
      weight: draws.normal(channels).doubles, bias: draws.normal(channels).doubles, runningMean: draws.normal(channels).doubles,
      runningVariance: draws.uniform(channels, 0.5...2).doubles)
    let (input, upstream) = (draws.normal(7 * channels).doubles, draws.normal(7 * channels).doubles)
    func forward(_ input: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
      var norm = norm
      (norm.weight, norm.bias) = (weight, bias)
      return Reference.batchNormForward(&norm, input: input, training: training).output
    }
    var moved = norm
    let statistics = Reference.batchNormForward(&moved, input: input, training: training)
    let gradient = Reference.batchNormBackward(
      weight: norm.weight, input: input, mean: statistics.mean, inverseDeviation: statistics.inverseDeviation, outputGradient: upstream,
      training: training)
    expectGradient(gradient.input, of: input, upstream) { forward($0, norm.weight, norm.bias) }
    expectGradient(gradient.weight, of: norm.weight, upstream) { forward(input, $0, norm.bias) }
    expectGradient(gradient.bias, of: norm.bias, upstream) { forward(input, norm.weight, $0) }
  }

  @Test func layerNorm() {
    var draws = Draws(seed: 4)
    let (weight, bias) = (draws.normal(5).doubles, draws.normal(5).doubles)
    let (input, upstream) = (draws.normal(20).doubles, draws.normal(20).doubles)
    let gradient = Reference.layerNormBackward(input: input, weight: weight, epsilon: 1e-5, outputGradient: upstream)
    expectGradient(gradient.input, of: input, upstream) {
      Reference.layerNormForward(input: $0, weight: weight, bias: bias, epsilon: 1e-5)
    }
    expectGradient(gradient.weight, of: weight, upstream) {
      Reference.layerNormForward(input: input, weight: $0, bias: bias, epsilon: 1e-5)
    }
    expectGradient(gradient.bias, of: bias, upstream) {
      Reference.layerNormForward(input: input, weight: weight, bias: $0, epsilon: 1e-5)
    }
  }

  @Test func attention() {
    var draws = Draws(seed: 5)
    let shape = Reference.Attention(sequences: 2, tokens: 4, heads: 2, headChannels: 3, scale: 0.6)
    let (qkv, upstream) = (draws.normal(2 * 4 * 3 * shape.inner).doubles, draws.normal(2 * 4 * shape.inner).doubles)
    expectGradient(Reference.attentionBackward(shape, qkv: qkv, outputGradient: upstream), of: qkv, upstream) {
      Reference.attentionForward(shape, qkv: $0).output
    }
  }

  @Test(arguments: [(4, 4), (2, 7), (3, 4), (1, 1)]) func resize(height: Int, width: Int) {
    var draws = Draws(seed: 6)
    let output = Reference.Grid(images: grid.images, height: height, width: width)
    let (input, upstream) = (draws.normal(grid.rows * 2).doubles, draws.normal(output.rows * 2).doubles)
    let gradient = Reference.resizeBackward(grid: grid, output: output, channels: 2, outputGradient: upstream)
    expectGradient(gradient, of: input, upstream) { Reference.resizeForward(grid: grid, output: output, channels: 2, input: $0) }
  }

  @Test func transposeAndMeanPool() {
    var draws = Draws(seed: 7)
    let input = draws.normal(grid.rows * 3).doubles
    let upstream = draws.normal(grid.rows * 3).doubles
    expectGradient(Reference.transposeBackward(grid: grid, channels: 3, outputGradient: upstream), of: input, upstream) {
      Reference.transposeForward(grid: grid, channels: 3, input: $0)
    }
    let (pooled, factors) = (draws.normal(grid.images * 3).doubles, [0, 1.25, 1.25, 0, 1.25, 0])
    expectGradient(Reference.meanPoolBackward(grid: grid, channels: 3, outputGradient: pooled, factors: factors), of: input, pooled) {
      Reference.meanPoolForward(grid: grid, channels: 3, input: $0, factors: factors)
    }
  }

  @Test func crossEntropy() {
    var draws = Draws(seed: 8)
    let (logits, targets) = (draws.normal(15).doubles, draws.uniform(15, 0...1).doubles)
    let weights = [1.0, 0.5, 2.0]
    let gradient = Reference.crossEntropy(classes: 5, logits: logits, targets: targets, weights: weights, normalizer: 3.5).gradient
    expectGradient(gradient, of: logits, [1 / 3.5, 1 / 3.5, 1 / 3.5]) {
      Reference.crossEntropy(classes: 5, logits: $0, targets: targets, weights: weights, normalizer: 3.5).losses
    }
  }

  /// SGD and AdamW against steps worked out by hand.
  @Test func updatesFollowTheirDefinitions() {
    var (values, velocity) = ([1.0], [0.5])
    Reference.sgd(values: &values, velocity: &velocity, gradient: [2], learningRate: 0.1, momentum: 0.9, decay: 0.01)
    #expect(abs(velocity[0] - 2.46) < 1e-12 && abs(values[0] - 0.754) < 1e-12)
    // AdamW's first step moves by the learning rate against the gradient's sign, after the decay.
    var (parameter, first, second) = ([1.0], [0.0], [0.0])
    Reference.adamW(values: &parameter, first: &first, second: &second, gradient: [-3], step: 1, learningRate: 0.1, decay: 0.01)
    #expect(abs(parameter[0] - (1 - 0.001 + 0.1)) < 1e-8)
  }

  /// Compares `gradient` with central differences of sum(forward(point) * upstream).
  private func expectGradient(
    _ gradient: [Double], of point: [Double], _ upstream: [Double], sourceLocation: SourceLocation = #_sourceLocation,
    _ forward: ([Double]) -> [Double]
  ) {
    func value(_ point: [Double]) -> Double { zip(forward(point), upstream).reduce(0) { $0 + $1.0 * $1.1 } }
    let step = 1e-5
    var numeric: [Double] = []
    for i in point.indices {
      var (above, below) = (point, point)
      above[i] += step
      below[i] -= step
      numeric.append((value(above) - value(below)) / (2 * step))
    }
    let difference = zip(numeric, gradient).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    let norm = numeric.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(gradient.count == point.count, sourceLocation: sourceLocation)
    #expect(difference <= 1e-7 * max(norm, 1), "differs by \(difference) of \(norm)", sourceLocation: sourceLocation)
  }
}
