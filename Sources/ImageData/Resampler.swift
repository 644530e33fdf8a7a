import CImageCodecs

/// Antialiased bilinear resizing of rows as they come, byte for byte Pillow's. For one thread at a time.
final class Resampler {
  private let handle: OpaquePointer

  init() {
    guard let handle = codec_resampler_create() else { preconditionFailure("no memory for a resampler of a few bytes") }
    self.handle = handle
  }

  deinit { codec_resampler_destroy(handle) }

  /// Bytes held for weights and rows under the filter.
  var byteCount: Int { Int(codec_resampler_bytes(handle)) }

  /// Sets the geometry; repeated with the same one it costs nothing. The filter may look beyond `box`, within the source.
  ///
  /// - Parameter turns: whether the result is turned by a quarter afterwards; the bytes then are those that turning first gives.
  func setUp(from source: PixelSize, box: PixelBox? = nil, to target: PixelSize, turns: Bool = false) {
    let box = box ?? PixelBox(all: source)
    precondition(source.width > 0 && source.height > 0 && target.width > 0 && target.height > 0, "images have pixels")
    precondition(
      box.left >= 0 && box.top >= 0 && box.left < box.right && box.top < box.bottom
        && box.right <= Float(source.width) && box.bottom <= Float(source.height), "the box lies within the image")
    let ready = codec_resampler_set_up(
      handle, Int32(source.width), Int32(source.height), box.left, box.top, box.right, box.bottom, Int32(target.width),
      Int32(target.height), turns)
    precondition(ready, "no memory for a resampler's weights")
  }

  /// Starts an image that is written to `pixels`, [height, width, 3] of the target.
  func begin(_ pixels: UnsafeMutablePointer<UInt8>) { codec_resampler_begin(handle, pixels) }

  /// The next of the source's rows, [width, 3].
  func push(_ row: UnsafePointer<UInt8>) { codec_resampler_push(handle, row) }
}

/// One thread's working memory for preparing images; it grows to the largest need and stays.
public final class ImageScratch {
  let resampler = Resampler()
  private var rowBytes = Scratch()
  private var resizedBytes = Scratch()
  private var rotatedBytes = Scratch()
  private var turnedBytes = Scratch()
  private var partBytes = Scratch()

  public init() {}

  func row(bytes: Int) -> UnsafeMutablePointer<UInt8> { rowBytes.reserve(bytes) }
  /// Room for a resized image.
  func resized(_ size: PixelSize) -> UnsafeMutablePointer<UInt8> { resizedBytes.reserve(size.byteCount) }
  /// Room for a rotated image.
  func rotated(_ size: PixelSize) -> UnsafeMutablePointer<UInt8> { rotatedBytes.reserve(size.byteCount) }

  /// Room for a resized image that still has to be turned upright.
  func turned(_ size: PixelSize) -> UnsafeMutablePointer<UInt8> { turnedBytes.reserve(size.byteCount) }
  /// Room for a resized image that does not fill its square.
  func part(_ size: PixelSize) -> UnsafeMutablePointer<UInt8> { partBytes.reserve(size.byteCount) }

  /// Bytes held now.
  public var byteCount: Int {
    rowBytes.count + resizedBytes.count + rotatedBytes.count + turnedBytes.count + partBytes.count + resampler.byteCount
  }
}

/// Bytes that grow when more are asked for; what was in them is not kept.
private struct Scratch: ~Copyable {
  private var bytes: UnsafeMutablePointer<UInt8>?
  private(set) var count = 0

  mutating func reserve(_ needed: Int) -> UnsafeMutablePointer<UInt8> {
    if let bytes, count >= needed { return bytes }
    bytes?.deallocate()
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: needed)
    bytes = larger
    count = needed
    return larger
  }

  deinit { bytes?.deallocate() }
}
