import CImageCodecs
import SystemText

/// Formats that can be decoded, recognised by content: a file's extension does not matter.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
  case png = "PNG"
  case jpeg = "JPEG"
  case webP = "WebP"
  case bmp = "BMP"
  case gif = "GIF"
  case tiff = "TIFF"
  case heic = "HEIC"
  case avif = "AVIF"

  init(_ format: codec_format) {
    self =
      switch format {
      case .png: .png
      case .jpeg: .jpeg
      case .webp: .webP
      case .bmp: .bmp
      case .gif: .gif
      case .tiff: .tiff
      case .heic: .heic
      case .avif: .avif
      }
  }
}

/// An open image file, handing over 8-bit RGB rows from top to bottom.
///
/// All formats of `ImageFormat`; of animations and files with several pictures the first one. Under `PictureRules.asStored` the
/// bytes equal Pillow's `convert("RGB")`, except that 16-bit gray keeps its high byte, where Pillow clips at 255. Under other
/// rules they equal what Pillow's `ImageOps.exif_transpose`, `ImageCms.profileToProfile` and `alpha_composite` make, within a
/// level.
package struct ImageReader: ~Copyable {
  let path: String
  let limits: DecodeLimits
  package let header: PictureHeader
  private let handle: OpaquePointer
  /// What `handle` reads from.
  private let bytes: ImageBytes

  /// Reads the header only.
  package init(path: String, limits: DecodeLimits, rules: PictureRules = .asStored) throws(ImageError) {
    try self.init(ImageLocation(path: path), limits: limits, rules: rules)
  }

  /// Reads the header only; an entry of an archive that is compressed is unpacked whole.
  package init(_ image: ImageLocation, limits: DecodeLimits, rules: PictureRules = .asStored) throws(ImageError) {
    let path = image.path
    let bytes = try image.open(limit: limits.memoryBytes)
    // What an entry was unpacked into is held for as long as it is decoded.
    let limits = DecodeLimits(pixels: limits.pixels, memoryBytes: limits.memoryBytes - bytes.heldBytes)
    var report = codec_report()
    guard let handle = bytes.withInput({ codec_reader_open($0, limits.codecLimits, rules.codecRules, &report) }) else {
      throw ImageError(path: path, report: report, limits: limits)
    }
    let header = PictureHeader(codec_reader_header(handle))
    let resizing = header.storedSize.resizingBytes
    guard resizing <= limits.memoryBytes else {
      codec_reader_close(handle)
      throw ImageError(
        path: path,
        reason: .tooMuchToResize(
          width: header.storedSize.width, height: header.storedSize.height, bytes: resizing, limit: limits.memoryBytes))
    }
    self.path = path
    self.limits = limits
    self.handle = handle
    self.bytes = bytes
    self.header = header
  }

  deinit { codec_reader_close(handle) }

  package var format: ImageFormat { header.format }

  /// Size of the picture, upright if the rules say so.
  package var size: PixelSize { header.size }

  /// Size of the rows that `readRow` gives.
  package var storedSize: PixelSize { header.storedSize }

  /// Whether the file's tail shows that the image cannot be complete; to be asked before the first row. `false` is no promise.
  package var looksTruncated: Bool { codec_reader_looks_truncated(handle) }

  /// Bytes held while the image is decoded if that can only be done whole, and those of an archive's entry that was unpacked;
  /// else 0.
  package var wholeBytes: Int { Int(codec_reader_whole_bytes(handle)) + bytes.heldBytes }

  /// Most bytes held at one time so far.
  package var peakBytes: Int { Int(codec_reader_peak_bytes(handle)) }

  /// The largest 16-bit colour sample of the rows read so far.
  var sampleMaximum: Int { Int(codec_reader_sample_maximum(handle)) }

  /// The next row as stored, [storedSize.width, 3].
  package mutating func readRow(into row: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    try rows.next(into: row)
  }

  /// All rows as stored, [storedSize.height, storedSize.width, 3].
  mutating func readStored(into pixels: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    for y in 0..<storedSize.height { try readRow(into: pixels + y * storedSize.width * 3) }
  }

  /// The picture, [size.height, size.width, 3].
  package mutating func readAll(into pixels: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    if header.orientation == .upright { return try readStored(into: pixels) }
    let stored = UnsafeMutablePointer<UInt8>.allocate(capacity: storedSize.byteCount)
    defer { stored.deallocate() }
    try readStored(into: stored)
    header.orientation.apply(stored, size: storedSize, to: pixels)
  }

  /// The part `crop`, resized to `target` as it streams by: the whole image is never held.
  package mutating func readResized(
    crop: PixelRectangle, to target: PixelSize, into pixels: UnsafeMutablePointer<UInt8>, scratch: ImageScratch
  ) throws(ImageError) {
    try read(PictureView(part: .crop(crop), size: target), into: pixels, scratch: scratch)
  }

  /// The part that `view` wants, resized as it streams by; writes [view.size.height, view.size.width, 3].
  ///
  /// Every row is decoded, those outside the part too, so that a damaged file is an error whatever part of it is wanted.
  mutating func read(
    _ view: PictureView, into pixels: UnsafeMutablePointer<UInt8>, scratch: ImageScratch
  ) throws(ImageError) {
    let row = scratch.row(bytes: storedSize.width * 3)
    let picture = StoredPicture(size: storedSize, orientation: header.orientation)
    let height = storedSize.height
    let rows = rows
    try picture.write(view, into: pixels, scratch: scratch) { (wanted, left, resampler) throws(ImageError) in
      for y in 0..<height {
        try rows.next(into: row)
        if wanted.contains(y) { resampler.push(row + left * 3) }
      }
    }
  }

  private var rows: Rows { Rows(path: path, limits: limits, handle: handle) }

  /// The rows of a reader that outlives this: closures cannot borrow a reader, which cannot be copied.
  private struct Rows {
    let path: String
    let limits: DecodeLimits
    let handle: OpaquePointer

    func next(into row: UnsafeMutablePointer<UInt8>) throws(ImageError) {
      var report = codec_report()
      guard codec_reader_next_row(handle, row, &report) == .ok else {
        throw ImageError(path: path, report: report, limits: limits)
      }
    }
  }
}

extension PixelSize {
  /// Bytes that resizing an image of this size row by row takes at least: a row, and the weights of a filter over the longer
  /// side, eight bytes a pixel whatever the target. (The rows under the filter come to little: they are few where the image
  /// is long, and short where it is high.)
  fileprivate var resizingBytes: Int { 11 * max(width, height) }
}
