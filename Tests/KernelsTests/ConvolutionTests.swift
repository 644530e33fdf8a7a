import Kernels
import Testing

/// Convolutions of every path against the naive oracle.
@Suite struct ConvolutionTests {
  static let pointwise: [ConvolutionCase] = [
    // Channel counts that are not whole vectors, ragged chunks and blocks, every reader.
    pointwise(7, .plain(3), 10, perChunk: 30, perBlock: 13) { $0.sinks = [.plain] },
    pointwise(7, .deferred(20, .silu), 24, perChunk: 30, perBlock: 13) { $0.sinks = [.last] },
    pointwise(9, .deferred(24, .relu6, gap: 5), 36, perChunk: 25, perBlock: 10) { $0.sinks = [.lastOfTwo] },
    pointwise(9, .deferred(36, .linear), 3, perChunk: 200, perBlock: 48) { $0.sinks = [.firstOfTwo] },
    pointwise(5, .deferred(16, .silu), 64, perChunk: 17, perBlock: 17) { $0.sinks = nil },
    pointwise(4, .deferred(80, .silu), 144, perChunk: 40, perBlock: 24) { $0.sinks = [.last] },
    pointwise(1, .plain(64), 10, perChunk: 2, perBlock: 1) { $0.sinks = [.plain] },
    // Concatenations: the first segment a whole number of vectors, and not; each segment with its own fate.
    pointwise(6, .concatenated(48, 48), 70, perChunk: 40, perBlock: 16) { $0.sinks = [.firstOfTwo, .last] },
    pointwise(6, .concatenated(20, 13), 33, perChunk: 40, perBlock: 16) { $0.sinks = [.lastOfTwo, .last] },
    pointwise(6, .concatenated(10, 24), 16, perChunk: 40, perBlock: 16) { $0.sinks = [.unwanted, .last] },
    // Layer norms, residual sums.
    pointwise(6, .layerNorm(36), 72, perChunk: 40, perBlock: 16) { $0.sinks = [.plain] },
    pointwise(4, .layerNorm(64), 192, perChunk: 40, perBlock: 16) {
      $0.sinks = [SinkSpec(accumulates: true, gathersSums: false)]
      $0.biasGradient = true
      $0.rawUpstream = false
    },
    pointwise(6, .residual(24), 48, perChunk: 40, perBlock: 16) { $0.sinks = nil },
    pointwise(6, .residual(20, layerNorm: true), 40, perChunk: 40, perBlock: 16) { $0.sinks = nil },
    // Bias gradient alone, data gradient alone.
    pointwise(6, .plain(20), 50, perChunk: 40, perBlock: 16) {
      $0.weightGradient = false
      $0.biasGradient = true
    },
    pointwise(6, .deferred(96, .silu), 20, perChunk: 40, perBlock: 16) {
      $0.weightGradient = false
      $0.sinks = [.last]
    },
  ]

  static let dense: [ConvolutionCase] = [
    dense(2, 7, 5, .plain(3), 16, stride: 2) { $0.sinks = nil },
    dense(3, 8, 6, .plain(3), 10, stride: 2) { $0.sinks = [.plain] },
    dense(2, 7, 6, .plain(16), 24, stride: 2) { $0.sinks = nil },
    dense(2, 7, 9, .deferred(20, .silu), 24, stride: 2) { $0.sinks = [.lastOfTwo] },
    dense(2, 8, 8, .deferred(16, .relu6), 33, stride: 2) { $0.sinks = [.firstOfTwo] },
    dense(2, 7, 5, .deferred(10, .silu), 36) { $0.sinks = [.last] },
    dense(2, 6, 8, .deferred(24, .silu), 3) { $0.sinks = [.lastOfTwo] },
    dense(1, 3, 13, .deferred(16, .relu6), 70) { $0.sinks = [.last] },
    dense(2, 6, 6, .concatenated(16, 20), 16) { $0.sinks = [.firstOfTwo, .last] },
    dense(2, 5, 5, .concatenated(10, 13), 20) { $0.sinks = [.lastOfTwo, .last] },
    dense(2, 6, 5, .residual(20), 12) { $0.sinks = nil },
    dense(2, 4, 4, .layerNorm(20), 20) { $0.sinks = [.plain] },
    dense(3, 1, 1, .deferred(20, .silu), 10) { $0.sinks = [.last] },
    dense(3, 1, 1, .deferred(20, .silu), 10, stride: 2) { $0.sinks = [.last] },
    dense(2, 2, 3, .deferred(5, .silu), 7, stride: 2) { $0.sinks = [.last] },
    dense(1, 1, 6, .deferred(5, .silu), 7) { $0.sinks = [.last] },
    dense(2, 6, 6, .deferred(20, .silu), 20) {
      $0.weightGradient = false
      $0.sinks = [.last]
    },
    dense(2, 6, 6, .deferred(20, .silu), 20, stride: 2) {
      $0.weightGradient = false
      $0.sinks = [.last]
    },
    dense(2, 6, 6, .deferred(20, .silu), 20) { $0.sinks = nil },
  ]

