import Kernels
import Tensors
import Testing

/// Resize, the tutorial's reshape and the mean pool of every path against the naive oracles.
@Suite struct GeometryTests {
  /// A source, its sink and an output size; the third size is the mean pool's.
  struct Case: Sendable, CustomTestStringConvertible {
    var grid: Reference.Grid
    var output = (height: 1, width: 1)
    var source: SourceSpec
    var sinks: [SinkSpec] = [.last]
    var imagesPerChunk = 2
    var dropout: Float = 0
    var imageBase = 0

    var chunks: Int { (grid.images + imagesPerChunk - 1) / imagesPerChunk }
    var testDescription: String { "\(grid) to \(output), \(source.segments.map(\.channels)), dropout \(dropout)" }
  }

  static let resizes: [Case] = [
    Case(grid: grid(3, 7, 7), output: (8, 8), source: .deferred(20, .silu)),
    Case(grid: grid(3, 8, 8), output: (7, 7), source: .layerNorm(24), sinks: [.plain]),
    Case(grid: grid(2, 5, 9), output: (5, 10), source: .concatenated(10, 13), sinks: [.firstOfTwo, .last]),
    Case(grid: grid(1, 3, 4), output: (11, 13), source: .deferred(3, .relu6, gap: 2), sinks: [.lastOfTwo]),
    Case(grid: grid(2, 11, 13), output: (3, 2), source: .plain(16), sinks: [.plain]),
    Case(grid: grid(2, 1, 1), output: (2, 3), source: .plain(36), sinks: [.plain]),
    Case(grid: grid(2, 4, 5), output: (1, 1), source: .plain(5), sinks: [.plain]),
    Case(grid: grid(2, 4, 5), output: (4, 5), source: .plain(5), sinks: [.plain]),
  ]

