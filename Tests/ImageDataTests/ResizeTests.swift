import ImageData
import Testing

@Suite struct ResizeTests {
  @Test(arguments: Fixtures.all.resize) func equalsPillow(_ fixture: Fixtures.Resize) throws {
    var image = try RGBImage(decoding: Fixtures.path(fixture.file))
    if let crop = fixture.crop { image = cut(image, crop) }
    let box = fixture.box.map { PixelBox(left: $0[0], top: $0[1], right: $0[2], bottom: $0[3]) }
    let resized = image.resized(to: fixture.size, box: box)
    #expect(largestDifference(resized.bytes, Fixtures.expected(fixture.offset, size: fixture.size)) == 0)
  }

  @Test(arguments: Fixtures.all.resize.filter { $0.box == nil && $0.crop == nil })
  func streamingEqualsPillow(_ fixture: Fixtures.Resize) throws {
    let image = try RGBImage(decoding: Fixtures.path(fixture.file), resizedTo: fixture.size, scratch: ImageScratch())
    #expect(largestDifference(image.bytes, Fixtures.expected(fixture.offset, size: fixture.size)) == 0)
  }

  @Test func theSameSizeIsUnchanged() throws {
    let image = try RGBImage(decoding: Fixtures.path("small.png"))
    #expect(largestDifference(image.resized(to: image.size).bytes, image.bytes) == 0)
  }

  /// One working memory serves images of every size, one after the other.
  @Test func scratchKeepsNoTrace() throws {
    let scratch = ImageScratch()
    for _ in 0..<2 {
      for fixture in Fixtures.all.resize where fixture.box == nil && fixture.crop == nil {
        let image = try RGBImage(decoding: Fixtures.path(fixture.file), resizedTo: fixture.size, scratch: scratch)
        #expect(largestDifference(image.bytes, Fixtures.expected(fixture.offset, size: fixture.size)) == 0)
      }
    }
  }

  private func cut(_ image: RGBImage, _ crop: [Int]) -> RGBImage {
    let size = PixelSize(width: crop[2] - crop[0], height: crop[3] - crop[1])
    let stride = image.size.width * 3
    let bytes = image.bytes
    var rows: [UInt8] = []
    for y in crop[1]..<crop[3] { rows += bytes[y * stride + crop[0] * 3..<y * stride + crop[2] * 3] }
    return RGBImage(size: size, bytes: rows)
  }
}

@Suite struct RotateTests {
  @Test(arguments: Fixtures.all.rotate) func equalsPillow(_ fixture: Fixtures.Rotate) throws {
    let image = try RGBImage(decoding: Fixtures.path(fixture.file))
    let rotated = image.rotated(degrees: fixture.degrees)
    #expect(largestDifference(rotated.bytes, Fixtures.expected(fixture.offset, size: image.size)) == 0)
  }
}