  static let winograd: [ConvolutionCase] = [
    // Whole tiles and ragged ones; several blocks in a chunk; chunks that end within an image, and chunks of several images.
    winograd(2, 16, 16, .deferred(32, .silu), 48, perChunk: 8) { $0.sinks = [.last] },
    winograd(3, 17, 14, .deferred(20, .silu), 24, perChunk: 3) { $0.sinks = [.lastOfTwo] },
    winograd(2, 9, 70, .deferred(24, .relu6), 33, perChunk: 2) { $0.sinks = [.firstOfTwo] },
    winograd(5, 5, 6, .concatenated(16, 20), 16, perChunk: 7) { $0.sinks = [.firstOfTwo, .last] },
    winograd(2, 7, 3, .concatenated(10, 13), 70, perChunk: 20) { $0.sinks = [.lastOfTwo, .last] },
    winograd(2, 8, 5, .residual(20), 12, perChunk: 3) { $0.sinks = nil },
    winograd(3, 1, 1, .layerNorm(20), 10, perChunk: 1) { $0.sinks = [.plain] },
    winograd(11, 8, 8, .deferred(16, .silu), 80, perChunk: 19) {
      $0.weightGradient = false
      $0.rawUpstream = false
      $0.sinks = [.last]
    },
  ]

  static let depthwise: [ConvolutionCase] = [
    depthwise(2, 7, 5, .deferred(20, .silu)) { $0.sinks = [.last] },
    depthwise(2, 8, 6, .deferred(36, .relu6)) { $0.sinks = [.lastOfTwo] },
    depthwise(2, 6, 6, .plain(3)) { $0.sinks = [.firstOfTwo] },
    depthwise(2, 7, 5, .deferred(20, .silu), stride: 2) { $0.sinks = [.last] },
    depthwise(2, 8, 6, .deferred(24, .relu6), stride: 2) { $0.sinks = [.lastOfTwo] },
    depthwise(2, 7, 8, .deferred(64, .silu), stride: 2) { $0.sinks = [.last] },
    depthwise(2, 8, 7, .plain(10), stride: 2) { $0.sinks = nil },
    depthwise(2, 7, 8, .plain(32)) { $0.sinks = [.last] },
    depthwise(2, 9, 6, .plain(16), stride: 2) { $0.sinks = [.last] },
    depthwise(3, 1, 1, .deferred(20, .silu)) { $0.sinks = [.last] },
    depthwise(3, 1, 1, .deferred(20, .silu), stride: 2) { $0.sinks = [.last] },
    depthwise(2, 2, 2, .deferred(16, .silu), stride: 2) { $0.sinks = [.last] },
    depthwise(1, 2, 9, .deferred(33, .silu)) { $0.sinks = [.last] },
    depthwise(2, 6, 5, .concatenated(10, 13)) { $0.sinks = [.last, .last] },
    depthwise(2, 6, 5, .residual(20)) { $0.sinks = nil },
    depthwise(2, 6, 5, .deferred(20, .silu)) {
      $0.weightGradient = false
      $0.sinks = [.last]
    },
  ]

  @Test(arguments: KernelSet.available, pointwise + dense + winograd + depthwise)
  func forwardEqualsTheOracle(_ path: String, _ test: ConvolutionCase) throws { try test.checkForward(path) }

  @Test(arguments: KernelSet.available, pointwise + dense + winograd + depthwise)
  func backwardEqualsTheOracle(_ path: String, _ test: ConvolutionCase) throws { try test.checkBackward(path) }

