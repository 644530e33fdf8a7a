import Foundation
import ImageData
import SystemText
import Testing

@Suite struct ImageFolderTests {
  private let png = Fixtures.bytes(of: Fixtures.path("dot.png"))

  private func error(_ path: String) -> ImageFolderError? {
    do throws(ImageFolderError) {
      _ = try ImageFolder(scanning: path, seed: 1)
      return nil
    } catch {
      #expect(error.description.hasPrefix(path))
      return error
    }
  }

  private func makeSet(_ folder: TemporaryFolder, _ names: [String]) throws {
    for name in names { try folder.write(png, to: name) }
  }

  @Test(arguments: [("train", "eval"), ("trainImages", "evalImages")])
  func separateFolders(_ train: String, _ evaluation: String) throws {
    let folder = try TemporaryFolder()
    try makeSet(
      folder, ["\(train)/dog/2.png", "\(train)/cat/1.png", "\(train)/cat/0.png", "\(train)/Zebra/a.png", "\(evaluation)/dog/1.png"])
    let images = try ImageFolder(scanning: folder.path, seed: 1)
    #expect(images.classNames == ["Zebra", "cat", "dog"])
    #expect(images.training.map(\.relativePath) == ["Zebra/a", "cat/0", "cat/1", "dog/2"].map { "\(train)/\($0).png" })
    #expect(images.training.map(\.classIndex) == [0, 1, 1, 2])
    #expect(images.training.allSatisfy { $0.path == folder.path + "/" + $0.relativePath && $0.byteCount == Int64(png.count) })
    #expect(images.evaluation.map(\.relativePath) == ["\(evaluation)/dog/1.png"])
    #expect(images.evaluation.map(\.classIndex) == [2])
  }

  /// Without the class the others would be numbered anew. A link that leads nowhere is another matter.
  @Test func aClassThatCannotBeExaminedIsToldAndNotLeftOut() throws {
    let folder = try TemporaryFolder()
    try makeSet(folder, ["train/cat/0.png", "train/dog/0.png", "eval/cat/0.png"])
    try #require(symlink(String(repeating: "x", count: 300), folder.path + "/train/bird") == 0)
    #expect(error(folder.path) == .folderUnreadable(folder.path + "/train/bird", "File name too long"))
  }

