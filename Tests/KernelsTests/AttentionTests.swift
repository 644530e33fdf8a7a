import Foundation
import Kernels
import Testing

/// Attention of every path against the naive oracle.
@Suite struct AttentionTests {
  static let cases: [AttentionCase] = [
    AttentionCase(grid: grid(2, 2, 2), heads: 4, headChannels: 16),  // one token: its own value
    AttentionCase(grid: grid(2, 4, 6), heads: 4, headChannels: 20),
    AttentionCase(grid: grid(1, 6, 10), heads: 2, headChannels: 24),
    AttentionCase(grid: grid(1, 14, 14), heads: 2, headChannels: 36),  // one block and a query
    AttentionCase(grid: grid(1, 10, 14), heads: 1, headChannels: 60),
    AttentionCase(patches: false, grid: grid(1, 10, 11), heads: 1, headChannels: 48),  // two blocks and some
    AttentionCase(patches: false, grid: grid(3, 4, 5), heads: 1, headChannels: 32),
    AttentionCase(patches: false, grid: grid(1, 9, 13), heads: 2, headChannels: 10),
    AttentionCase(grid: grid(1, 8, 8), heads: 2, headChannels: 20, spread: 12),
    AttentionCase(patches: false, grid: grid(1, 4, 13), heads: 2, headChannels: 20, copies: 20),  // over 1024 tokens: smaller blocks
  ]

  @Test(arguments: KernelSet.available, cases) func forwardAndBackwardEqualTheOracle(_ path: String, _ test: AttentionCase) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: 21)
    let (shape, rows) = (test.shape, test.rows)
    let (inner, width, copies) = (shape.inner, 3 * shape.inner, test.copies)
    var qkv = draws.normal(test.grid.rows * width)
    for i in qkv.indices where i % width < 2 * inner { qkv[i] *= Float(test.spread) }
    let upstream = draws.normal(test.grid.rows * inner)
    func repeated<Value>(_ values: [Value]) -> [Value] { (0..<copies).flatMap { _ in values } }

    let result = test.run(bench, qkv: repeated(qkv), upstream: repeated(upstream))

    // The oracle sees sequences; rows are put in order for it and its results put back.
    let gathered = rows.flatMap { row in qkv[row * width..<(row + 1) * width].map(Double.init) }
    let expected = Reference.attentionForward(shape, qkv: gathered)
    // Large scores lose digits before the exponential.
    let tolerance = test.spread > 1 ? 1e-4 : 1e-5
    expectClose(result.output, repeated(scatter(expected.output, rows, width: inner)), within: tolerance, "output")
    let logCopies = log(Double(copies))
    let expectedLogSums = (0..<shape.sequences * shape.heads).flatMap { i in
      repeated(expected.logSums[i * shape.tokens..<(i + 1) * shape.tokens].map { $0 + logCopies })
    }
    expectClose(result.logSums, expectedLogSums, within: tolerance, "log sums")

    let gatheredUpstream = rows.flatMap { row in upstream[row * inner..<(row + 1) * inner].map(Double.init) }
    let expectedGradient = Reference.attentionBackward(shape, qkv: gathered, outputGradient: gatheredUpstream)
    expectClose(result.gradient, repeated(scatter(expectedGradient, rows, width: width)), within: tolerance, "qkv gradient")
  }

  /// A value that is not a number anywhere in a sequence reaches every output that it has a part in.
  @Test(arguments: KernelSet.available) func aNaNIsNotHidden(_ path: String) throws {
    let bench = try Bench(path)
    let tokens = 20, channels = 16
    for part in 0..<3 {
      var qkv = [Float](repeating: 0.5, count: tokens * 3 * channels)
      qkv[7 * 3 * channels + part * channels] = Float(bitPattern: GuardedBuffer.sentinel)
      let output = bench.output("output", count: tokens * channels)
      var attention = Attention()
      (attention.images, attention.groups, attention.heads) = (1, 1, 1)
      (attention.tokens, attention.head_channels, attention.tokens_per_line) = (Int32(tokens), Int32(channels), Int32(tokens))
      (attention.image_rows, attention.token_stride, attention.scale) = (Int64(tokens), 1, 0.25)
      attention.qkv = UnsafePointer(bench.input("qkv", qkv).pointer)
      attention.output = output.pointer
      bench.run(bench.kernels.attentionForward(attention))
      for token in 0..<tokens where part > 0 || token == 7 {
        #expect(output.values[token * channels].isNaN, "token \(token), part \(part)")
      }
    }
  }

  private static func grid(_ images: Int, _ height: Int, _ width: Int) -> Reference.Grid {
    Reference.Grid(images: images, height: height, width: width)
  }

  private func scatter(_ values: [Double], _ rows: [Int], width: Int) -> [Double] {
    var result = values
    for (i, row) in rows.enumerated() { result.replaceSubrange(row * width..<(row + 1) * width, with: values[i * width..<(i + 1) * width]) }
    return result
  }
}
