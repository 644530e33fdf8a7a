import Foundation
import Kernels
import Testing

/// The vectorised exponential as SiLU shows it, and what happens to values that are not finite.
@Suite struct ActivationTests {
  /// Every value through the source of a mean pool over one pixel; and the activation's slope through its sink.
  private func activate(_ path: String, _ activation: Activation, _ values: [Float]) throws -> (values: [Float], slopes: [Float]) {
    let bench = try Bench(path)
    let data = bench.input("values", values), ones = bench.input("ones", [Float](repeating: 1, count: values.count))
    let output = bench.output("output", count: values.count), gradient = bench.output("gradient", count: values.count)
    var term = Term()
    (term.data, term.stride, term.activation) = (UnsafePointer(data.pointer), Int64(values.count), activation.rawValue)
    var pool = MeanPool()
    (pool.images, pool.pixels, pool.images_per_chunk) = (1, 1, 1)
    (pool.source.count, pool.source.channels) = (1, Int32(values.count))
    (pool.source.segments.0.term, pool.source.segments.0.channels) = (term, Int32(values.count))
    (pool.sink.count, pool.sink.channels) = (1, Int32(values.count))
    (pool.sink.segments.0.term, pool.sink.segments.0.channels) = (term, Int32(values.count))
    (pool.sink.segments.0.gradient, pool.sink.segments.0.complete) = (gradient.pointer, 1)
    (pool.output, pool.output_gradient) = (output.pointer, UnsafePointer(ones.pointer))
    let box = ArgumentBox(pool)
    withExtendedLifetime(box) {
      bench.run(bench.kernels.meanPoolForward(box))
      bench.run(bench.kernels.meanPoolBackward(box))
    }
    return (output.values, gradient.values)
  }

  @Test(arguments: KernelSet.available) func siluIsAccurateEverywhere(_ path: String) throws {
    let wide = (0...20_000).map { Float(-87 + 175 * Double($0) / 20_000) }
    let nearZero = (1...2_000).map { Float(Double($0 - 1000) * 1e-6) }
    let sweep = wide + nearZero
    let result = try activate(path, .silu, sweep)
    var worst = (value: 0.0, slope: 0.0)
    for (i, x) in sweep.doubles.enumerated() where x != 0 {
      let value = Reference.activate(.silu, x)
      worst.value = max(worst.value, abs(Double(result.values[i]) - value) / abs(value))
      worst.slope = max(worst.slope, abs(Double(result.slopes[i]) - Reference.slope(.silu, x)))
    }
    #expect(worst.value < 5e-7, "relative error \(worst.value)")
    #expect(worst.slope < 5e-7, "error \(worst.slope)")
    // Far out nothing overflows: the sigmoid is zero or one to float precision.
    let far = try activate(path, .silu, [-1e4, -200, 200, 1e4])
    #expect(abs(far.values[0]) < 1e-30 && abs(far.values[1]) < 1e-30 && far.values[2...] == [200, 1e4])
    #expect(abs(far.slopes[0]) < 1e-30 && far.slopes[3] == 1)
  }

  @Test(arguments: KernelSet.available) func relu6ClampsExactly(_ path: String) throws {
    let result = try activate(path, .relu6, [-1, -0.0, 0, 1e-30, 3, 5.999, 6, 7, .infinity, -.infinity])
    #expect(result.values == [0, 0, 0, 1e-30, 3, 5.999, 6, 6, 6, 0])
    #expect(result.slopes == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0])
  }

  /// Whatever its sign and payload: a diverged network must be seen.
  @Test(arguments: KernelSet.available) func notANumberPassesThrough(_ path: String) throws {
    let patterns: [UInt32] = [0x7FC0_0000, 0xFFC0_0000, 0x7FC0_0001, 0x7FFF_FFFF, 0xFFFF_FFFF, GuardedBuffer.sentinel, 0x7FC0_00FF]
    for activation in [Activation.linear, .silu, .relu6] {
      let result = try activate(path, activation, patterns.map { Float(bitPattern: $0) })
      #expect(result.values.allSatisfy { $0.isNaN }, "\(activation)")
    }
    let infinite = try activate(path, .silu, [.infinity])
    #expect(infinite.values == [.infinity])
  }
}
