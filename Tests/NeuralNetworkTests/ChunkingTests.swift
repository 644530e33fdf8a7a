import Kernels
import Testing

@testable import NeuralNetwork

@Suite struct ChunkingTests {
  /// 1x1 convolutions: (floats of scratch a row, floats of partial sums a chunk); 0: none.
  static let layers = [(48, 0), (160, 24 * 144), (1920, 320 * 1280), (4096, 0), (1 << 20, 1 << 24)]

  @Test(arguments: layers) func rowsAreCoveredByEqualChunks(floatsPerRow: Int, partialFloats: Int) {
    for rows in Array(1...700) + [784, 1024, 1025, 3136, 4096, 16_384, 65_535, 262_144] {
      let cut = Chunking.rows(rows, floatsPerRow: floatsPerRow, partialFloats: partialFloats)
      let counts = cut.rowCounts
      #expect(counts.reduce(0, +) == Int64(rows), "\(rows) rows")
      #expect(counts.dropLast().allSatisfy { $0 == cut.rows_per_chunk } && counts.last! >= 1, "\(rows) rows")
      #expect(cut.rows_per_block >= 1 && Int64(cut.rows_per_block) <= cut.rows_per_chunk, "\(rows) rows")
      #expect(counts.count <= 32)
    }
  }

  @Test func evenNumbersOfRowsAreSharedEvenly() {
    for rows in [16, 32, 64, 256, 1024, 4096, 16_384, 65_536] {
      let cut = Chunking.rows(rows, floatsPerRow: 256)
      #expect(cut.rowCounts.count.nonzeroBitCount == 1 && Set(cut.rowCounts).count == 1, "\(rows) rows")
    }
    // As many rows as the batch of a classifier has images.
    #expect(Chunking.rows(16, floatsPerRow: 2280, partialFloats: 1280 * 1000).rowCounts.count == 2)
  }

  /// Each block reads all weights: none should be left with a row or two.
  @Test func blocksAreNearlyEqual() {
    for rows in [196, 784, 3136, 6272, 12_544] {
      let cut = Chunking.rows(rows, floatsPerRow: 256)
      let rest = Int(cut.rows_per_chunk) % Int(cut.rows_per_block)
      #expect(rest == 0 || rest >= Int(cut.rows_per_block) / 2, "\(rows) rows: blocks of \(cut.rows_per_block) and one of \(rest)")
    }
  }
}