  @Test(arguments: KernelSet.available, resizes) func resizeEqualsTheOracle(_ path: String, _ test: Case) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: 31)
    let source = TestSource(bench, &draws, test.source, rows: test.grid.rows)
    let outputGrid = Reference.Grid(images: test.grid.images, height: test.output.height, width: test.output.width)
    let upstream = draws.normal(outputGrid.rows * source.channels)
    let sink = TestSink(bench, &draws, source, test.sinks, chunks: test.chunks)
    let output = bench.output("output", count: upstream.count)
    var resize = Resize()
    (resize.images, resize.height, resize.width) = (Int32(test.grid.images), Int32(test.grid.height), Int32(test.grid.width))
    (resize.output_height, resize.output_width) = (Int32(outputGrid.height), Int32(outputGrid.width))
    (resize.source, resize.sink) = (source.source, sink.sink)
    resize.output = output.pointer
    resize.output_gradient = UnsafePointer(bench.input("output gradient", upstream).pointer)
    resize.images_per_chunk = Int32(test.imagesPerChunk)
    bench.run(bench.kernels.resizeForward(resize))
    expectClose(
      output.values, Reference.resizeForward(grid: test.grid, output: outputGrid, channels: source.channels, input: source.values), "output"
    )
    bench.run(bench.kernels.resizeBackward(resize))
    sink.expect(
      Reference.resizeBackward(grid: test.grid, output: outputGrid, channels: source.channels, outputGradient: upstream.doubles))
  }

  /// A residual sum is stored for every row, also for rows that a smaller output never looks at.
  @Test(arguments: KernelSet.available) func resizeStoresTheWholeSum(_ path: String) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: 32)
    let grid = Self.grid(2, 13, 6)
    let source = TestSource(bench, &draws, .residual(20), rows: grid.rows)
    var resize = Resize()
    (resize.images, resize.height, resize.width, resize.images_per_chunk) = (2, 13, 6, 1)
    (resize.output_height, resize.output_width, resize.source) = (2, 6, source.source)
    resize.output = bench.output("output", count: 2 * 2 * 6 * 20).pointer
    bench.run(bench.kernels.resizeForward(resize))
    source.expectSums()
  }

  static let transposes: [Case] = [
    Case(grid: grid(3, 7, 5), source: .deferred(20, .silu)),
    Case(grid: grid(2, 16, 4), source: .plain(64), sinks: [.plain]),
    Case(grid: grid(2, 35, 3), source: .concatenated(10, 13), sinks: [.firstOfTwo, .last]),
    Case(grid: grid(2, 4, 4), source: .layerNorm(3), sinks: [.plain]),
    Case(grid: grid(1, 1, 9), source: .residual(20)),
  ]

  @Test(arguments: KernelSet.available, transposes) func transposeEqualsTheOracle(_ path: String, _ test: Case) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: 33)
    let source = TestSource(bench, &draws, test.source, rows: test.grid.rows)
    let upstream = draws.normal(test.grid.rows * source.channels)
    let sink = TestSink(bench, &draws, source, test.sinks, chunks: test.chunks)
    let output = bench.output("output", count: upstream.count)
    var transpose = Transpose()
    (transpose.images, transpose.height, transpose.width) = (Int32(test.grid.images), Int32(test.grid.height), Int32(test.grid.width))
    (transpose.source, transpose.sink) = (source.source, sink.sink)
    transpose.output = output.pointer
    transpose.output_gradient = UnsafePointer(bench.input("output gradient", upstream).pointer)
    transpose.images_per_chunk = Int32(test.imagesPerChunk)
    bench.run(bench.kernels.transposeForward(transpose))
    expectClose(output.values, Reference.transposeForward(grid: test.grid, channels: source.channels, input: source.values), "output")
    source.expectSums()
    bench.run(bench.kernels.transposeBackward(transpose))
    sink.expect(Reference.transposeBackward(grid: test.grid, channels: source.channels, outputGradient: upstream.doubles))
  }

  static let pools: [Case] = [
    Case(grid: grid(3, 7, 5), source: .deferred(20, .silu)),
    Case(grid: grid(5, 8, 8), source: .deferred(36, .relu6), dropout: 0.2, imageBase: 12_345_678_901),
    Case(grid: grid(3, 1, 1), source: .layerNorm(10), sinks: [.plain], dropout: 0.5, imageBase: 7),
    Case(grid: grid(3, 6, 6), source: .concatenated(10, 13), sinks: [.firstOfTwo, .last], dropout: 0.1),
    Case(grid: grid(2, 6, 6), source: .residual(20)),
  ]

  @Test(arguments: KernelSet.available, pools) func meanPoolAndDropoutEqualTheOracle(_ path: String, _ test: Case) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: 34)
    let source = TestSource(bench, &draws, test.source, rows: test.grid.rows)
    let upstream = draws.normal(test.grid.images * source.channels)
    let sink = TestSink(bench, &draws, source, test.sinks, chunks: test.chunks)
    let output = bench.output("output", count: upstream.count)
    let random = CounterRandom(seed: 99, purpose: .dropout, 3)
    var pool = MeanPool()
    (pool.images, pool.pixels) = (Int32(test.grid.images), Int32(test.grid.pixels))
    (pool.source, pool.sink) = (source.source, sink.sink)
    pool.output = output.pointer
    pool.output_gradient = UnsafePointer(bench.input("output gradient", upstream).pointer)
    pool.images_per_chunk = Int32(test.imagesPerChunk)
    (pool.dropout, pool.dropout_key, pool.image_base) = (test.dropout, random.key, UInt64(test.imageBase))
    let box = ArgumentBox(pool)
    let factors = Reference.dropoutFactors(
      random, imageBase: test.imageBase, images: test.grid.images, channels: source.channels, probability: test.dropout)
    withExtendedLifetime(box) {
      bench.run(bench.kernels.meanPoolForward(box))
      expectClose(
        output.values, Reference.meanPoolForward(grid: test.grid, channels: source.channels, input: source.values, factors: factors),
        "output")
      source.expectSums()
      bench.run(bench.kernels.meanPoolBackward(box))
      sink.expect(
        Reference.meanPoolBackward(grid: test.grid, channels: source.channels, outputGradient: upstream.doubles, factors: factors))
    }
  }

  private static func grid(_ images: Int, _ height: Int, _ width: Int) -> Reference.Grid {
    Reference.Grid(images: images, height: height, width: width)
  }
}
