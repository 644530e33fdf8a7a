import CImageCodecs
import Tensors

/// What a single image may cost.
public struct DecodeLimits: Sendable, Hashable {
  /// An image whose header claims more pixels is refused; twice Pillow's warning threshold, where it refuses as well.
  public let pixels: Int
  /// Bytes that decoding one image may hold, and resizing it. Rows are decoded one by one where the format allows it, so that
  /// this concerns images that are decoded whole (interlaced PNG, progressive JPEG, WebP, GIF, HEIC, AVIF, some TIFF and BMP)
  /// and images that are enormously long.
  public let memoryBytes: Int
  /// Bytes that all threads together may hold where more of them look at images than decode in training.
  public let totalBytes: Int

  /// - Parameter totalBytes: nil for those of one image.
  public init(pixels: Int = 178_956_970, memoryBytes: Int = 1 << 30, totalBytes: Int? = nil) {
    self.pixels = pixels
    self.memoryBytes = memoryBytes
    self.totalBytes = totalBytes ?? memoryBytes
  }

  /// The default, with less memory where the machine has little to spare.
  ///
  /// - Parameter threads: that decode at a time.
  public static func standard(_ limits: SystemLimits, threads: Int) -> DecodeLimits {
    DecodeLimits(memoryBytes: min(1 << 30, limits.availableMemory / 4 / threads), totalBytes: limits.availableMemory / 4)
  }

  var codecLimits: codec_limits { codec_limits(pixels: UInt64(pixels), memory_bytes: UInt64(memoryBytes)) }
}
