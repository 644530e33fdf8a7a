import Foundation
import ImageData
import Testing

@Suite struct BrokenFileTests {
  private func reason(_ path: String, limits: DecodeLimits = DecodeLimits()) -> ImageError.Reason? {
    do throws(ImageError) {
      _ = try RGBImage(decoding: path, limits: limits)
      return nil
    } catch {
      #expect(error.path == path)
      #expect(error.description.hasPrefix(path + ": "))
      return error.reason
    }
  }

  @Test func otherFormatsAreNamed() throws {
    #expect(reason(Fixtures.path("other.ppm")) == .otherFormat("Netpbm"))
    let folder = try TemporaryFolder()
    for (name, bytes) in [("PDF", Array("%PDF-1.7".utf8)), ("ZIP", [0x50, 0x4B, 3, 4, 0]), ("ICO", [0, 0, 1, 0, 1])] {
      #expect(reason(try folder.write(bytes, to: name)) == .otherFormat(name))
    }
  }

  @Test func whatIsNoImageAtAll() throws {
    let folder = try TemporaryFolder()
    #expect(reason(try folder.write([], to: "zero.png")) == .empty)
    #expect(reason(try folder.write(Array("Dear diary,\n".utf8), to: "text.png")) == .otherFormat("text"))
    #expect(reason(try folder.write([1, 2, 3, 4, 0, 0, 0, 9], to: "noise.jpg")) == .otherFormat(""))
    try folder.makeFolder("folder.png")
    #expect(reason(folder.path + "/folder.png") == .notAFile)
    #expect(reason(folder.path + "/missing.png") == .cannotOpen("No such file or directory"))
    try folder.link("circle.png", to: "circle.png")
    #expect(reason(folder.path + "/circle.png") == .cannotOpen("Too many levels of symbolic links"))
    try #require(mkfifo(folder.path + "/pipe.png", 0o600) == 0)
    #expect(reason(folder.path + "/pipe.png") == .notAFile)
    #expect(reason("/dev/zero") == .notAFile)
  }

