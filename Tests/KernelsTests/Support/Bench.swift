import Foundation
import Kernels
import Tensors
import Testing

/// Holds the buffers of one kernel test and runs kernels over them suspiciously.
final class Bench {
  let kernels: KernelSet
  private var buffers: [(buffer: GuardedBuffer, isInput: Bool)] = []

  init(_ path: String) throws { kernels = try KernelSet.named(path) }

  /// A buffer that kernels must not write.
  func input(_ name: String, _ values: [Float]) -> GuardedBuffer {
    let buffer = GuardedBuffer(name, count: values.count, values: values)
    buffers.append((buffer, true))
    return buffer
  }

  /// A buffer that kernels write; without values it holds NaNs, so that an element that was never written is seen.
  func output(_ name: String, count: Int, values: [Float]? = nil) -> GuardedBuffer {
    let buffer = GuardedBuffer(name, count: count, values: values)
    buffers.append((buffer, false))
    return buffer
  }

  /// Runs the chunks last to first over scratch full of NaNs, then again from the same state first to last over scratch full
  /// of large numbers, and expects the same bits, untouched guards and untouched inputs.
  func run(_ work: Work, sourceLocation: SourceLocation = #_sourceLocation) {
    let before = buffers.map(\.buffer.values)
    run(work, order: Array((0..<work.chunks).reversed()), scratchFill: Float(bitPattern: GuardedBuffer.sentinel), sourceLocation)
    let first = buffers.map(\.buffer.bits)
    for (i, entry) in buffers.enumerated() {
      if entry.isInput {
        #expect(first[i] == before[i].map(\.bitPattern), "\(entry.buffer.name) is an input", sourceLocation: sourceLocation)
      }
      entry.buffer.replace(with: before[i])
    }
    run(work, order: Array(0..<work.chunks), scratchFill: 1e30, sourceLocation)
    for (i, entry) in buffers.enumerated() {
      #expect(entry.buffer.bits == first[i], "\(entry.buffer.name) came out otherwise in another run", sourceLocation: sourceLocation)
    }
  }

  private func run(_ work: Work, order: [Int], scratchFill: Float, _ sourceLocation: SourceLocation) {
    let scratch = GuardedBuffer("scratch", count: work.scratch)
    for chunk in order {
      scratch.fill(scratchFill)
      work.body(chunk, scratch.pointer)
    }
    for buffer in buffers.map(\.buffer) + [scratch] {
      #expect(buffer.guardsHold, "written outside \(buffer.name)", sourceLocation: sourceLocation)
    }
  }
}

/// Random test values that do not depend on anything but the seed and the order of asking.
struct Draws {
  let seed: UInt64
  private let random: CounterRandom
  private var counter: UInt64 = 0

  init(seed: UInt64) {
    self.seed = seed
    random = CounterRandom(seed: seed, purpose: .test)
  }

  mutating func normal(_ count: Int, mean: Double = 0, deviation: Double = 1) -> [Float] {
    (0..<count).map { _ in
      let (u, v) = (random.uniformDouble(counter), random.uniformDouble(counter + 1))
      counter += 2
      return Float(mean + deviation * (-2 * log(1 - u)).squareRoot() * cos(2 * .pi * v))
    }
  }

  mutating func uniform(_ count: Int, _ range: ClosedRange<Double>) -> [Float] {
    (0..<count).map { _ in
      defer { counter += 1 }
      return Float(range.lowerBound + (range.upperBound - range.lowerBound) * random.uniformDouble(counter))
    }
  }
}

/// ||actual - expected|| / ||expected||; the norm of the difference where nothing is expected.
func relativeError(_ actual: [Float], _ expected: [Double]) -> Double {
  precondition(actual.count == expected.count, "comparing \(actual.count) with \(expected.count) values")
  let difference = zip(actual, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }.squareRoot()
  let norm = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return norm > 0 ? difference / norm : difference
}

func expectClose(
  _ actual: [Float], _ expected: [Double], within tolerance: Double = 1e-5, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = relativeError(actual, expected)
  // A NaN compares as false and so fails.
  #expect(error <= tolerance, "\(what): relative error \(error)", sourceLocation: sourceLocation)
}

extension [Float] {
  var doubles: [Double] { map(Double.init) }
}
