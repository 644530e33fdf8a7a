import CImageCodecs
import Foundation

/// An 8-bit RGB image in memory, [height, width, 3]; it never changes once made.
///
/// Decoding takes the pixels as `PictureRules` say; without rules as they are stored: transparency is dropped, colour profiles
/// are ignored and, as with Pillow's `open`, the EXIF orientation is not applied.
public final class RGBImage: @unchecked Sendable {  // the pixels are written in `init` only
  public let size: PixelSize
  public let pixels: UnsafePointer<UInt8>
  /// How the pixels lie to the picture; `upright` but for originals that a cache keeps as they are stored.
  let orientation: Orientation

  /// Lets `fill` write the pixels.
  init<E: Error>(
    size: PixelSize, orientation: Orientation = .upright, fill: (UnsafeMutablePointer<UInt8>) throws(E) -> Void
  ) throws(E) {
    let pixels = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, size.byteCount))
    do { try fill(pixels) } catch {
      pixels.deallocate()
      throw error
    }
    self.size = size
    self.orientation = orientation
    self.pixels = UnsafePointer(pixels)
  }

  deinit { UnsafeMutablePointer(mutating: pixels).deallocate() }

  /// An image from bytes [height, width, 3].
  public convenience init(size: PixelSize, bytes: some Collection<UInt8>) {
    precondition(bytes.count == size.byteCount, "an RGB image takes three bytes a pixel")
    self.init(size: size) { pixels in
      _ = UnsafeMutableBufferPointer(start: pixels, count: size.byteCount).initialize(from: bytes)
    }
  }

  /// Decodes a file as a whole.
  public convenience init(
    decoding path: String, rules: PictureRules = .asStored, limits: DecodeLimits = DecodeLimits()
  ) throws(ImageError) {
    var reader = try ImageReader(path: path, limits: limits, rules: rules)
    try self.init(size: reader.size) { (pixels) throws(ImageError) in try reader.readAll(into: pixels) }
  }

  /// Decodes a file and stretches it to `target` while its rows come in, without ever holding the whole image.
  public convenience init(
    decoding path: String, resizedTo target: PixelSize, rules: PictureRules = .asStored, limits: DecodeLimits = DecodeLimits(),
    scratch: ImageScratch
  ) throws(ImageError) {
    var reader = try ImageReader(path: path, limits: limits, rules: rules)
    try self.init(size: target) { (pixels) throws(ImageError) in
      try reader.readResized(crop: PixelRectangle(all: reader.size), to: target, into: pixels, scratch: scratch)
    }
  }

  /// The bytes, [height, width, 3].
  public var bytes: [UInt8] { Array(UnsafeBufferPointer(start: pixels, count: size.byteCount)) }

  /// As Pillow's `Image.resize(target, BILINEAR, box)`, byte for byte. An image of that size comes out unchanged.
  public func resized(to target: PixelSize, box: PixelBox? = nil) -> RGBImage {
    let resampler = Resampler()
    resampler.setUp(from: size, box: box, to: target)
    return RGBImage(size: target) { out in
      resampler.begin(out)
      for y in 0..<size.height { resampler.push(pixels + y * size.width * 3) }
    }
  }

  /// As Pillow's `Image.rotate(degrees)`: counter-clockwise about the centre, nearest neighbour, same size, black corners.
  public func rotated(degrees: Double) -> RGBImage {
    RGBImage(size: size) { Rotation(degrees: degrees, size: size).apply(pixels, to: $0) }
  }

  /// The part that `view` wants, resized and upright; writes [view.size.height, view.size.width, 3].
  func write(_ view: PictureView, into out: UnsafeMutablePointer<UInt8>, scratch: ImageScratch) {
    StoredPicture(size: size, orientation: orientation).write(view, into: out, scratch: scratch) { rows, left, resampler in
      for y in rows { resampler.push(pixels + (y * size.width + left) * 3) }
    }
  }
}

/// A rotation about the centre of an image, as Pillow computes it.
struct Rotation {
  private let size: PixelSize
  /// Output to source coordinates; nil where every pixel stays.
  private let matrix: [Double]?

  /// - Parameter degrees: counter-clockwise, between -90 and 90 (Pillow treats quarter turns apart).
  init(degrees: Double, size: PixelSize) {
    precondition(abs(degrees) < 90, "rotations are by less than a quarter turn")
    precondition(size.width < 32768 && size.height < 32768, "rotated images have fewer than 32768 pixels a side")
    self.size = size
    let positive = degrees < 0 ? degrees.truncatingRemainder(dividingBy: 360) + 360 : degrees
    let radians = -(positive * (Double.pi / 180))
    let cosine = Self.rounded(cos(radians))
    let sine = Self.rounded(sin(radians))
    guard sine != 0 else {
      matrix = nil
      return
    }
    let x = Double(size.width) / 2
    let y = Double(size.height) / 2
    let right = cosine * -x + sine * -y + 0 + x
    let down = -sine * -x + cosine * -y + 0 + y
    matrix = [cosine, sine, right, -sine, cosine, down]
  }

  /// To fifteen decimals, as Python's `round`.
  private static func rounded(_ value: Double) -> Double { Double(String(format: "%.15f", value)) ?? value }

  /// in and out [height, width, 3], not overlapping.
  func apply(_ pixels: UnsafePointer<UInt8>, to out: UnsafeMutablePointer<UInt8>) {
    guard let matrix else { return out.update(from: pixels, count: size.byteCount) }
    codec_affine_nearest(pixels, Int32(size.width), Int32(size.height), matrix, out)
  }
}