  @Test func withoutPermission() throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy("small.png", to: "locked.png")
    try #require(chmod(path, 0) == 0)
    // The superuser may read anything: there is nothing to refuse.
    #expect(reason(path) == (geteuid() == 0 ? nil : .cannotOpen("Permission denied")))
  }

  /// Cut at 20 places: an error everywhere, except in a PNG's end mark behind its complete image.
  @Test(arguments: [
    "large.png", "colour6-depth16-interlaced.png", "baseline-420.jpg", "progressive-420.jpg", "cmyk.jpg", "wide-baseline.jpg",
  ])
  func truncatedAnywhere(_ file: String) throws {
    let folder = try TemporaryFolder()
    let whole = Fixtures.bytes(of: Fixtures.path(file))
    let ends = (1...17).map { whole.count * $0 / 18 } + [1, 2, whole.count - (file.hasSuffix("png") ? 13 : 1)]
    for end in ends {
      let path = try folder.write(Array(whole[..<end]), to: "cut-\(end)")
      #expect(reason(path) == .truncated, "\(file) cut at \(end) of \(whole.count)")
    }
    #expect(ends.count == 20)
    if file.hasSuffix("png") { #expect(reason(try folder.write(whole.dropLast(12), to: "no-end")) == nil) }
  }

  /// Whole data and something behind it, but no end mark: the file was cut there too.
  @Test func aJPEGWithoutItsEndMark() throws {
    let folder = try TemporaryFolder()
    let comment: [UInt8] = [0xFF, 0xFE, 0, 6, 1, 2, 3, 4]
    for file in ["baseline-420.jpg", "progressive-444.jpg", "grey.jpg"] {
      let path = try folder.write(Fixtures.bytes(of: Fixtures.path(file)).dropLast(2) + comment, to: file)
      #expect(try Fixtures.header(path).looksTruncated)
      #expect(reason(path) == .truncated)
    }
  }

  /// What follows a PNG's image data does not matter to the picture.
  @Test func aPNGCutBehindItsData() throws {
    let folder = try TemporaryFolder()
    let text: [UInt8] = [0, 0, 1, 0] + Array("tEXtComment".utf8)
    let path = try folder.write(Fixtures.bytes(of: Fixtures.path("small.png")).dropLast(12) + text, to: "a.png")
    #expect(try !Fixtures.header(path).looksTruncated)
    #expect(reason(path) == nil)
  }

  @Test func damaged() throws {
    #expect(reason(Fixtures.path("cut-and-closed.jpg")) == .corrupt("Corrupt JPEG data: premature end of data segment"))
    #expect(reason(Fixtures.path("rows-missing.png")) == .corrupt("Not enough image data"))
    #expect(reason(Fixtures.path("no-palette.png")) == .corrupt("IDAT: Missing PLTE before IDAT"))
    guard case .corrupt(let words) = reason(Fixtures.path("flipped-bits.png")) else {
      Issue.record("a flipped bit was not noticed")
      return
    }
    #expect(words.hasPrefix("IDAT: "))
  }

  @Test func unsupportedKindsOfJPEG() {
    #expect(reason(Fixtures.path("twelve-bit.jpg")) == .unsupported("Unsupported JPEG data precision 12"))
    guard case .unsupported(let words) = reason(Fixtures.path("lossless.jpg")) else {
      Issue.record("a lossless JPEG was not refused")
      return
    }
    #expect(words.contains("SOF"))
  }

  @Test(arguments: ["claims-60000.png", "claims-60000.jpg"]) func enormousClaims(_ file: String) {
    let expected = ImageError.Reason.tooManyPixels(width: 60000, height: 60000, limit: 178_956_970)
    #expect(reason(Fixtures.path(file)) == expected)
    #expect(expected.description.contains("178956970"))
  }

  /// Each scan of a progressive file costs a pass over the whole image: 600 of them are an attack.
  @Test func endlessScans() throws {
    let whole = Fixtures.bytes(of: Fixtures.path("wide-progressive.jpg"))
    let starts = whole.indices.dropLast().filter { whole[$0] == 0xFF && whole[$0 + 1] == 0xDA }
    let start = try #require(starts.last)
    let scan = whole[start..<whole.count - 2]
    let folder = try TemporaryFolder()
    let bytes = Array(whole[..<start]) + (0..<600).flatMap { _ in scan } + [0xFF, 0xD9]
    #expect(reason(try folder.write(bytes, to: "scans.jpg")) == .unsupported("a JPEG with more than 500 scans"))
  }

  @Test func errorsSayWhatToDo() {
    let texts = [
      ImageError(path: "a.png", reason: .empty).description,
      ImageError(path: "a.png", reason: .otherFormat("PDF")).description,
      ImageError(path: "a.png", reason: .tooMuchMemory(what: "an interlaced PNG", bytes: 16_000_000, limit: 4_000_000)).description,
    ]
    #expect(
      texts == [
        "a.png: is empty; replace or remove it",
        "a.png: is a PDF file, which is not read (PNG, JPEG, WebP, BMP, GIF, TIFF, HEIC, AVIF are); convert or remove it",
        "a.png: is an interlaced PNG that takes 16 MB to decode, above the limit of 4 MB; "
          + "save it without interlacing or progressive passes, or shrink it",
      ])
  }

  /// Both are given with as many decimals as it takes to tell them apart.
  @Test(arguments: [
    (1_073_741_825, 1_073_741_824, "1073.741825 MB", "1073.741824 MB"), (1_073_800_000, 1_073_741_824, "1073.80 MB", "1073.75 MB"),
    (1_074_000_001, 1_073_741_824, "1075 MB", "1074 MB"), (500_000, 1, "0.5 MB", "0.1 MB"),
  ])
  func whatIsNeededAndTheLimitDiffer(bytes: Int, limit: Int, need: String, most: String) {
    let memory = ImageError.Reason.tooMuchMemory(what: "rows this long", bytes: bytes, limit: limit).description
    #expect(memory.contains("takes \(need) to decode, above the limit of \(most); "), "\(memory)")
    let resizing = ImageError.Reason.tooMuchToResize(width: 1, height: 1, bytes: bytes, limit: limit).description
    #expect(resizing.contains("takes \(need) to resize, above the limit of \(most); "), "\(resizing)")
  }
}
