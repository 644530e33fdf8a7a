import Kernels
import Testing

/// The oracles against PyTorch's float64 results, so that what the kernels are compared with is not only our own opinion.
@Suite struct OracleFixtureTests {
  /// Fixtures are rounded to float32.
  private let tolerance = 1e-6

  @Test(arguments: ["conv3x3", "depthwise3x3"]) func convolution(_ name: String) throws {
    let fixture = try Fixture(name)
    for test in fixture.cases(endingIn: "x") {
      let (x, y, w) = (fixture.shape("\(test).x"), fixture.shape("\(test).y"), fixture.shape("\(test).w"))
      let shape = Reference.Convolution(
        inputs: x[3], outputs: y[3], kernel: 3, stride: test.contains("stride2") ? 2 : 1, groups: x[3] / w[1])
      try check(fixture, test, shape, grid: Reference.Grid(images: x[0], height: x[1], width: x[2]), bias: nil)
    }
  }

  @Test func linear() throws {
    let fixture = try Fixture("linear")
    for test in fixture.cases(endingIn: "x") {
      let (x, y) = (fixture.shape("\(test).x"), fixture.shape("\(test).y"))
      let grid = Reference.Grid(images: 1, height: 1, width: x[0])
      try check(
        fixture, test, Reference.Convolution(inputs: x[1], outputs: y[1]), grid: grid, bias: try fixture.doubles("\(test).b"))
    }
  }

  private func check(
    _ fixture: Fixture, _ test: String, _ shape: Reference.Convolution, grid: Reference.Grid, bias: [Double]?
  ) throws {
    let (x, w) = (try fixture.doubles("\(test).x"), try fixture.doubles("\(test).w"))
    let y = Reference.convolutionForward(shape, grid: grid, input: x, weights: w, bias: bias)
    let gradient = Reference.convolutionBackward(
      shape, grid: grid, input: x, weights: w, outputGradient: try fixture.doubles("\(test).dy"))
    try expect(fixture, "\(test).y", y)
    try expect(fixture, "\(test).dx", gradient.input)
    try expect(fixture, "\(test).dw", gradient.weights)
    if bias != nil { try expect(fixture, "\(test).db", gradient.bias) }
  }

  @Test(arguments: ["usual", "offset"]) func batchNorm(_ test: String) throws {
    let fixture = try Fixture("batch_norm")
    let x = try fixture.doubles("\(test).x")
    func norm(unbiased: Bool) throws -> Reference.BatchNorm {
      var norm = Reference.BatchNorm(
        weight: try fixture.doubles("\(test).weight"), bias: try fixture.doubles("\(test).bias"),
        runningMean: try fixture.doubles("\(test).mean_before"), runningVariance: try fixture.doubles("\(test).var_before"))
      norm.unbiased = unbiased
      return norm
    }
    var (torch, paddle) = (try norm(unbiased: true), try norm(unbiased: false))
    try expect(fixture, "\(test).y_evaluation", Reference.batchNormForward(&torch, input: x, training: false).output)
    _ = Reference.batchNormForward(&paddle, input: x, training: true)
    let forward = Reference.batchNormForward(&torch, input: x, training: true)
    try expect(fixture, "\(test).y", forward.output)
    try expect(fixture, "\(test).mean_after", torch.runningMean)
    try expect(fixture, "\(test).var_after_unbiased", torch.runningVariance)
    try expect(fixture, "\(test).var_after_biased", paddle.runningVariance)
    let gradient = Reference.batchNormBackward(
      weight: torch.weight, input: x, mean: forward.mean, inverseDeviation: forward.inverseDeviation,
      outputGradient: try fixture.doubles("\(test).dy"), training: true)
    try expect(fixture, "\(test).dx", gradient.input)
    try expect(fixture, "\(test).dweight", gradient.weight)
    try expect(fixture, "\(test).dbias", gradient.bias)
  }

  @Test(arguments: ["usual", "offset", "constant"]) func layerNorm(_ test: String) throws {
    let fixture = try Fixture("layer_norm")
    let (x, weight) = (try fixture.doubles("\(test).x"), try fixture.doubles("\(test).weight"))
    let y = Reference.layerNormForward(input: x, weight: weight, bias: try fixture.doubles("\(test).bias"), epsilon: 1e-5)
    let gradient = Reference.layerNormBackward(
      input: x, weight: weight, epsilon: 1e-5, outputGradient: try fixture.doubles("\(test).dy"))
    try expect(fixture, "\(test).y", y)
    try expect(fixture, "\(test).dx", gradient.input)
    try expect(fixture, "\(test).dweight", gradient.weight)
    try expect(fixture, "\(test).dbias", gradient.bias)
  }

  @Test(arguments: [("silu", Activation.silu), ("relu6", .relu6)]) func activation(_ test: (name: String, activation: Activation)) throws {
    let fixture = try Fixture("activations")
    let x = try fixture.doubles("\(test.name).x")
    try expect(fixture, "\(test.name).y", Reference.activationForward(test.activation, input: x))
    let dy = try fixture.doubles("\(test.name).dy")
    try expect(fixture, "\(test.name).dx", Reference.activationBackward(test.activation, input: x, outputGradient: dy))
  }

  /// `rows` is the forward reshape, cut into rows; `back` is the next layer's view of it, which in NHWC moves nothing.
  @Test func tutorialReshape() throws {
    let fixture = try Fixture("tutorial_reshape")
    for test in fixture.cases(endingIn: "x") {
      let x = fixture.shape("\(test).x")
      let grid = Reference.Grid(images: x[0], height: x[1], width: x[2])
      let rows = try fixture.doubles("\(test).rows")
      #expect(Reference.transposeForward(grid: grid, channels: x[3], input: try fixture.doubles("\(test).x")) == rows)
      #expect(try fixture.doubles("\(test).back") == rows)
    }
  }

  private func expect(_ fixture: Fixture, _ name: String, _ actual: [Double]) throws {
    let expected = try fixture.doubles(name)
    // What should be exactly zero may be a rounding error away from it: measured against one.
    let norm = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let error = zip(actual, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() / max(norm, 1)
    #expect(actual.count == expected.count && error <= tolerance, "\(name): error \(error)")
  }
}
