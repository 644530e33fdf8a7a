import Kernels
import Testing

/// Kernels of every path against PyTorch's float64 results directly, where the cases are harder than the random ones.
@Suite struct KernelFixtureTests {
  @Test(
    arguments: KernelSet.available,
    [
      AttentionCase(grid: Reference.Grid(images: 2, height: 6, width: 4), heads: 4, headChannels: 6, name: "patches"),
      AttentionCase(grid: Reference.Grid(images: 1, height: 4, width: 4), heads: 4, headChannels: 6, name: "sharp"),
      AttentionCase(grid: Reference.Grid(images: 2, height: 2, width: 2), heads: 4, headChannels: 6, name: "one_patch"),
      AttentionCase(grid: Reference.Grid(images: 1, height: 4, width: 4), heads: 2, headChannels: 18, name: "wide_heads"),
      AttentionCase(
        patches: false, grid: Reference.Grid(images: 2, height: 1, width: 7), heads: 1, headChannels: 32, name: "rows_one_head"),
    ])
  func attention(_ path: String, _ test: AttentionCase) throws {
    let fixture = try Fixture("attention")
    let result = test.run(try Bench(path), qkv: try fixture.floats("\(test.name).qkv"), upstream: try fixture.floats("\(test.name).dy"))
    let tolerance = test.name == "sharp" ? 1e-4 : 1e-5
    expectClose(result.output, try fixture.doubles("\(test.name).y"), within: tolerance, "output")
    expectClose(result.gradient, try fixture.doubles("\(test.name).dqkv"), within: tolerance, "gradient")
  }

  @Test(arguments: KernelSet.available) func resize(_ path: String) throws {
    let fixture = try Fixture("bilinear_resize")
    for test in fixture.cases(endingIn: "x") {
      let bench = try Bench(path)
      let (x, y) = (fixture.shape("\(test).x"), fixture.shape("\(test).y"))
      let input = bench.input("input", try fixture.floats("\(test).x"))
      let upstream = bench.input("output gradient", try fixture.floats("\(test).dy"))
      let output = bench.output("output", count: upstream.count), gradient = bench.output("gradient", count: input.count)
      var resize = Resize()
      (resize.images, resize.height, resize.width, resize.images_per_chunk) = (Int32(x[0]), Int32(x[1]), Int32(x[2]), 1)
      (resize.output_height, resize.output_width) = (Int32(y[1]), Int32(y[2]))
      (resize.source, resize.sink) = plainPair(input, gradient, channels: x[3])
      (resize.output, resize.output_gradient) = (output.pointer, UnsafePointer(upstream.pointer))
      bench.run(bench.kernels.resizeForward(resize))
      expectClose(output.values, try fixture.doubles("\(test).y"), within: 1e-6, "\(test) output")
      bench.run(bench.kernels.resizeBackward(resize))
      expectClose(gradient.values, try fixture.doubles("\(test).dx"), within: 1e-6, "\(test) gradient")
    }
  }

  /// The layer norm in front of a linear layer that changes nothing.
  @Test(arguments: KernelSet.available, [("usual", 1e-6), ("offset", 3e-4), ("constant", 1e-6)])
  func layerNorm(_ path: String, _ test: (name: String, tolerance: Double)) throws {
    let fixture = try Fixture("layer_norm")
    let bench = try Bench(path)
    let channels = fixture.shape("\(test.name).x")[1]
    let input = bench.input("input", try fixture.floats("\(test.name).x"))
    let weight = bench.input("weight", try fixture.floats("\(test.name).weight"))
    let bias = bench.input("bias", try fixture.floats("\(test.name).bias"))
    let upstream = bench.input("output gradient", try fixture.floats("\(test.name).dy"))
    let output = bench.output("output", count: input.count), gradient = bench.output("gradient", count: input.count)
    let pitch = padded(channels)
    let sums = bench.output("sums", count: 2 * pitch)
    let packed = packIdentity(bench, channels)

    var rows = Rows()
    (rows.rows, rows.rows_per_chunk, rows.rows_per_block) = (Int64(input.count / channels), 100, 4)
    var (source, sink) = plainPair(input, gradient, channels: channels)
    (source.norm_scale, source.norm_shift) = (UnsafePointer(weight.pointer), UnsafePointer(bias.pointer))
    (source.norm_epsilon, sink.norm_epsilon) = (1e-5, 1e-5)
    (sink.norm_scale, sink.norm_partials, sink.norm_pitch) = (source.norm_scale, sums.pointer, Int64(pitch))
    var result = Output()
    (result.data, result.channels) = (output.pointer, Int32(channels))
    bench.run(bench.kernels.pointwiseForward(PointwiseForward(rows: rows, source: source, packed: packed, output: result)))
    var backward = PointwiseBackward()
    (backward.rows, backward.source, backward.packed, backward.sink) = (rows, source, packed, sink)
    (backward.upstream.gradient, backward.upstream.channels) = (UnsafePointer(upstream.pointer), Int32(channels))
    bench.run(bench.kernels.pointwiseBackward(backward))

    expectClose(output.values, try fixture.doubles("\(test.name).y"), within: test.tolerance, "output")
    expectClose(gradient.values, try fixture.doubles("\(test.name).dx"), within: test.tolerance, "input gradient")
    expectClose(Array(sums.values[..<channels]), try fixture.doubles("\(test.name).dweight"), within: test.tolerance, "weight gradient")
    expectClose(
      Array(sums.values[pitch..<pitch + channels]), try fixture.doubles("\(test.name).dbias"), within: test.tolerance, "bias gradient")
  }

