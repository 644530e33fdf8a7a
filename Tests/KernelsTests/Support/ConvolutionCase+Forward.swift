import Kernels
import Testing

extension ConvolutionCase {
  /// Runs the forward kernel of `path` and compares everything that it leaves with the oracle.
  func checkForward(_ path: String) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: seed)
    let source = TestSource(bench, &draws, self.source, rows: grid.rows)
    let weights = TestWeights(bench, &draws, shape)
    let factors = folded ? draws.uniform(outputs, 0.5...2) : [Float](repeating: 1, count: outputs)
    let biases = draws.normal(outputs, mean: biasMean)
    let residuals = draws.normal(outputGrid.rows * outputs)
    let pitch = padded(outputs)
    let data = bench.output("output", count: outputGrid.rows * outputs)
    let partials = bench.output("statistics", count: chunks * 3 * pitch)

    var output = Output()
    output.data = data.pointer
    output.channels = Int32(outputs)
    output.activation = activation.rawValue
    output.stream = streams ? 1 : 0
    if bias { output.bias = UnsafePointer(bench.input("bias", biases).pointer) }
    if residual { output.residual = UnsafePointer(bench.input("output's residual", residuals).pointer) }
    if statistics {
      output.partials = partials.pointer
      output.partial_pitch = Int64(pitch)
    }
    let packed = weights.packForward(bench, self, scale: folded ? bench.input("column scale", factors) : nil)
    bench.run(forwardWork(bench.kernels, source.source, packed, output))

    let perOutput = shape.weightCount / outputs
    let product = Reference.convolutionForward(
      shape, grid: grid, input: source.values, weights: weights.values.indices.map { weights.values[$0] * Double(factors[$0 / perOutput]) },
      bias: bias ? biases.doubles : nil)
    let activated = Reference.activationForward(activation, input: product)
    expectClose(data.values, residual ? zip(activated, residuals).map { $0 + Double($1) } : activated, "output")
    source.expectSums()
    if statistics { expectStatistics(bench, partials, of: data.values) }
  }

  private func forwardWork(_ kernels: KernelSet, _ source: Source, _ packed: UnsafePointer<Float>, _ output: Output) -> Work {
    switch kind {
    case .pointwise:
      return kernels.pointwiseForward(PointwiseForward(rows: rows, source: source, packed: packed, output: output))
    case .dense: return kernels.denseForward(DenseForward(bands: bands, source: source, packed: packed, output: output))
    case .winograd: return kernels.winogradForward(DenseForward(bands: bands, source: source, packed: packed, output: output))
    case .depthwise: return kernels.depthwiseForward(DepthwiseForward(bands: bands, source: source, packed: packed, output: output))
    }
  }

  /// Combines the gathered statistics and compares them with those of the values as stored.
  private func expectStatistics(_ bench: Bench, _ partials: GuardedBuffer, of stored: [Float]) {
    let counts = outputRowsPerChunk.map(Int64.init)
    counts.withUnsafeBufferPointer { counts in
      withTotals(2 * outputs) { totals in
        var moments = Moments()
        (moments.channels, moments.chunks) = (Int32(outputs), Int32(chunks))
        moments.partials = UnsafePointer(partials.pointer)
        moments.partial_pitch = Int64(padded(outputs))
        moments.counts = counts.baseAddress
        moments.totals = totals.baseAddress
        bench.run(bench.kernels.moments(moments))
        for c in 0..<outputs {
          let column = Swift.stride(from: c, to: stored.count, by: outputs).map { Double(stored[$0]) }
          let mean = column.reduce(0, +) / Double(column.count)
          let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
          let deviation = (squares / Double(column.count)).squareRoot()
          #expect(abs(totals[c] - mean) <= 1e-5 * deviation, "mean of channel \(c)")
          #expect(abs(totals[outputs + c] - squares) <= 1e-5 * squares, "squared deviations of channel \(c)")
        }
      }
    }
  }
}
