import Kernels
import Testing

/// The gradient that reaches a kernel, in memory and for the oracle.
struct TestUpstream {
  let upstream: Upstream
  /// dz, [rows][channels].
  let values: [Double]

  init(_ bench: Bench, _ draws: inout Draws, rows: Int, channels: Int, raw: Bool) {
    let (gradient, z) = (draws.normal(rows * channels), draws.normal(rows * channels))
    let coefficients = (0..<3).map { _ in draws.normal(channels) }
    var upstream = Upstream()
    upstream.channels = Int32(channels)
    upstream.gradient = UnsafePointer(bench.input("output gradient", gradient).pointer)
    if raw {
      upstream.raw = UnsafePointer(bench.input("raw output", z).pointer)
      upstream.a = UnsafePointer(bench.input("a", coefficients[0]).pointer)
      upstream.b = UnsafePointer(bench.input("b", coefficients[1]).pointer)
      upstream.c = UnsafePointer(bench.input("c", coefficients[2]).pointer)
    }
    self.upstream = upstream
    values = gradient.indices.map { i in
      let (a, b, c) = (coefficients[0][i % channels], coefficients[1][i % channels], coefficients[2][i % channels])
      return raw ? Double(a) * Double(gradient[i]) + Double(b) * Double(z[i]) + Double(c) : Double(gradient[i])
    }
  }
}

extension ConvolutionCase {
  /// Runs the backward kernel of `path`, reduces its partials and compares all gradients with the oracle.
  func checkBackward(_ path: String) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: seed + 1000)
    let source = TestSource(bench, &draws, self.source, rows: grid.rows)
    let weights = TestWeights(bench, &draws, shape)
    let upstream = TestUpstream(bench, &draws, rows: outputGrid.rows, channels: outputs, raw: rawUpstream)
    let sink = sinks.map { TestSink(bench, &draws, source, $0, chunks: chunks, streams: streams) }
    let layout = weightLayout
    let weightPartials = bench.output("weight partials", count: chunks * layout.pitch)
    let biasPartials = bench.output("bias partials", count: chunks * padded(outputs))
    let packed = weights.packBackward(bench, self)

    switch kind {
    case .pointwise:
      bench.run(
        bench.kernels.pointwiseBackward(
          PointwiseBackward(
            rows: rows, source: source.source, upstream: upstream.upstream, packed: packed, sink: sink?.sink ?? Sink(),
            weight_partials: weightGradient ? weightPartials.pointer : nil, weight_pitch: Int64(layout.pitch),
            bias_partials: biasGradient ? biasPartials.pointer : nil, bias_pitch: Int64(padded(outputs)))))
    case .dense, .winograd:
      let arguments = DenseBackward(
        bands: bands, source: source.source, upstream: upstream.upstream, packed: packed, sink: sink?.sink ?? Sink(),
        weight_partials: weightGradient ? weightPartials.pointer : nil, weight_pitch: Int64(layout.pitch))
      bench.run(kind == .winograd ? bench.kernels.winogradBackward(arguments) : bench.kernels.denseBackward(arguments))
    case .depthwise:
      bench.run(
        bench.kernels.depthwiseBackward(
          DepthwiseBackward(
            bands: bands, source: source.source, upstream: upstream.upstream, packed: packed, sink: sink?.sink ?? Sink(),
            weight_partials: weightGradient ? weightPartials.pointer : nil, weight_pitch: Int64(layout.pitch))))
    }

    let expected = Reference.convolutionBackward(
      shape, grid: grid, input: source.values, weights: weights.values, outputGradient: upstream.values)
    sink?.expect(expected.input)
    if weightGradient {
      let gradient = bench.output("weight gradient", count: shape.weightCount)
      layout.reduce(bench, weightPartials, chunks: chunks, into: gradient, accumulate: false)
      expectClose(gradient.values, expected.weights, "weight gradient")
      layout.reduce(bench, weightPartials, chunks: chunks, into: gradient, accumulate: true)
      expectClose(gradient.values, expected.weights.map { 2 * $0 }, "weight gradient of two micro-batches")
    }
    if biasGradient {
      let gradient = bench.output("bias gradient", count: outputs)
      var layout = WeightLayout(outer: 1, inner: outputs, taps: 1, pitch: padded(outputs))
      (layout.innerStride, layout.partialInner) = (1, 1)
      layout.reduce(bench, biasPartials, chunks: chunks, into: gradient, accumulate: false)
      expectClose(gradient.values, expected.bias, "bias gradient")
    }
  }

  /// How the kernel lays out a chunk's share of the weight gradient, against PyTorch's [outputs][inputs / groups][3][3].
  private var weightLayout: WeightLayout {
    let (inputs, outputs) = (shape.inputs, shape.outputs)
    switch kind {
    case .pointwise:
      var layout = WeightLayout(outer: outputs, inner: inputs, taps: 1, pitch: outputs * inputs)
      (layout.outerStride, layout.innerStride) = (inputs, 1)
      (layout.partialOuter, layout.partialInner) = (inputs, 1)
      return layout
    case .dense, .winograd:
      var layout = WeightLayout(outer: outputs, inner: inputs, taps: 9, pitch: 9 * outputs * inputs)
      (layout.outerStride, layout.innerStride) = (9 * inputs, 9)
      if stride == 1 {
        // [i][in][j][out] with kernel row 2 - i and column 2 - j: from the far end backwards.
        layout.origin = 2 * 3 * inputs * outputs + 2 * outputs
        (layout.partialOuter, layout.partialInner) = (1, 3 * outputs)
        (layout.partialLine, layout.partialTap) = (-3 * inputs * outputs, -outputs)
      } else {
        // [out][ky][kx][in]
        (layout.partialOuter, layout.partialInner) = (9 * inputs, 1)
        (layout.partialLine, layout.partialTap) = (3 * inputs, inputs)
      }
      return layout
    case .depthwise:
      let pitch = padded(inputs)
      var layout = WeightLayout(outer: inputs, inner: 1, taps: 9, pitch: 9 * pitch)
      (layout.outerStride, layout.innerStride) = (9, 9)
      (layout.partialOuter, layout.partialInner) = (1, 0)
      (layout.partialLine, layout.partialTap) = (3 * pitch, pitch)
      return layout
    }
  }
}

