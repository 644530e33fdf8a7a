import Foundation
import ImageData
import Testing

/// Files of the formats beside PNG and JPEG that are torn, huge or of kinds that are not read.
@Suite struct PictureFailureTests {
  private func reason(_ path: String, limits: DecodeLimits = DecodeLimits()) -> ImageError.Reason? {
    do throws(ImageError) {
      _ = try RGBImage(decoding: path, rules: .asShown, limits: limits)
      return nil
    } catch { return error.reason }
  }

  /// Cut at many places: an error everywhere before the picture's last byte, never a wrong picture.
  @Test(arguments: [
    "lossy.webp", "lossless.webp", "animated.webp", "colour-24.bmp", "rows-8.bmp", "palette-4.bmp", "plain.gif", "interlaced.gif",
  ])
  func truncatedAnywhere(_ file: String) throws {
    let folder = try TemporaryFolder()
    let whole = Fixtures.bytes(of: PictureFixtures.path(file))
    let last = file.hasPrefix("animated") ? whole.count / 5 : whole.count - (file.hasSuffix("gif") ? 3 : file.hasPrefix("rows") ? 5 : 2)
    for end in (0...16).map({ max(1, last * $0 / 16) }) {
      let path = try folder.write(Array(whole[..<end]), to: "cut-\(end)")
      let found = reason(path)
      #expect(found != nil, "\(file) cut at \(end) of \(whole.count)")
      if end > 64 { #expect(found == .truncated, "\(file) cut at \(end) of \(whole.count)") }
      let sample = ImageSample(path: path, relativePath: "", classIndex: 0, byteCount: 0)
      #expect(DataSetCheck(of: [sample], limits: DecodeLimits(), threads: 1).broken.count == 1, "\(file) cut at \(end)")
    }
  }

  /// A TIFF's directory may lie anywhere, so that a cut is damage as well as loss.
  @Test(arguments: ["colour-tiff_lzw.tiff", "tiles.tiff", "planes.tiff", "colour-jpeg.tiff", "fax.tiff"])
  func tornTIFF(_ file: String) throws {
    let folder = try TemporaryFolder()
    let whole = Fixtures.bytes(of: PictureFixtures.path(file))
    for part in 1..<12 {
      let path = try folder.write(Array(whole[..<(whole.count * part / 12)]), to: "cut-\(part)")
      #expect(reason(path) != nil, "\(file) cut to \(part) twelfths")
    }
  }

  @Test(arguments: ["plain.avif", "plain.heic"]) func tornHEIF(_ file: String) throws {
    let folder = try TemporaryFolder()
    let whole = Fixtures.bytes(of: PictureFixtures.path(file))
    let path = try folder.write(Array(whole[..<(whole.count / 2)]), to: file)
    let sample = ImageSample(path: path, relativePath: "", classIndex: 0, byteCount: 0)
    #expect(DataSetCheck(of: [sample], limits: DecodeLimits(), threads: 1).broken.count == 1)
  }

  @Test(arguments: ["lossless.webp", "plain.gif", "rows-8.bmp", "planes.tiff", "uneven.tiff"])
  func whatIsDecodedWholeIsLimited(_ file: String) throws {
    let error = #expect(throws: ImageError.self) {
      _ = try RGBImage(decoding: PictureFixtures.path(file), limits: DecodeLimits(memoryBytes: 400))
    }
    guard case .tooMuchMemory(_, _, 400) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func enormousClaims() throws {
    let folder = try TemporaryFolder()
    var bmp = Fixtures.bytes(of: PictureFixtures.path("colour-24.bmp"))
    bmp.replaceSubrange(18..<26, with: [0x60, 0xEA, 0, 0, 0x60, 0xEA, 0, 0])
    let limit = DecodeLimits().pixels
    #expect(reason(try folder.write(bmp, to: "a.bmp")) == .tooManyPixels(width: 60000, height: 60000, limit: limit))
    var gif = Fixtures.bytes(of: PictureFixtures.path("plain.gif"))
    gif.replaceSubrange(6..<10, with: [0x60, 0xEA, 0x60, 0xEA])
    #expect(reason(try folder.write(gif, to: "a.gif")) == .tooManyPixels(width: 60000, height: 60000, limit: limit))
  }

  @Test func messagesNameFormatAndCure() {
    func text(_ reason: ImageError.Reason) -> String { ImageError(path: "a", reason: reason).description }
    #expect(text(.missingLibrary("AVIF", package: "libheif1")) == "a: is an AVIF file; install libheif1 to read it, or convert it")
    #expect(text(.missingLibrary("HEIC", package: "libheif1")) == "a: is a HEIC file; install libheif1 to read it, or convert it")
    let formats = "PNG, JPEG, WebP, BMP, GIF, TIFF, HEIC, AVIF"
    for (name, words) in [
      ("ICO", "an ICO"), ("MP4", "an MP4"), ("SVG", "an SVG"), ("PDF", "a PDF"), ("ZIP", "a ZIP"), ("JPEG XL", "a JPEG XL"),
    ] {
      #expect(text(.otherFormat(name)) == "a: is \(words) file, which is not read (\(formats) are); convert or remove it")
    }
    #expect(text(.otherFormat("")) == "a: is no image of a known format (\(formats)); convert or remove it")
  }

  /// An animation that is torn behind its first frame still shows that frame.
  @Test func theFirstFrameIsEnough() throws {
    let folder = try TemporaryFolder()
    let whole = Fixtures.bytes(of: PictureFixtures.path("animated.gif"))
    let path = try folder.write(whole.dropLast(200), to: "a.gif")
    let sample = ImageSample(path: path, relativePath: "", classIndex: 0, byteCount: 0)
    #expect(DataSetCheck(of: [sample], limits: DecodeLimits(), threads: 1).broken.isEmpty)
    let full = try RGBImage(decoding: PictureFixtures.path("animated.gif"))
    #expect(try RGBImage(decoding: path).bytes == full.bytes)
  }
}
