import ImageData
import TestImages
import Testing

/// Large images pass through without ever being held: counted in the bytes that decoder and resizer ask for.
@Suite struct StreamingTests {
  private func cost(_ file: String, to side: Int, limits: DecodeLimits = DecodeLimits()) throws -> (bytes: Int, size: PixelSize) {
    let scratch = ImageScratch()
    var reader = try ImageReader(path: Fixtures.path(file), limits: limits)
    let size = reader.size
    var pixels = [UInt8](repeating: 1, count: side * side * 3)
    try pixels.withUnsafeMutableBufferPointer { pixels in
      try reader.readResized(
        crop: PixelRectangle(all: size), to: PixelSize(square: side), into: try #require(pixels.baseAddress), scratch: scratch)
    }
    #expect(pixels.allSatisfy { $0 == 0 })
    return (reader.peakBytes + scratch.byteCount, size)
  }

  @Test func fortyMegapixelsInHalfAMegabyte() throws {
    let (bytes, size) = try cost("vast.png", to: 64)
    #expect(size.byteCount == 120_000_000)
    #expect(bytes < 500_000)
    #expect(bytes > 8000 * 3)  // a row at least was counted
  }

  @Test func baselineJPEG() throws {
    let (bytes, _) = try cost("wide-baseline.jpg", to: 32, limits: DecodeLimits(memoryBytes: 100_000))
    #expect(bytes < 100_000)
  }

  @Test func interlacedPNGAboveTheLimitIsRefused() throws {
    #expect(try cost("vast-interlaced.png", to: 8).bytes > 16_000_000)
    let error = #expect(throws: ImageError.self) {
      try self.cost("vast-interlaced.png", to: 8, limits: DecodeLimits(memoryBytes: 4_000_000))
    }
    guard case .tooMuchMemory("an interlaced PNG", let bytes, 4_000_000) = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect((16_000_000...16_200_000).contains(bytes))
  }

  @Test func progressiveJPEGAboveTheLimitIsRefused() throws {
    #expect(try cost("wide-progressive.jpg", to: 8).bytes > 3_200_000)
    let error = #expect(throws: ImageError.self) {
      try self.cost("wide-progressive.jpg", to: 8, limits: DecodeLimits(memoryBytes: 1_000_000))
    }
    #expect(error?.reason == .tooMuchMemory(what: "a progressive JPEG", bytes: 3_200_000, limit: 1_000_000))
  }

  /// The weights of a filter grow with the longer side, whatever they are resized to: eight bytes a pixel and a row of three.
  @Test(arguments: [(100_000, 1), (1, 100_000)])
  func whatResizingALongImageTakesIsLimitedToo(width: Int, height: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/long.png"
    try PNGFile.write([UInt8](repeating: 0, count: width * height * 3), width: width, height: height, to: path)
    func cost(_ limit: Int) throws -> Int {
      let scratch = ImageScratch()
      let image = try RGBImage(
        decoding: path, resizedTo: PixelSize(square: 32), limits: DecodeLimits(memoryBytes: limit), scratch: scratch)
      return image.size.count + scratch.byteCount
    }
    #expect(try (800_000...1_200_000).contains(cost(1_100_000)))
    let error = #expect(throws: ImageError.self) { try cost(1_099_999) }
    #expect(error?.reason == .tooMuchToResize(width: width, height: height, bytes: 1_100_000, limit: 1_099_999))
  }

  /// As much of a file as is read when it is opened.
  @Test func anEnormouslyLongImageIsRefusedWhenItIsOpened() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/longest.png"
    try PNGFile.write([0, 0, 0], width: 1, height: 1, claiming: (178_000_000, 1), to: path)
    let error = #expect(throws: ImageError.self) { _ = try ImageReader(path: path, limits: DecodeLimits()) }
    #expect(
      error?.description
        == "\(path): has 178000000 x 1 pixels, which takes 1958 MB to resize, above the limit of 1074 MB; shrink or remove it")
  }

  @Test func pixelLimit() throws {
    let error = #expect(throws: ImageError.self) { try self.cost("vast.png", to: 8, limits: DecodeLimits(pixels: 39_999_999)) }
    #expect(error?.reason == .tooManyPixels(width: 8000, height: 5000, limit: 39_999_999))
    #expect(try Fixtures.header(Fixtures.path("vast.png"), limits: DecodeLimits(pixels: 40_000_000)).size.count == 40_000_000)
  }
}