  @Test(arguments: KernelSet.available) func crossEntropy(_ path: String) throws {
    let fixture = try Fixture("cross_entropy")
    let (images, classes) = (7, 10)
    let logits = try fixture.floats("logits"), weights = try fixture.floats("weights"), soft = try fixture.floats("targets")
    let labels = [3, 0, 9, 9, 5, 1, 9]
    let hard = (0..<images * classes).map { $0 % classes == labels[$0 / classes] ? Float(1) : 0 }
    func smoothed(_ targets: [Float]) -> [Float] { targets.map { 0.9 * $0 + 0.1 / Float(classes) } }
    let ones = [Float](repeating: 1, count: images)
    let cases: [(String, [Float], [Float], Float)] = [
      ("soft_mean", smoothed(soft), ones, 7), ("soft_weighted_over_weights", smoothed(soft), weights, weights.reduce(0, +)),
      ("soft_weighted_over_count", smoothed(soft), weights, 7), ("labels_mean", hard, ones, 7),
      ("labels_smoothed_mean", smoothed(hard), ones, 7),
    ]
    for (name, targets, weights, normalizer) in cases {
      let result = try LossRun.crossEntropy(
        path, classes: classes, logits: logits, targets: targets, weights: weights, normalizer: normalizer)
      let loss = result.losses.doubles.reduce(0, +) / Double(normalizer)
      let expected = try fixture.doubles("\(name).loss")[0]
      #expect(abs(loss - expected) <= 1e-6 * abs(expected), "\(name)")
      expectClose(result.gradient, try fixture.doubles("\(name).dlogits"), within: 1e-6, "\(name) gradient")
      if name == "soft_mean" { expectClose(result.losses, try fixture.doubles("soft_rows.loss"), within: 1e-6, "rows") }
    }
  }

  /// A linear source and the sink of its gradient.
  private func plainPair(_ input: GuardedBuffer, _ gradient: GuardedBuffer, channels: Int) -> (Source, Sink) {
    var (source, sink) = (Source(), Sink())
    (source.count, source.channels, source.segments.0.channels) = (1, Int32(channels), Int32(channels))
    (source.segments.0.term.data, source.segments.0.term.stride) = (UnsafePointer(input.pointer), Int64(channels))
    (sink.count, sink.channels, sink.segments.0.channels) = (1, Int32(channels), Int32(channels))
    (sink.segments.0.term, sink.segments.0.gradient, sink.segments.0.complete) = (source.segments.0.term, gradient.pointer, 1)
    return (source, sink)
  }

  private func packIdentity(_ bench: Bench, _ channels: Int) -> UnsafePointer<Float> {
    let packed = bench.output("packed", count: bench.kernels.packedSize(depth: channels, columns: channels))
    let identity = bench.input("identity", (0..<channels * channels).map { $0 % (channels + 1) == 0 ? 1 : 0 })
    var pack = Pack()
    (pack.weights, pack.depth, pack.columns, pack.taps) = (UnsafePointer(identity.pointer), Int32(channels), Int32(channels), 1)
    (pack.depth_stride, pack.column_stride, pack.packed) = (1, Int64(channels), packed.pointer)
    bench.run(bench.kernels.pack(pack))
    return UnsafePointer(packed.pointer)
  }
}
