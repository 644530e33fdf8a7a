import ImageData
import Synchronization
import Testing

@Suite struct DataSetCheckTests {
  private func samples(_ folder: TemporaryFolder, _ names: [String]) -> [ImageSample] {
    names.map { ImageSample(path: folder.path + "/" + $0, relativePath: $0, classIndex: 0, byteCount: 0) }
  }

  @Test(arguments: [1, 4]) func findsEveryBrokenFile(_ threads: Int) throws {
    let folder = try TemporaryFolder()
    var names: [String] = []
    for index in 0..<300 {
      names.append("\(index)")
      try folder.copy(["small.png", "grey.jpg", "appended.jpg"][index % 3], to: "\(index)")
    }
    let jpeg = Fixtures.bytes(of: Fixtures.path("grey.jpg"))
    let png = Fixtures.bytes(of: Fixtures.path("small.png"))
    let claims = Fixtures.bytes(of: Fixtures.path("claims-60000.png"))
    let broken: [(Int, [UInt8], ImageError.Reason)] = [
      (3, [], .empty), (64, Array("text".utf8), .otherFormat("text")), (65, jpeg.dropLast(40), .truncated),
      (128, png.dropLast(100), .truncated), (129, claims, .tooManyPixels(width: 60000, height: 60000, limit: 178_956_970)),
      (299, jpeg.dropLast(2), .truncated),
    ]
    for (index, bytes, _) in broken { try folder.write(bytes, to: "\(index)") }
    try folder.write(png.dropLast(12), to: "130")  // lacks the end mark only: every pixel is there
    let done = Mutex<[Int]>([])
    let check = DataSetCheck(of: samples(folder, names), limits: DecodeLimits(), threads: threads) { count in
      done.withLock { $0.append(count) }
      return true
    }
    #expect(check.broken == broken.map { ImageError(path: folder.path + "/\($0.0)", reason: $0.2) })
    #expect(check.decodingBytes == 0)
    #expect(done.withLock { $0.max() } == 300)
  }

  /// What can only be decoded whole is found before it is, and what the largest of it takes is told.
  @Test func wholeImagesAreWeighed() throws {
    let files = ["vast-interlaced.png", "wide-progressive.jpg", "small.png"].map { Fixtures.path($0) }
    let samples = files.map { ImageSample(path: $0, relativePath: $0, classIndex: 0, byteCount: 0) }
    func check(_ bytes: Int) -> DataSetCheck { DataSetCheck(of: samples, limits: DecodeLimits(memoryBytes: bytes), threads: 2) }
    #expect(check(1 << 30).broken.isEmpty && check(1 << 30).decodingBytes >= 16_000_000)
    #expect(check(4_000_000).broken.map(\.path) == [files[0]] && check(4_000_000).decodingBytes == 3_200_000)
    #expect(check(1_000_000).broken.map(\.path) == Array(files[..<2]) && check(1_000_000).decodingBytes == 0)
  }

  @Test func stopsWhenAsked() throws {
    let folder = try TemporaryFolder()
    let names = (0..<1000).map { "\($0)" }  // none of them exists
    #expect(DataSetCheck(of: samples(folder, names), limits: DecodeLimits(), threads: 1).broken.count == 1000)
    #expect(DataSetCheck(of: samples(folder, names), limits: DecodeLimits(), threads: 1) { _ in false }.broken.count == 1)
    #expect(DataSetCheck(of: samples(folder, names), limits: DecodeLimits(), threads: 1) { $0 < 70 }.broken.count == 70)
    #expect(DataSetCheck(of: [], limits: DecodeLimits(), threads: 3).broken.isEmpty)
  }
}
