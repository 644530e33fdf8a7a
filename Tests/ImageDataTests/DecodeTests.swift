import ImageData
import Testing

@Suite struct DecodeTests {
  /// PNG exactly; JPEG within one level, since Pillow brings a libjpeg-turbo of its own.
  @Test(arguments: Fixtures.all.decode) func equalsPillow(_ fixture: Fixtures.Decode) throws {
    let image = try RGBImage(decoding: Fixtures.path(fixture.file))
    try #require(image.size == fixture.size)
    #expect(largestDifference(image.bytes, Fixtures.expected(fixture.offset, size: fixture.size)) <= fixture.tolerance)
  }

  @Test func coversEveryKind() {
    let files = Set(Fixtures.all.decode.map(\.file))
    #expect(files.count == Fixtures.all.decode.count)
    for (colour, depths) in [0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]] {
      for depth in depths {
        #expect(files.contains("colour\(colour)-depth\(depth).png"))
        #expect(files.contains("colour\(colour)-depth\(depth)-interlaced.png"))
      }
    }
  }

  @Test(arguments: Fixtures.all.decode) func headerTellsFormatAndSize(_ fixture: Fixtures.Decode) throws {
    let header = try Fixtures.header(Fixtures.path(fixture.file))
    #expect(header.format == (fixture.file.hasSuffix("png") ? .png : .jpeg))
    #expect(header.size == fixture.size)
    #expect(!header.looksTruncated)
  }

  @Test func contentCountsNotExtension() throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy("baseline-444.jpg", to: "is-a-jpeg.png")
    #expect(try Fixtures.header(path).format == .jpeg)
    #expect(try RGBImage(decoding: path).size == PixelSize(width: 45, height: 38))
  }
}
