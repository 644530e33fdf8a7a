import ImageData
import Testing

@Suite struct ImageSourceTests {
  static let files = ["small.png", "large.png", "baseline-420.jpg", "cmyk.jpg", "colour3-depth4.png", "square.png"]
  private let side = 32

  private func source(_ augmentation: Augmentation, budget: CacheBudget) -> ImageSource {
    let samples = Self.files.enumerated().map { index, file in
      ImageSample(path: Fixtures.path(file), relativePath: file, classIndex: index % 2, byteCount: 0)
    }
    let preparation = ImagePreparation(imageSize: side, augmentation: augmentation, normalization: .imagenet, seed: 11, rules: .asStored)
    return ImageSource(samples: samples, preparation: preparation, budget: budget, limits: DecodeLimits())
  }

  private func image(_ source: ImageSource, _ index: Int, epoch: Int, scratch: ImageScratch) throws -> [Float] {
    var floats = [Float](repeating: .nan, count: side * side * 3)
    try floats.withUnsafeMutableBufferPointer {
      try source.write(index, epoch: epoch, to: #require($0.baseAddress), scratch: scratch)
    }
    return floats
  }

  private func normalized(_ bytes: [UInt8]) -> [Float] {
    let mean = Normalization.imagenet.mean
    let deviation = Normalization.imagenet.deviation
    return bytes.enumerated().map { (Float($1) / 255 - mean[$0 % 3]) / deviation[$0 % 3] }
  }

  /// Whether images are cached makes no difference to a bit, with room for all, for some and for none.
  @Test(arguments: Augmentation.allCases) func theCacheLeavesNoTrace(_ augmentation: Augmentation) throws {
    let scratch = ImageScratch()
    let without = source(augmentation, budget: CacheBudget(bytes: 0))
    for bytes in [7000, 150_000, 100_000_000] {
      let budget = CacheBudget(bytes: bytes)
      do {
        let with = source(augmentation, budget: budget)
        for epoch in 0..<3 {
          for index in Self.files.indices {
            let a = try image(with, index, epoch: epoch, scratch: scratch)
            let b = try image(without, index, epoch: epoch, scratch: scratch)
            #expect(a == b, "\(Self.files[index]) in epoch \(epoch) with \(bytes) bytes")
          }
        }
        #expect((1...bytes).contains(budget.used) || (augmentation == .standard && bytes == 7000))
      }
      #expect(budget.used == 0)  // a source gives back what it took
    }
  }

  @Test func noneIsThePlainResize() throws {
    let plain = source(.none, budget: CacheBudget(bytes: 0))
    for (index, file) in Self.files.enumerated() {
      let expected = try RGBImage(decoding: Fixtures.path(file)).resized(to: PixelSize(square: side))
      #expect(try image(plain, index, epoch: index, scratch: ImageScratch()) == normalized(expected.bytes))
    }
  }

  @Test func tutorialResizesThenRotates() throws {
    let rotating = source(.tutorial, budget: CacheBudget(bytes: 1_000_000))
    for epoch in 0..<2 {
      for (index, file) in Self.files.enumerated() {
        let degrees = AugmentationDraws(seed: 11, epoch: epoch, image: index).rotation
        let expected = try RGBImage(decoding: Fixtures.path(file)).resized(to: PixelSize(square: side)).rotated(degrees: degrees)
        #expect(try image(rotating, index, epoch: epoch, scratch: ImageScratch()) == normalized(expected.bytes))
      }
    }
  }

  @Test func standardCropsResizesAndMirrors() throws {
    let cropping = source(.standard, budget: CacheBudget(bytes: 0))
    var mirrored = Set<Bool>()
    for epoch in 0..<6 {
      for (index, file) in Self.files.enumerated() {
        let original = try RGBImage(decoding: Fixtures.path(file))
        let draws = AugmentationDraws(seed: 11, epoch: epoch, image: index)
        let crop = draws.crop(of: original.size)
        var bytes: [UInt8] = []
        for y in crop.top..<crop.top + crop.size.height {
          let start = (y * original.size.width + crop.left) * 3
          bytes += original.bytes[start..<start + crop.size.width * 3]
        }
        var expected = RGBImage(size: crop.size, bytes: bytes).resized(to: PixelSize(square: side)).bytes
        if draws.isMirrored { expected = mirror(expected) }
        mirrored.insert(draws.isMirrored)
        #expect(try image(cropping, index, epoch: epoch, scratch: ImageScratch()) == normalized(expected))
      }
    }
    #expect(mirrored == [true, false])
  }

  private func mirror(_ bytes: [UInt8]) -> [UInt8] {
    var mirrored: [UInt8] = []
    for y in 0..<side {
      for x in (0..<side).reversed() { mirrored += bytes[(y * side + x) * 3..<(y * side + x + 1) * 3] }
    }
    return mirrored
  }

  @Test func brokenImagesAreErrorsAndLeaveNothingBehind() throws {
    let budget = CacheBudget(bytes: 1_000_000)
    for augmentation in Augmentation.allCases {
      let sample = ImageSample(path: Fixtures.path("cut-and-closed.jpg"), relativePath: "", classIndex: 0, byteCount: 0)
      let preparation = ImagePreparation(imageSize: side, augmentation: augmentation, normalization: .unit, seed: 0, rules: .asStored)
      let source = ImageSource(samples: [sample], preparation: preparation, budget: budget, limits: DecodeLimits())
      #expect(throws: ImageError.self) { try self.image(source, 0, epoch: 0, scratch: ImageScratch()) }
      #expect(budget.used == 0)
    }
  }
}
