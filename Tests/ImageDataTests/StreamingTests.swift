import ImageData
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

  @Test func pixelLimit() throws {
    let error = #expect(throws: ImageError.self) { try self.cost("vast.png", to: 8, limits: DecodeLimits(pixels: 39_999_999)) }
    #expect(error?.reason == .tooManyPixels(width: 8000, height: 5000, limit: 39_999_999))
    #expect(try ImageHeader.read(Fixtures.path("vast.png"), limits: DecodeLimits(pixels: 40_000_000)).size.count == 40_000_000)
  }
}
