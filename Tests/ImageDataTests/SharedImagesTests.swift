import Foundation
import ImageData
import Testing

@Suite struct SharedImagesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    let path = folder.path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// 40,000 bytes that differ from one another's only where 12 KB of start, middle and end do not reach.
  private func large(_ mark: UInt8) -> [UInt8] {
    var bytes = [UInt8](repeating: 7, count: 40_000)
    bytes[10_000] = mark
    return bytes
  }

  @Test func onlyEqualBytesAreShared() throws {
    for (name, mark) in [("train/a/1.png", 1), ("train/b/1.png", 2), ("eval/a/1.png", 3), ("eval/b/same.png", 2)] {
      try write(name, large(UInt8(mark)))
    }
    let shared = SharedImages(in: try ImageFolder(scanning: folder.path, seed: 1), threads: 2, limits: DecodeLimits())
    #expect(shared.pairs == [.init(evaluation: "eval/b/same.png", training: "train/b/1.png")])
    #expect(shared.warning?.hasPrefix("1 of 2 evaluation images is a training image too, byte for byte (eval/b/same.png is ") == true)
    #expect(SharedImages(in: try ImageFolder(scanning: folder.path, seed: 1), threads: 2, limits: DecodeLimits()) { false }.pairs.isEmpty)
  }

  @Test func aSampleIsReadBackFromItsText() throws {
    for number in 0..<40 {
      for name in ["a", "b"] { try write("\(name)/\(number).png", [UInt8(number), name == "a" ? 1 : 2]) }
    }
    let images = try ImageFolder(scanning: folder.path, seed: 1)
    let sample = TrainingSample(of: images)
    #expect(sample.count == 32 && sample.matches(in: images.training) == 32 && sample.matches(in: images.evaluation) == 0)
    #expect(TrainingSample(text: sample.text) == sample && TrainingSample(text: "") == TrainingSample())
    #expect(TrainingSample(text: "3:xy") == nil && TrainingSample(text: "nothing") == nil)
    let broken = ImageError(path: images.training[0].path, reason: .truncated)
    let left = try images.removing([broken])
    #expect(left.scanFingerprint == images.fingerprint && left.fingerprint != images.fingerprint)
  }

  @Test func foldersAreWalkedInOrder() throws {
    for name in ["b/2.png", "b/c/1.png", "a.png", "Z.jpg", "notes.txt", ".hidden/x.png"] { try write(name, [0]) }
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/b/circle", withDestinationPath: folder.path)
    let files = try ImageFiles(in: folder.path + "/")
    #expect(files.paths == ["Z.jpg", "a.png", "b/2.png", "b/c/1.png"].map { folder.path + "/" + $0 })
    #expect(files.passedOver == [folder.path + "/notes.txt"])
    #expect(throws: ImageFolderError.noImages(folder.path + "/.hidden/none")) {
      try FileManager.default.createDirectory(atPath: folder.path + "/.hidden/none", withIntermediateDirectories: true)
      _ = try ImageFiles(in: folder.path + "/.hidden/none")
    }
  }
}