/// The strides that `reduce` walks by.
struct WeightLayout {
  var outer: Int
  var inner: Int
  var taps: Int
  var pitch: Int
  /// Where the first element's share stands in a chunk's partial.
  var origin = 0
  var (outerStride, innerStride) = (0, 0)
  var (partialOuter, partialInner, partialLine, partialTap) = (0, 0, 0, 0)

  init(outer: Int, inner: Int, taps: Int, pitch: Int) {
    (self.outer, self.inner, self.taps, self.pitch) = (outer, inner, taps, pitch)
  }

  func reduce(_ bench: Bench, _ partials: GuardedBuffer, chunks: Int, into gradient: GuardedBuffer, accumulate: Bool) {
    var reduce = Reduce()
    reduce.partials = UnsafePointer(partials.pointer + origin)
    reduce.pitch = Int64(pitch)
    (reduce.chunks, reduce.outer, reduce.inner, reduce.taps) = (Int32(chunks), Int32(outer), Int32(inner), Int32(taps))
    (reduce.outer_stride, reduce.inner_stride) = (Int64(outerStride), Int64(innerStride))
    (reduce.partial_outer, reduce.partial_inner) = (Int64(partialOuter), Int64(partialInner))
    (reduce.partial_line, reduce.partial_tap) = (Int64(partialLine), Int64(partialTap))
    reduce.gradient = gradient.pointer
    reduce.accumulate = accumulate ? 1 : 0
    reduce.outer_per_chunk = Int32(max(1, outer / 3))
    let work = bench.kernels.reduce(reduce)
    withExtendedLifetime(work.box) { bench.run(work.work) }
  }
}
