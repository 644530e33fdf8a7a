import ImageData
import Testing

@Suite struct NormalizationTests {
  /// Every level of every channel, to the bit.
  @Test(arguments: Normalization.allCases) func equalsPyTorch(_ normalization: Normalization) throws {
    let offset = try #require(Fixtures.all.normalizations[normalization.rawValue])
    let expected = Fixtures.expectedFloats(offset, count: 256 * 3)
    let side = 16
    let floats = try prepared("levels.png", side: side, normalization: normalization)
    let bytes = try RGBImage(decoding: Fixtures.path("levels.png")).bytes
    #expect(Set(bytes).count == 256)
    let wrong = bytes.indices.filter { floats[$0].bitPattern != expected[Int(bytes[$0]) * 3 + $0 % 3].bitPattern }
    #expect(wrong.isEmpty)
  }

  /// What `predict` and `evaluate` see: resized as Pillow does, channels last.
  @Test func aSingleImageIsResizedAndNormalised() throws {
    let side = 24
    let floats = try prepared("baseline-420.jpg", side: side, normalization: .unit)
    let bytes = try RGBImage(decoding: Fixtures.path("baseline-420.jpg")).resized(to: PixelSize(square: side)).bytes
    #expect(floats == bytes.map { Float($0) / 255 })
  }

  private func prepared(_ file: String, side: Int, normalization: Normalization) throws -> [Float] {
    var floats = [Float](repeating: .nan, count: side * side * 3)
    try floats.withUnsafeMutableBufferPointer { floats in
      try SingleImage.prepare(
        ImageLocation(path: Fixtures.path(file)), Preprocessing(imageSize: side, normalization: normalization, rules: .asStored),
        limits: DecodeLimits(),
        into: #require(floats.baseAddress))
    }
    return floats
  }
}
