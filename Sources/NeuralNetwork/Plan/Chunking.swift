import Kernels

/// How rows and images are cut. Bounds follow from the problem alone, never from the number of threads, because sums are
/// combined chunk by chunk.
enum Chunking {
  /// Scratch of a block should leave room in a level-2 cache of 1 MB.
  static let cacheFloats = 128 * 1024
  /// Each chunk of rows reads all weights, so it should have some rows to use them for.
  static let fewestRows = 8

  /// Each chunk writes partial sums of so many floats, all together not more than `floatsOfAll` where four chunks or more do not.
  private static func mostChunks(partialFloats: Int, floatsOfAll: Int) -> Int {
    partialFloats == 0 ? 32 : max(4, min(16, floatsOfAll / partialFloats))
  }

  /// Rows of a 1x1 convolution or a linear layer. Chunks are as equal as whole rows allow, and where rows are many a power of two
  /// of them, so that two, four or eight threads share them evenly: a register tile's remainder costs less than a thread that
  /// waits.
  ///
  /// - Parameters:
  ///   - floatsPerRow: scratch floats that a row of a block takes.
  ///   - partialFloats: what each chunk writes for a later sum; many chunks of large partials cost more than they balance.
  static func rows(_ rows: Int, floatsPerRow: Int, partialFloats: Int = 0) -> Rows {
    let most = mostChunks(partialFloats: partialFloats, floatsOfAll: 2 << 20)
    var chunks = 1
    while 2 * chunks <= min(most, rows / fewestRows) { chunks *= 2 }
    let perChunk = (rows + chunks - 1) / chunks
    // Blocks are as equal too, in multiples of 12, the tallest register tile: each block reads all weights again.
    let largest = max(12, min(96, cacheFloats / max(floatsPerRow, 1) / 12 * 12))
    let blocks = (perChunk + largest - 1) / largest
    let block = min(perChunk, ((perChunk + blocks - 1) / blocks + 11) / 12 * 12)
    return Rows(rows: Int64(rows), rows_per_chunk: Int64(perChunk), rows_per_block: Int32(block))
  }

  /// - Parameter floatsPerOutputRow: scratch floats that each output row of a band takes; 0 where a ring of rows suffices.
  static func bands(
    images: Int, input: MapSize, output: MapSize, stride: Int, floatsPerOutputRow: Int, partialFloats: Int = 0
  ) -> Bands {
    let pieces = max(1, (8 + images - 1) / images)
    var perBand = max(min(output.height, 4), (output.height + pieces - 1) / pieces)
    if floatsPerOutputRow > 0 { perBand = max(1, min(perBand, cacheFloats / floatsPerOutputRow)) }
    let perImage = (output.height + perBand - 1) / perBand
    let units = images * perImage
    let chunks = mostChunks(partialFloats: partialFloats, floatsOfAll: 4 << 20)
    return Bands(
      images: Int32(images), height: Int32(input.height), width: Int32(input.width), output_height: Int32(output.height),
      output_width: Int32(output.width), stride: Int32(stride), rows_per_band: Int32(perBand), bands_per_image: Int32(perImage),
      bands_per_chunk: Int32((units + chunks - 1) / chunks))
  }

  /// Bands of one row of 4x4 tiles for a dense convolution of stride 1 by Winograd's method; nil where it does not pay: few
  /// channels to spread the transforms over, few tiles to spread the four times larger weights over, or tiles that mostly hang
  /// over the map's edge.
  static func tileRows(images: Int, size: MapSize, inputs: Int, outputs: Int, partialFloats: Int = 0) -> Bands? {
    let perImage = (size.height + 3) / 4, columns = (size.width + 3) / 4, units = images * perImage
    guard min(inputs, outputs) >= 16, units * columns >= 32, size.pixels >= 6 * perImage * columns else { return nil }
    let chunks = mostChunks(partialFloats: partialFloats, floatsOfAll: 4 << 20)
    // A chunk reads all weights, and sums their gradient in a place of its own.
    let least = ((partialFloats == 0 ? 16 : 32) + columns - 1) / columns
    return Bands(
      images: Int32(images), height: Int32(size.height), width: Int32(size.width), output_height: Int32(size.height),
      output_width: Int32(size.width), stride: 1, rows_per_band: 4, bands_per_image: Int32(perImage),
      bands_per_chunk: Int32(max((units + chunks - 1) / chunks, least)))
  }
}

extension Rows {
  /// Rows of each chunk.
  var rowCounts: [Int64] {
    (0..<Int64(chunks)).map { min(rows_per_chunk, rows - $0 * rows_per_chunk) }
  }
}

extension Bands {
  /// 4x4 tiles, where a band is a row of them.
  var winogradTiles: Int { Int(images * bands_per_image * ((width + 3) / 4)) }

  /// Output pixels of each chunk.
  var rowCounts: [Int64] {
    let units = Int(images * bands_per_image)
    return (0..<chunks).map { chunk in
      let first = chunk * Int(bands_per_chunk)
      return (first..<min(first + Int(bands_per_chunk), units)).reduce(0) { total, unit in
        let begin = Int32(unit % Int(bands_per_image)) * rows_per_band
        return total + Int64((min(begin + rows_per_band, output_height) - begin) * output_width)
      }
    }
  }
}
