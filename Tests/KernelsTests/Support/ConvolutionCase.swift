import Kernels
import Testing

/// One convolution with everything around it: how its source is formed, what its epilogue does, where its gradients go and how
/// it is cut.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  /// `winograd` is a dense convolution in bands of one row of tiles.
  enum Kind: Sendable { case pointwise, dense, winograd, depthwise }

  var kind: Kind
  var grid: Reference.Grid
  var source: SourceSpec
  /// As many as the source has, for a depthwise convolution.
  var outputs: Int
  var stride = 1
  var seed: UInt64 = 1

  // Forward's epilogue.
  var bias = false
  /// What the bias varies around.
  var biasMean = 0.0
  var activation = Activation.linear
  var residual = false
  var statistics = false
  /// The output and the gradients that nothing is added to go past the caches; their channels are whole vectors.
  var streams = false
  /// Each output channel's weights carry a factor (a folded batch norm).
  var folded = false

  // Backward.
  /// dz comes as a * g + b * z + c.
  var rawUpstream = true
  /// One for each segment; nil: no data gradient.
  var sinks: [SinkSpec]?
  var weightGradient = true
  var biasGradient = false

  // Pointwise: rows in a chunk and in a block; 3x3: bands in a chunk and output rows in a band.
  var perChunk = 2
  var perBlock = 2

  var testDescription: String {
    "\(kind) \(grid.images)x\(grid.height)x\(grid.width) \(source.segments.map(\.channels))->\(outputs) stride \(stride) seed \(seed)"
  }

  var shape: Reference.Convolution {
    switch kind {
    case .pointwise: Reference.Convolution(inputs: source.channels, outputs: outputs)
    case .dense, .winograd: Reference.Convolution(inputs: source.channels, outputs: outputs, kernel: 3, stride: stride)
    case .depthwise:
      Reference.Convolution(inputs: source.channels, outputs: outputs, kernel: 3, stride: stride, groups: source.channels)
    }
  }
  var outputGrid: Reference.Grid { shape.outputGrid(grid) }

  var rows: Rows {
    var rows = Rows()
    rows.rows = Int64(grid.rows)
    rows.rows_per_chunk = Int64(perChunk)
    rows.rows_per_block = Int32(perBlock)
    return rows
  }
  var bands: Bands {
    var bands = Bands()
    bands.images = Int32(grid.images)
    (bands.height, bands.width) = (Int32(grid.height), Int32(grid.width))
    (bands.output_height, bands.output_width) = (Int32(outputGrid.height), Int32(outputGrid.width))
    bands.stride = Int32(stride)
    bands.rows_per_band = Int32(perBlock)
    bands.bands_per_image = Int32((outputGrid.height + perBlock - 1) / perBlock)
    bands.bands_per_chunk = Int32(perChunk)
    return bands
  }
  var chunks: Int { kind == .pointwise ? rows.chunks : bands.chunks }

  /// Output rows of each chunk.
  var outputRowsPerChunk: [Int] {
    if kind == .pointwise { return (0..<chunks).map { min(perChunk, grid.rows - $0 * perChunk) } }
    let bands = bands, height = outputGrid.height
    var rows = [Int](repeating: 0, count: chunks)
    for unit in 0..<grid.images * Int(bands.bands_per_image) {
      let begin = unit % Int(bands.bands_per_image) * perBlock
      rows[unit / perChunk] += (min(begin + perBlock, height) - begin) * outputGrid.width
    }
    return rows
  }
}

/// A case's weights in memory, and packed for one pass.
struct TestWeights {
  let values: [Double]
  private let buffer: GuardedBuffer

  init(_ bench: Bench, _ draws: inout Draws, _ shape: Reference.Convolution) {
    let fanIn = Double(shape.inputs / shape.groups * shape.kernel * shape.kernel)
    let weights = draws.normal(shape.weightCount, deviation: 1 / fanIn.squareRoot())
    buffer = bench.input("weights", weights)
    values = weights.doubles
  }

  /// For forward: rows of input channels (of each tap in turn), columns of outputs.
  func packForward(_ bench: Bench, _ test: ConvolutionCase, scale: GuardedBuffer?) -> UnsafePointer<Float> {
    let shape = test.shape
    if test.kind == .depthwise { return packDepthwise(bench, shape, scale: scale) }
    let taps = shape.kernel * shape.kernel
    var pack = pack(depth: shape.inputs, columns: shape.outputs, taps: (0..<taps).map { $0 })
    (pack.depth_stride, pack.column_stride) = (Int64(taps), Int64(shape.inputs * taps))
    pack.column_scale = scale.map { UnsafePointer($0.pointer) }
    return run(bench, pack, isWinograd: test.kind == .winograd)
  }

  /// For the data gradient: rows of output channels (taps rotated), columns of inputs.
  func packBackward(_ bench: Bench, _ test: ConvolutionCase) -> UnsafePointer<Float> {
    let shape = test.shape
    if test.kind == .depthwise { return packDepthwise(bench, shape, scale: nil) }
    let taps = shape.kernel * shape.kernel
    var pack = pack(depth: shape.outputs, columns: shape.inputs, taps: (0..<taps).reversed())
    (pack.depth_stride, pack.column_stride) = (Int64(shape.inputs * taps), Int64(taps))
    return run(bench, pack, isWinograd: test.kind == .winograd)
  }

  private func pack(depth: Int, columns: Int, taps: [Int]) -> Pack {
    var pack = Pack()
    pack.weights = UnsafePointer(buffer.pointer)
    (pack.depth, pack.columns, pack.taps) = (Int32(depth), Int32(columns), Int32(taps.count))
    withUnsafeMutableBytes(of: &pack.tap_offsets) { offsets in
      for (i, tap) in taps.enumerated() { offsets.bindMemory(to: Int64.self)[i] = Int64(tap) }
    }
    return pack
  }

  private func run(_ bench: Bench, _ pack: Pack, isWinograd: Bool) -> UnsafePointer<Float> {
    var pack = pack
    let kernels = bench.kernels, depth = Int(pack.depth), columns = Int(pack.columns)
    let packed = bench.output(
      "packed weights",
      count: isWinograd
        ? kernels.winogradPackedSize(depth: depth, columns: columns) : kernels.packedSize(depth: depth * Int(pack.taps), columns: columns))
    pack.packed = packed.pointer
    bench.run(isWinograd ? kernels.winogradPack(pack) : kernels.pack(pack))
    return UnsafePointer(packed.pointer)
  }

  private func packDepthwise(_ bench: Bench, _ shape: Reference.Convolution, scale: GuardedBuffer?) -> UnsafePointer<Float> {
    let packed = bench.output("packed weights", count: 9 * padded(shape.inputs))
    bench.run(
      bench.kernels.packDepthwise(
        weights: buffer.pointer, scale: scale.map { UnsafePointer($0.pointer) }, channels: shape.inputs, into: packed.pointer))
    return UnsafePointer(packed.pointer)
  }
}