  /// Files of a class are sorted by folder, then by name, by bytes.
  @Test func walksAndSortsAsThePeers() throws {
    let folder = try TemporaryFolder()
    let names = ["a/b.png", "a/é.png", "a/Z.png", "a/sub/1.png", "a/sub-2/1.png", "a/sub/deep/0.png", "a/10.png", "a/9.png"]
    try makeSet(folder, names + ["b/1.png"])
    let images = try ClassFolders(scanning: folder.path)
    #expect(
      images.samples.map(\.relativePath) == [
        "a/10.png", "a/9.png", "a/Z.png", "a/b.png", "a/é.png", "a/sub/1.png", "a/sub-2/1.png",
        "a/sub/deep/0.png", "b/1.png",
      ])
  }

  @Test func litterIsLeftOut() throws {
    let folder = try TemporaryFolder()
    try makeSet(
      folder,
      [
        "a/1.png", "a/.hidden.png", "a/.cache/2.png", "a/__MACOSX/3.png", "__MACOSX/a/4.png", ".git/5.png", "b/1.PNG",
        "loose.png",
      ])
    try folder.write(Array("notes".utf8), to: "b/notes.txt")
    try folder.write(png, to: "b/no-extension")
    try folder.write([], to: "b/broken.webp")
    let images = try ImageFolder(scanning: folder.path, evaluationFraction: 0, seed: 1)
    #expect(images.classNames == ["a", "b"])
    #expect(images.training.map(\.relativePath) == ["a/1.png", "b/1.PNG", "b/broken.webp", "b/no-extension"])
    #expect(images.notes == [DataNote(.looseImage, "loose.png"), DataNote(.noImage, "b/notes.txt")])
  }

  @Test func linksAreFollowedAndCirclesEnd() throws {
    let folder = try TemporaryFolder()
    let elsewhere = try TemporaryFolder()
    try elsewhere.write(png, to: "far.png")
    try makeSet(folder, ["a/1.png", "b/1.png"])
    try folder.link("a/self", to: ".")
    try folder.link("a/up", to: "..")
    try folder.link("a/linked", to: elsewhere.path)
    try folder.link("b/one.png", to: elsewhere.path + "/far.png")
    try folder.link("b/nowhere.png", to: "missing")
    try folder.link("b/circle.png", to: "circle.png")
    try folder.link("c", to: elsewhere.path)
    let images = try ClassFolders(scanning: folder.path)
    #expect(
      images.samples.map(\.relativePath) == [
        "a/1.png", "a/linked/far.png", "b/1.png", "b/circle.png", "b/nowhere.png", "b/one.png", "c/far.png",
      ])
    #expect(images.samples.map(\.byteCount) == [1, 1, 1, 0, 0, 1, 1].map { Int64($0 * png.count) })
  }

  @Test func aLinkToWhatTheDataSetLiesInIsNoClass() throws {
    let folder = try TemporaryFolder()
    try makeSet(folder, ["train/a/1.png", "train/b/1.png", "eval/a/2.png"])
    try folder.link("train/self", to: ".")
    try folder.link("train/up", to: "..")
    let images = try ClassFolders(scanning: folder.path + "/train")
    #expect(images.classNames == ["a", "b"])
    #expect(images.samples.map(\.relativePath) == ["a/1.png", "b/1.png"])
  }

  @Test func whatIsNoDataSet() throws {
    let folder = try TemporaryFolder()
    #expect(error(folder.path + "/missing") == .folderMissing(folder.path + "/missing"))
    let file = try folder.write(png, to: "file.png")
    #expect(error(file) == .notAFolder(file))
    #expect(error(folder.path) == .noClasses(folder.path))
    try folder.makeFolder("empty")
    #expect(error(folder.path) == .emptyClasses(folder.path, ["empty"]))
    try folder.makeFolder("empty/folder.png")
    #expect(error(folder.path) == .emptyClasses(folder.path, ["empty"]))
    try folder.write(png, to: "empty/1.png")
    #expect(error(folder.path) == .onlyOneClass(folder.path, "empty"))
  }

  @Test func classesOfBothPartsMustAgree() throws {
    let folder = try TemporaryFolder()
    try makeSet(folder, ["train/a/1.png", "train/b/1.png", "eval/a/1.png", "eval/c/1.png", "eval/d/1.png"])
    let path = folder.path + "/eval"
    #expect(throws: ImageFolderError.unknownClasses(path, ["c", "d"])) { try ImageFolder(scanning: folder.path, seed: 1) }
    #expect(
      ImageFolderError.unknownClasses(path, ["c", "d"]).description
        == "\(path): class \"c\", \"d\" does not occur in training; add it there or remove it here")
    try FileManager.default.removeItem(atPath: path + "/c")
    try FileManager.default.removeItem(atPath: path + "/d")
    // A class without images to evaluate is no fault, but is reported.
    #expect(try ImageFolder(scanning: folder.path, seed: 1).notes == [DataNote(.classMissing, "eval/b")])
    try folder.makeFolder("eval/b")
    #expect(try ImageFolder(scanning: folder.path, seed: 1).notes == [DataNote(.classMissing, "eval/b")])
  }

  /// Swift equates `é` as one character and as `e` with an accent; a disk does not.
  @Test func classesWhoseNamesDifferInBytesAloneAreTwo() throws {
    let names = ["cafe\u{301}", "caf\u{E9}"]
    let folder = try TemporaryFolder()
    try makeSet(folder, names.flatMap { name in (0..<4).map { "\(name)/\($0).png" } })
    let images = try ImageFolder(scanning: folder.path, seed: 1)
    #expect(images.classNames.map { Array($0.utf8) } == names.map { Array($0.utf8) })
    #expect(Set((images.training + images.evaluation).map { Array($0.relativePath.utf8) }).count == 8)
    let parts = try TemporaryFolder()
    try makeSet(parts, ["train/\(names[0])/1.png", "train/\(names[1])/1.png", "eval/\(names[1])/1.png", "eval/\(names[0])/1.png"])
    let separate = try ImageFolder(scanning: parts.path, seed: 1)
    #expect(separate.evaluation.map(\.classIndex) == [0, 1])
    #expect(separate.evaluation.map { Array($0.relativePath.utf8) } == names.map { Array("eval/\($0)/1.png".utf8) })
  }

  @Test func foldersWithoutPermission() throws {
    guard geteuid() != 0 else { return }  // the superuser may read anything
    let folder = try TemporaryFolder()
    try makeSet(folder, ["a/1.png", "b/1.png"])
    try #require(chmod(folder.path + "/b", 0) == 0)
    defer { chmod(folder.path + "/b", 0o700) }
    #expect(error(folder.path) == .folderUnreadable(folder.path + "/b", "Permission denied"))
  }

  /// Two names that differ in one byte that is no character are two images, and each can be read.
  @Test func namesThatAreNotUnicode() throws {
    let folder = try TemporaryFolder()
    try makeSet(folder, ["a/1.png", "b/1.png"])
    for byte in [0xE9, 0xE8] as [UInt8] {
      let name = Array((folder.path + "/b/caf").utf8) + [byte] + Array(".png".utf8)
      let descriptor = open(name.map { CChar(bitPattern: $0) } + [0], O_CREAT | O_WRONLY, 0o600)
      try #require(descriptor >= 0)
      try #require(png.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == png.count)
      close(descriptor)
    }
    let images = try ImageFolder(scanning: folder.path, evaluationFraction: 0, seed: 1)
    #expect(Set(images.training.map(\.path.systemBytes)).count == 4)
    #expect(images.training.map(\.relativePath.systemBytes.last) == Array(repeating: UInt8(ascii: "g"), count: 4))
    #expect(DataSetCheck(of: images.training, limits: DecodeLimits(), threads: 1).broken.isEmpty)
  }

  @Test func theSplitIsStratifiedAndSeeded() throws {
    let folder = try TemporaryFolder()
    for (name, count) in [("a", 50), ("b", 10), ("c", 2), ("d", 1)] {
      try makeSet(folder, (0..<count).map { "\(name)/\($0).png" })
    }
    let images = try ImageFolder(scanning: folder.path, evaluationFraction: 0.2, seed: 1)
    let counts = { (samples: [ImageSample]) in (0..<4).map { index in samples.count { $0.classIndex == index } } }
    #expect(counts(images.training) == [40, 8, 1, 1])
    #expect(counts(images.evaluation) == [10, 2, 1, 0])
    #expect(Set(images.training + images.evaluation).count == 63)
    #expect(try ImageFolder(scanning: folder.path, evaluationFraction: 0.2, seed: 1).evaluation == images.evaluation)
    #expect(try ImageFolder(scanning: folder.path, evaluationFraction: 0.2, seed: 2).evaluation != images.evaluation)
    #expect(try counts(ImageFolder(scanning: folder.path, evaluationFraction: 0.99, seed: 2).training) == [1, 1, 1, 1])
    // One image more changes the choice among the others by one at most.
    try folder.write(png, to: "a/new.png")
    let more = try ImageFolder(scanning: folder.path, evaluationFraction: 0.2, seed: 1)
    #expect(Set(images.evaluation).subtracting(more.evaluation).count <= 1)
  }

  @Test func theFingerprintKnowsNamesAndSizesOnly() throws {
    let names = ["train/a/1.png", "train/b/1.png", "eval/a/1.png"]
    func fingerprint(_ change: (TemporaryFolder) throws -> Void = { _ in }) throws -> String {
      let folder = try TemporaryFolder()
      try makeSet(folder, names)
      try change(folder)
      return try ImageFolder(scanning: folder.path, seed: 1).fingerprint
    }
    let original = try fingerprint()
    #expect(original.count == 16)
    #expect(try fingerprint() == original)
    #expect(try fingerprint { try $0.write(png + [0], to: "train/a/1.png") } != original)
    #expect(try fingerprint { try $0.write(png, to: "train/a/2.png") } != original)
    #expect(try fingerprint { try FileManager.default.moveItem(atPath: $0.path + "/train/b", toPath: $0.path + "/train/c") } != original)
  }

  @Test func brokenImagesAreRemoved() throws {
    let folder = try TemporaryFolder()
    try makeSet(folder, ["train/a/1.png", "train/a/2.png", "train/b/1.png", "eval/a/1.png"])
    let images = try ImageFolder(scanning: folder.path, seed: 1)
    let broken = { ImageError(path: folder.path + "/" + $0, reason: .empty) }
    let left = try images.removing([broken("train/a/1.png"), broken("eval/a/1.png")])
    #expect(left.training.map(\.relativePath) == ["train/a/2.png", "train/b/1.png"])
    #expect(left.evaluation.isEmpty)
    #expect(left.fingerprint != images.fingerprint)
    #expect(throws: ImageFolderError.nothingLeft(folder.path, ["b"])) { try images.removing([broken("train/b/1.png")]) }
  }

  /// An evaluation folder takes the labels of the model that judges it.
  @Test func labelsOfAModel() throws {
    let folder = try TemporaryFolder()
    try makeSet(folder, ["b/1.png", "c/1.png"])
    let classes = try ClassFolders(scanning: folder.path)
    #expect(try classes.samples(labelledBy: ["c", "a", "b"]).map(\.classIndex) == [2, 0])
    #expect(throws: ImageFolderError.unknownClasses(folder.path, ["c"])) { try classes.samples(labelledBy: ["a", "b"]) }
  }
}
