import Foundation
import Kernels
import Testing

/// What stands between the kernels: totals to scale and shift, sums to the coefficients of dz.
@Suite struct BatchNormTests {
  struct Case: Sendable {
    var rows = 40
    var unbiased = true
    /// Batch statistics; else the running ones (evaluation, frozen).
    var training = true
    var accumulates = false
    var mean = 0.0
  }

  static let cases: [Case] = [
    Case(), Case(unbiased: false), Case(training: false), Case(accumulates: true), Case(rows: 1), Case(rows: 1, unbiased: false),
    Case(mean: 50),
  ]

  @Test(arguments: KernelSet.available, cases) func forwardAndBackwardEqualTheOracle(_ path: String, _ test: Case) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: 11)
    let channels = 21, rows = test.rows, pitch = padded(channels)
    let z = draws.normal(rows * channels, mean: test.mean)
    var norm = Reference.BatchNorm(
      weight: draws.normal(channels).doubles, bias: draws.normal(channels).doubles, runningMean: draws.normal(channels).doubles,
      runningVariance: draws.uniform(channels, 0.5...2).doubles)
    (norm.unbiased, norm.momentum, norm.epsilon) = (test.unbiased, Double(Float(0.1)), Double(Float(1e-5)))
    func floats(_ values: [Double]) -> [Float] { values.map(Float.init) }

    let names = ["mean", "inverse deviation", "scale", "shift"]
    let results = names.map { bench.output($0, count: channels) }
    let runningMean = bench.output("running mean", count: channels, values: floats(norm.runningMean))
    let runningVariance = bench.output("running variance", count: channels, values: floats(norm.runningVariance))
    let weight = bench.input("weight", floats(norm.weight)), bias = bench.input("bias", floats(norm.bias))
    let partials = bench.input("statistics", chunkStatistics(z, channels: channels, pitch: pitch))
    let counts = chunkCounts(rows).map(Int64.init)

    withTotals(2 * channels) { totals in
      counts.withUnsafeBufferPointer { counts in
        var moments = Moments()
        (moments.channels, moments.chunks) = (Int32(channels), Int32(counts.count))
        (moments.partials, moments.partial_pitch) = (UnsafePointer(partials.pointer), Int64(pitch))
        (moments.counts, moments.totals) = (counts.baseAddress, totals.baseAddress)
        bench.run(bench.kernels.moments(moments))
      }
      var forward = BatchNormForward()
      forward.channels = Int32(channels)
      forward.totals = test.training ? UnsafePointer(totals.baseAddress) : nil
      forward.rows = Int64(rows)
      (forward.weight, forward.bias) = (UnsafePointer(weight.pointer), UnsafePointer(bias.pointer))
      (forward.epsilon, forward.momentum, forward.unbiased) = (1e-5, 0.1, test.unbiased ? 1 : 0)
      (forward.mean, forward.inverse_deviation) = (results[0].pointer, results[1].pointer)
      (forward.scale, forward.shift) = (results[2].pointer, results[3].pointer)
      (forward.running_mean, forward.running_variance) = (runningMean.pointer, runningVariance.pointer)
      bench.run(bench.kernels.batchNormForward(forward))
    }

    let expected = Reference.batchNormForward(&norm, input: z.doubles, training: test.training)
    let (scale, shift) = (results[2].values.doubles, results[3].values.doubles)
    let output = z.indices.map { Float(scale[$0 % channels] * Double(z[$0]) + shift[$0 % channels]) }
    expectClose(results[0].values, expected.mean, "mean")
    expectClose(results[1].values, expected.inverseDeviation, "inverse deviation")
    // The shift is rounded to a float near mean * scale, which is large beside the output where the deviation is small.
    let tolerance = test.rows == 1 && test.training ? 1e-4 : 1e-5 * max(1, test.mean / 10)
    expectClose(output, expected.output, within: tolerance, "normalised output")
    expectClose(runningMean.values, norm.runningMean, within: 1e-6, "running mean")
    expectClose(runningVariance.values, norm.runningVariance, within: 1e-6, "running variance")

    try checkBackward(bench, &draws, test, norm, z: z, mean: results[0], inverse: results[1], weight: weight)
  }

  private func checkBackward(
    _ bench: Bench, _ draws: inout Draws, _ test: Case, _ norm: Reference.BatchNorm, z: [Float], mean: GuardedBuffer,
    inverse: GuardedBuffer, weight: GuardedBuffer
  ) throws {
    let channels = norm.channels
    let gradient = draws.normal(z.count).doubles
    let earlier = draws.normal(channels)
    let coefficients = ["a", "b", "c"].map { bench.output($0, count: channels) }
    let parameterGradients = ["weight gradient", "bias gradient"].map {
      bench.output($0, count: channels, values: test.accumulates ? earlier : nil)
    }
    withTotals(2 * channels) { totals in
      totals.update(repeating: 0)
      for i in z.indices {
        totals[i % channels] += gradient[i]
        totals[channels + i % channels] += gradient[i] * (Double(z[i]) - Double(mean.values[i % channels]))
      }
      var backward = BatchNormBackward()
      backward.channels = Int32(channels)
      backward.totals = UnsafePointer(totals.baseAddress)
      backward.rows = Int64(test.rows)
      (backward.mean, backward.inverse_deviation) = (UnsafePointer(mean.pointer), UnsafePointer(inverse.pointer))
      backward.weight = UnsafePointer(weight.pointer)
      backward.frozen = test.training ? 0 : 1
      backward.gradient_share = 1
      (backward.a, backward.b, backward.c) = (coefficients[0].pointer, coefficients[1].pointer, coefficients[2].pointer)
      (backward.weight_gradient, backward.bias_gradient) = (parameterGradients[0].pointer, parameterGradients[1].pointer)
      bench.run(bench.kernels.batchNormBackward(backward) { test.accumulates })
    }
    let expected = Reference.batchNormBackward(
      weight: norm.weight, input: z.doubles, mean: mean.values.doubles, inverseDeviation: inverse.values.doubles,
      outputGradient: gradient, training: test.training)
    let (a, b, c) = (coefficients[0].values.doubles, coefficients[1].values.doubles, coefficients[2].values.doubles)
    let dz = z.indices.map { i in
      let channel = i % channels
      return Float(a[channel] * gradient[i] + b[channel] * Double(z[i]) + c[channel])
    }
    if test.rows == 1 && test.training {
      // The exact gradient is zero; what remains is rounding of terms about as large as a * dy.
      #expect(dz.allSatisfy { abs($0) < 1e-3 })
    } else {
      expectClose(dz, expected.input, within: 1e-5 * max(1, test.mean / 10), "dz")
    }
    let share = test.accumulates ? earlier.doubles : [Double](repeating: 0, count: channels)
    expectClose(parameterGradients[0].values, zip(expected.weight, share).map(+), "weight gradient")
    expectClose(parameterGradients[1].values, zip(expected.bias, share).map(+), "bias gradient")
  }

  private func chunkCounts(_ rows: Int) -> [Int] { stride(from: 0, to: rows, by: 15).map { min(15, rows - $0) } }

  /// [chunks][3][pitch]: pivot, sum(z - pivot), sum((z - pivot)^2).
  private func chunkStatistics(_ z: [Float], channels: Int, pitch: Int) -> [Float] {
    var row = 0
    return chunkCounts(z.count / channels).flatMap { count in
      defer { row += count }
      var slot = [[Float]](repeating: [Float](repeating: .nan, count: pitch), count: 3)
      for c in 0..<channels {
        let column = (row..<row + count).map { Double(z[$0 * channels + c]) }
        slot[0][c] = Float(column[0])
        slot[1][c] = Float(column.reduce(0) { $0 + $1 - column[0] })
        slot[2][c] = Float(column.reduce(0) { $0 + ($1 - column[0]) * ($1 - column[0]) })
      }
      return slot.flatMap { $0 }
    }
  }
}
