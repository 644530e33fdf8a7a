import Foundation
import ImageData
import TestImages
import Testing

@Suite struct PictureRulesTests {
  /// Every format, orientation, kind of transparency and profile: exactly where nothing is lossy, else within a level. (HEIC and
  /// AVIF are decoded by other libraries here and there.)
  @Test(arguments: PictureFixtures.all.decode) func equalsPillow(_ fixture: PictureFixtures.Decode) throws {
    let image: RGBImage
    do throws(ImageError) {
      image = try RGBImage(decoding: PictureFixtures.path(fixture.file), rules: fixture.rules)
    } catch {
      // Without libheif the error is the whole behaviour; the message has a test of its own.
      try #require(error.asksForALibrary && (fixture.file.hasSuffix("heic") || fixture.file.hasSuffix("avif")), "\(error)")
      return
    }
    try #require(image.size == fixture.size)
    let expected = PictureFixtures.expected(fixture.offset, size: fixture.size)
    #expect(largestDifference(image.bytes, expected) <= fixture.tolerance)
  }

  /// From file to network input: turned, cut or padded, resized.
  @Test(arguments: PictureFixtures.all.resize) func preparesAsPillow(_ fixture: PictureFixtures.Resize) throws {
    let target = PixelSize(square: fixture.side)
    var floats = [Float](repeating: .nan, count: target.byteCount)
    try floats.withUnsafeMutableBufferPointer {
      try SingleImage.prepare(
        ImageLocation(path: PictureFixtures.path(fixture.file)),
        Preprocessing(imageSize: fixture.side, normalization: .unit, rules: fixture.rules),
        limits: DecodeLimits(), into: #require($0.baseAddress))
    }
    let bytes = floats.map { UInt8(($0 * 255).rounded()) }
    #expect(largestDifference(bytes, PictureFixtures.expected(fixture.offset, size: target)) <= 1)
  }

  /// Whether images are cached makes no difference to a bit, under rules that turn, cut and pad.
  @Test(arguments: ResizeRule.allCases, [Augmentation.none, .standard])
  func theCacheLeavesNoTrace(_ resize: ResizeRule, _ augmentation: Augmentation) throws {
    let files = ["square-61x37-6.png", "square-30x52-7.png", "square-61x37-2.png", "profile-p3-turned.jpg", "clear.webp"]
    let samples = files.map { ImageSample(path: PictureFixtures.path($0), relativePath: $0, classIndex: 0, byteCount: 0) }
    var rules = PictureRules.asShown
    rules.resize = resize
    let preparation = ImagePreparation(imageSize: 24, augmentation: augmentation, normalization: .unit, seed: 5, rules: rules)
    func images(_ bytes: Int) throws -> [[Float]] {
      let source = ImageSource(samples: samples, preparation: preparation, budget: CacheBudget(bytes: bytes), limits: DecodeLimits())
      let scratch = ImageScratch()
      return try (0..<3).flatMap { epoch in
        try samples.indices.map { index in
          var floats = [Float](repeating: .nan, count: preparation.elementCount)
          try floats.withUnsafeMutableBufferPointer {
            try source.write(index, epoch: epoch, to: #require($0.baseAddress), scratch: scratch)
          }
          return floats
        }
      }
    }
    let without = try images(0)
    #expect(try images(1_000_000) == without)
    #expect(without.allSatisfy { $0.allSatisfy { (0...1).contains($0) } })
  }

  /// A random part of a turned picture is a part of the upright one: the same as that of a file stored upright.
  @Test(arguments: 2...8) func partsAreOfTheUprightPicture(_ turn: Int) throws {
    func parts(_ path: String) throws -> [[Float]] {
      let sample = ImageSample(path: path, relativePath: "", classIndex: 0, byteCount: 0)
      let preparation = ImagePreparation(
        imageSize: 16, augmentation: .standard, normalization: .unit, seed: 3, rules: .asShown)
      let source = ImageSource(samples: [sample], preparation: preparation, budget: CacheBudget(bytes: 0), limits: DecodeLimits())
      return try (0..<6).map { epoch in
        var floats = [Float](repeating: .nan, count: preparation.elementCount)
        try floats.withUnsafeMutableBufferPointer {
          try source.write(0, epoch: epoch, to: #require($0.baseAddress), scratch: ImageScratch())
        }
        return floats
      }
    }
    let file = PictureFixtures.path("square-61x37-\(turn).png")
    let upright = try RGBImage(decoding: file, rules: .asShown)
    let folder = try TemporaryFolder()
    let copy = folder.path + "/upright.png"
    try PNGFile.write(upright.bytes, width: upright.size.width, height: upright.size.height, to: copy)
    for (a, b) in zip(try parts(file), try parts(copy)) {
      #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1.01 / 255 })
    }
  }

  @Test func aTextSaysWhatARuleIs() throws {
    #expect(Background("drop") == .drop && Background("White") == .color(.white) && Background("#FF8000")?.description == "#ff8000")
    #expect(Background("#ffffff")?.description == "white" && Background("#000000") == .color(.black))
    for text in ["", "#12345", "#1234567", "#+12345", "#12 456", "whitish", "drop "] { #expect(Background(text) == nil, "\(text)") }
    var rules = PictureRules.asShown
    rules.background = .color(RGBColor(red: 1, green: 2, blue: 3))
    rules.sampleBits = .twelve
    rules.resize = .crop
    rules.cropFraction = 0.9
    #expect(try JSONDecoder().decode(PictureRules.self, from: JSONEncoder().encode(rules)) == rules)
    #expect(try JSONDecoder().decode(PictureRules.self, from: Data("{}".utf8)) == .asStored)
    for text in [#"{"sample_bits":11}"#, #"{"crop_fraction":0}"#, #"{"background":"clear"}"#, #"{"resize":"squash"}"#] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(PictureRules.self, from: Data(text.utf8)) }
    }
  }
}
