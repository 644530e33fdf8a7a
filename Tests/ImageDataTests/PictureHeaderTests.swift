import Foundation
import ImageData
import Testing

@Suite struct PictureHeaderTests {
  private func header(_ file: String) throws -> PictureHeader { try PictureHeader(inspecting: PictureFixtures.path(file)) }

  @Test func tellsWhatAFileHolds() throws {
    let turned = try header("profile-p3-turned.jpg")
    #expect(turned.format == .jpeg && turned.orientation == .turnedLeft && turned.profile == .other && !turned.hasAlpha)
    #expect(turned.storedSize == PixelSize(width: 24, height: 19) && turned.size == PixelSize(width: 19, height: 24))
    #expect(turned.bitsPerSample == 8 && !turned.isDeep)
    for file in ["turned-6-behind.png", "turned-6.webp", "turned-6.tiff", "turned-6.png"] {
      #expect(try header(file).orientation == .turnedLeft, "\(file)")
    }
    #expect(try header("turned-8-motorola.jpg").orientation == .turnedRight)
    #expect(try header("turned-9.jpg").orientation == .upright)
    for file in ["clear.png", "clear-palette.png", "clear.webp", "clear.gif", "clear.tiff", "clear.bmp", "animated-part.webp"] {
      #expect(try header(file).hasAlpha, "\(file)")
    }
    for file in ["plain.gif", "part.gif", "lossy.webp", "colour-32.bmp", "palette.tiff"] { #expect(try !header(file).hasAlpha, "\(file)") }
    #expect(try header("part.gif").size == PixelSize(width: 31, height: 24))
    #expect(try header("profile-same.jpg").profile == .sRGB && header("turned-1.jpg").profile == .none)
    #expect(try header("profile-torn.jpg").profile == .unusable && header("profile-other.jpg").profile == .unusable)
    #expect(try header("used-12.png").isDeep && header("gray-12.tiff").bitsPerSample == 12 && header("fax.tiff").bitsPerSample == 1)
  }

  @Test func formatsGoByContent() throws {
    let folder = try TemporaryFolder()
    for (file, format) in [
      ("lossy.webp", ImageFormat.webP), ("colour-24.bmp", .bmp), ("plain.gif", .gif), ("motorola.tiff", .tiff), ("big.tiff", .tiff),
    ] {
      let path = try folder.write(Fixtures.bytes(of: PictureFixtures.path(file)), to: "misnamed.jpg")
      #expect(try PictureHeader(inspecting: path).format == format)
    }
  }

  /// Each of the lines at the start of a run: how many images a rule concerns.
  @Test func countsWhatEachRuleConcerns() throws {
    let files = ["turned-3.jpg", "turned-1.jpg", "profile-p3-turned.jpg", "clear.png", "profile-torn.jpg", "used-12.png", "lossy.webp"]
    let samples = (files + ["missing.png"]).map {
      ImageSample(path: PictureFixtures.path($0), relativePath: $0, classIndex: 0, byteCount: 0)
    }
    let check = DataSetCheck(of: samples, limits: DecodeLimits(), threads: 3)
    #expect(check.broken.count == 1 && check.headers.count == 8 && check.headers[7] == nil)
    var expected = PictureCounts()
    expected.pictures = 7
    expected.turned = 2
    expected.transparent = 1
    expected.profiled = 1
    expected.unusableProfiles = 1
    expected.deep = 1
    #expect(check.counts == expected)
    var rules = PictureRules.asShown
    rules.sampleBits = .twelve
    #expect(
      check.counts.lines(under: rules) == [
        "2 of 7 images turned upright as the camera noted",
        "1 of 7 images with transparency, shown over white",
        "1 of 7 images converted from a colour profile to sRGB",
        "1 of 7 images with a colour profile that is damaged or of other colours, which is ignored",
        "1 of 7 images with 16-bit samples, of which 12 bits count",
      ])
    #expect(check.counts.lines(under: .asStored).first == "2 of 7 images not upright, read as stored")
    #expect(PictureCounts([try header("turned-1.jpg")]).lines(under: .asShown).isEmpty)
  }

  @Test func bitsAreWhatAllImagesUse() {
    func bits(_ files: [String]) -> SampleBits {
      SampleBits(usedBy: files.map { ImageLocation(path: PictureFixtures.path($0)) }, limits: DecodeLimits(), threads: 2)
    }
    #expect(bits(["used-10.png", "used-10-colour.tiff", "turned-1.jpg"]) == .ten)
    #expect(bits(["used-10.png", "used-12.tiff", "used-12-colour.png", "used-12-clear.png"]) == .twelve)
    #expect(bits(["used-10.png", "gray-16.tiff"]) == .sixteen)
    #expect(bits(["turned-1.jpg", "missing.png"]) == .sixteen && bits([]) == .sixteen)
  }
}