  /// Evaluation: a folded batch norm, bias, activation and residual in the epilogue.
  @Test(arguments: KernelSet.available, [pointwise[1], pointwise[5], dense[2], dense[6], winograd[1], depthwise[1], depthwise[5]])
  func evaluationEpilogueEqualsTheOracle(_ path: String, _ test: ConvolutionCase) throws {
    for (activation, residual) in [(Activation.silu, true), (.relu6, false), (.linear, true)] {
      var test = test
      (test.folded, test.bias, test.activation, test.residual) = (true, true, activation, residual)
      try test.checkForward(path)
    }
  }

  /// Statistics of the stored output, gathered chunk by chunk.
  @Test(
    arguments: KernelSet.available,
    [pointwise[0], pointwise[3], pointwise[5], dense[2], dense[6], winograd[1], winograd[3], depthwise[0], depthwise[5]])
  func statisticsEqualTheOracle(_ path: String, _ test: ConvolutionCase) throws {
    var test = test
    test.statistics = true
    try test.checkForward(path)
  }

  /// Large tensors are written past the caches.
  @Test(
    arguments: KernelSet.available,
    [
      pointwise(6, .deferred(48, .silu), 64, perChunk: 40, perBlock: 16) { $0.sinks = [.last] },
      dense(2, 7, 9, .concatenated(16, 32), 48) { $0.sinks = [.firstOfTwo, .last] },
      dense(2, 7, 9, .deferred(16, .relu6), 32, stride: 2) { $0.sinks = [.last] },
      winograd(2, 7, 9, .concatenated(16, 32), 48, perChunk: 3) { $0.sinks = [.firstOfTwo, .last] },
      depthwise(2, 7, 8, .deferred(64, .silu)) { $0.sinks = [.last] },
      depthwise(2, 7, 8, .deferred(32, .relu6), stride: 2) { $0.sinks = [.lastOfTwo] },
    ])
  func streamingChangesNothing(_ path: String, _ test: ConvolutionCase) throws {
    var test = test
    test.streams = true
    try test.checkBackward(path)
    for (activation, statistics) in [(Activation.linear, true), (.silu, false), (.relu6, true)] {
      (test.activation, test.statistics, test.bias) = (activation, statistics, activation != .linear)
      try test.checkForward(path)
    }
  }

  /// A mean a thousand times the deviation must not cost the variance its digits.
  @Test(arguments: KernelSet.available, [pointwise[1], dense[4], winograd[1]])
  func statisticsSurviveALargeMean(_ path: String, _ test: ConvolutionCase) throws {
    var test = test
    (test.statistics, test.bias, test.biasMean) = (true, true, 1000)
    try test.checkForward(path)
  }

  private static func pointwise(
    _ side: Int, _ source: SourceSpec, _ outputs: Int, perChunk: Int, perBlock: Int, _ change: (inout ConvolutionCase) -> Void
  ) -> ConvolutionCase {
    var test = ConvolutionCase(
      kind: .pointwise, grid: Reference.Grid(images: 3, height: side, width: side), source: source, outputs: outputs,
      perChunk: perChunk, perBlock: perBlock)
    change(&test)
    return test
  }

  private static func dense(
    _ images: Int, _ height: Int, _ width: Int, _ source: SourceSpec, _ outputs: Int, stride: Int = 1,
    _ change: (inout ConvolutionCase) -> Void
  ) -> ConvolutionCase {
    var test = ConvolutionCase(
      kind: .dense, grid: Reference.Grid(images: images, height: height, width: width), source: source, outputs: outputs, stride: stride)
    change(&test)
    return test
  }

  private static func winograd(
    _ images: Int, _ height: Int, _ width: Int, _ source: SourceSpec, _ outputs: Int, perChunk: Int,
    _ change: (inout ConvolutionCase) -> Void
  ) -> ConvolutionCase {
    var test = ConvolutionCase(
      kind: .winograd, grid: Reference.Grid(images: images, height: height, width: width), source: source, outputs: outputs,
      perChunk: perChunk, perBlock: 4)
    change(&test)
    return test
  }

  private static func depthwise(
    _ images: Int, _ height: Int, _ width: Int, _ source: SourceSpec, stride: Int = 1, _ change: (inout ConvolutionCase) -> Void
  ) -> ConvolutionCase {
    var test = ConvolutionCase(
      kind: .depthwise, grid: Reference.Grid(images: images, height: height, width: width), source: source, outputs: source.channels,
      stride: stride)
    change(&test)
    return test
  }
}
