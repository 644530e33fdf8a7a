import CImageCodecs
import SystemText

/// Formats that can be decoded, recognised by content: a file's extension does not matter.
public enum ImageFormat: String, Sendable, Hashable {
  case png = "PNG"
  case jpeg = "JPEG"
}

/// An open image file, handing over 8-bit RGB rows from top to bottom.
///
/// PNG of every colour type and depth, interlaced or not; JPEG baseline and progressive, grey, colour and CMYK. The bytes
/// equal Pillow's `convert("RGB")`: alpha and transparency are dropped, gamma and colour profiles ignored, the EXIF
/// orientation is not applied. 16-bit samples keep their high byte (Pillow does so too, but clips 16-bit grey at 255).
package struct ImageReader: ~Copyable {
  let path: String
  let limits: DecodeLimits
  package let format: ImageFormat
  package let size: PixelSize
  private let handle: OpaquePointer

  /// Reads the header only.
  package init(path: String, limits: DecodeLimits) throws(ImageError) {
    var report = codec_report()
    guard let handle = path.withSystemPath({ codec_reader_open($0, limits.codecLimits, &report) }) else {
      throw ImageError(path: path, report: report, limits: limits)
    }
    let header = codec_reader_header(handle)
    let size = PixelSize(width: Int(header.width), height: Int(header.height))
    guard size.resizingBytes <= limits.memoryBytes else {
      codec_reader_close(handle)
      throw ImageError(
        path: path,
        reason: .tooMuchToResize(width: size.width, height: size.height, bytes: size.resizingBytes, limit: limits.memoryBytes))
    }
    self.path = path
    self.limits = limits
    self.handle = handle
    self.size = size
    format =
      switch header.format {
      case .png: .png
      case .jpeg: .jpeg
      }
  }

  deinit { codec_reader_close(handle) }

  /// Whether the file's tail shows that the image cannot be complete; to be asked before the first row. `false` is no promise.
  package var looksTruncated: Bool { codec_reader_looks_truncated(handle) }

  /// Bytes held while the image is decoded if that can only be done whole (interlaced PNG, progressive JPEG), else 0.
  package var wholeBytes: Int { Int(codec_reader_whole_bytes(handle)) }

  /// Most bytes held at one time so far.
  package var peakBytes: Int { Int(codec_reader_peak_bytes(handle)) }

  /// The next row, [width, 3].
  package mutating func readRow(into row: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    var report = codec_report()
    guard codec_reader_next_row(handle, row, &report) == .ok else {
      throw ImageError(path: path, report: report, limits: limits)
    }
  }

  /// All rows, [height, width, 3].
  package mutating func readAll(into pixels: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    for y in 0..<size.height { try readRow(into: pixels + y * size.width * 3) }
  }

  /// The part `crop`, resized to `target` as it streams by: the whole image is never held.
  ///
  /// Every row is decoded, those below the crop too, so that a damaged file is an error whatever part of it is wanted.
  package mutating func readResized(
    crop: PixelRectangle, to target: PixelSize, into pixels: UnsafeMutablePointer<UInt8>, scratch: ImageScratch
  ) throws(ImageError) {
    let row = scratch.row(bytes: size.width * 3)
    let resampler = scratch.resampler
    resampler.setUp(from: crop.size, to: target)
    resampler.begin(pixels)
    for y in 0..<size.height {
      try readRow(into: row)
      if (crop.top..<crop.top + crop.size.height).contains(y) { resampler.push(row + crop.left * 3) }
    }
  }
}

extension PixelSize {
  /// Bytes that resizing an image of this size row by row takes at least: a row, and the weights of a filter over the longer
  /// side, eight bytes a pixel whatever the target. (The rows under the filter come to little: they are few where the image
  /// is long, and short where it is high.)
  fileprivate var resizingBytes: Int { 11 * max(width, height) }
}
