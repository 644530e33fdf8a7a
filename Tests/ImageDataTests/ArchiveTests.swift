import Foundation
import ImageData
import SystemText
import TestImages
import Testing

/// Archives that are read in place; see Tests/Fixtures/archives/generate.py.
@Suite struct ArchiveTests {
  private typealias Entry = ArchiveFiles.Entry
  private let folder: TemporaryFolder
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/archives")
    .standardizedFileURL.path

  init() throws { folder = try TemporaryFolder() }

  /// Four different images for each class of each part.
  private static func set(_ top: String = "") throws -> [Entry] {
    let files = ["small.png", "dot.png", "baseline-420.jpg", "levels.png"]
    return ["train/cat", "train/dog", "val/cat", "val/dog"].flatMap { place in
      files.map { Entry("\(top)\(place)/\($0)", Fixtures.bytes(of: Fixtures.path($0)) + Array(place.utf8)) }
    }
  }

  private func write(_ entries: [Entry]) throws {
    for entry in entries { try folder.write(entry.bytes, to: "photos/" + String(decoding: entry.name, as: UTF8.self)) }
  }

  private func scan(_ path: String) throws(ImageFolderError) -> ImageFolder { try ImageFolder(DataRequest(path, seed: 1)) }

  private func error(_ bytes: [UInt8], _ name: String = "photos.zip") throws -> String {
    let path = try folder.write(bytes, to: name)
    do throws(ImageFolderError) {
      _ = try scan(path)
      return "none"
    } catch { return "\(error)".replacingOccurrences(of: path, with: "FILE") }
  }

  @Test(arguments: ["zip", "tar"]) func anArchiveIsTheFolderThatItWasMadeOf(_ format: String) throws {
    let entries = try Self.set()
    try write(entries)
    let path = try folder.write(format == "zip" ? ArchiveFiles.zip(entries) : ArchiveFiles.tar(entries), to: "photos." + format)
    let (unpacked, packed) = (try scan(folder.path + "/photos"), try scan(path))
    #expect(packed.classNames == unpacked.classNames && packed.fingerprint == unpacked.fingerprint)
    #expect(packed.training.map(\.relativePath) == unpacked.training.map(\.relativePath) && packed.evaluation.count == 8)
    #expect(packed.training[0].path == path + "/train/cat/baseline-420.jpg")
    #expect(TrainingSample(of: packed) == TrainingSample(of: unpacked))

    // Every byte that the network sees, on several threads at a time, under a budget that keeps nothing.
    let batches = try [floats(unpacked), floats(packed)]
    #expect(batches[0] == batches[1] && batches[0].count == 9)
    #expect(DataSetCheck(of: packed.training, limits: DecodeLimits(), threads: 2).broken.isEmpty)
  }

  /// Three epochs of the training images, augmented.
  private func floats(_ set: ImageFolder) throws -> [[Float]] {
    let preparation = ImagePreparation(imageSize: 24, augmentation: .standard, normalization: .unit, seed: 3, rules: .asStored)
    let source = ImageSource(samples: set.training, preparation: preparation, budget: CacheBudget(bytes: 0), limits: DecodeLimits())
    let order = EpochOrder(count: set.training.count, shuffleSeed: 1)
    let loader = BatchLoader(source: source, order: order, batchSize: 3, endEpoch: 3, threads: 4)
    defer { loader.cancel() }
    var batches: [[Float]] = []
    while let batch = try loader.next() {
      batches.append(Array(UnsafeBufferPointer(start: batch.images, count: batch.count * 24 * 24 * 3)))
    }
    return batches
  }

  @Test func imagesInTwoPartsAreFoundInAnArchive() throws {
    let bytes = Fixtures.bytes(of: Fixtures.path("small.png"))
    let entries = ["train/a/1.png", "train/b/1.png", "val/a/2.png", "val/b/2.png"].enumerated().map {
      Entry($1, bytes + ($0 == 3 ? [] : [UInt8($0)]))
    }
    for (name, archive) in [
      ("a.zip", ArchiveFiles.zip(entries + [Entry("train/b/3.png", bytes)])),
      ("a.tar", ArchiveFiles.tar(entries + [Entry("train/b/3.png", bytes)])),
    ] {
      let shared = SharedImages(in: try scan(folder.write(archive, to: name)), threads: 2, limits: DecodeLimits())
      #expect(shared.pairs == [.init(evaluation: "val/b/2.png", training: "train/b/3.png")])
    }
  }

  /// The tutorial's work.zip, deflated, as a Mac packs it.
  @Test func theTutorialsArchiveIsRead() throws {
    let images = try scan(Self.fixtures + "/work.zip")
    #expect(images.classNames == ["dome", "tower"] && images.training.count == 6 && images.evaluation.count == 2 && !images.isSplit)
    #expect(images.training[0].relativePath == "trainImages/dome/0.png")
    #expect(images.summary.contains("not used: 8 files of a Mac's archiver (__MACOSX/trainImages/dome/._0.png, ...)"))
    #expect(DataSetCheck(of: images.training + images.evaluation, limits: DecodeLimits(), threads: 3).broken.isEmpty)
  }

  @Test(arguments: ["zip64.zip", "gnu.tar", "pax.tar"]) func writersOfOthersAreRead(_ file: String) throws {
    let images = try scan(Self.fixtures + "/" + file)
    #expect(images.classNames.count == 2)
    if file != "zip64.zip" {
      #expect(images.classNames == [String(repeating: "d", count: 120), String(repeating: "t", count: 200)])
      #expect((images.training + images.evaluation).contains { $0.relativePath.utf8.count == 200 + 1 + 84 })
      let names = (images.training + images.evaluation).map { SystemPath.name(of: $0.path).systemBytes }
      #expect(names.contains(Array("caf".utf8) + [0xE9] + Array(".png".utf8)))
    }
    #expect(DataSetCheck(of: images.training + images.evaluation, limits: DecodeLimits(), threads: 2).broken.isEmpty)
  }

  /// A ZIP without the mark of UTF-8 names has bytes, as a tar has.
  @Test(arguments: ["zip", "tar"]) func namesNeedNotBeUTF8(_ format: String) throws {
    let png = Fixtures.bytes(of: Fixtures.path("small.png"))
    let label: [UInt8] = [0x8E, 0x70, 0x66]  // "Äpf" in code page 437
    let entries = [("Apf/1.png", 0), ("xxx/1.png", 1)].map { name, number in
      number == 0 ? Entry(name, png) : Entry(name, png).with(\.name, label + Array("/1.png".utf8))
    }
    let path = try folder.write(format == "zip" ? ArchiveFiles.zip(entries) : ArchiveFiles.tar(entries), to: "names." + format)
    let images = try scan(path)
    #expect(images.classNames.map(\.systemBytes) == [Array("Apf".utf8), label])
    #expect(DataSetCheck(of: images.training, limits: DecodeLimits(), threads: 1).broken.isEmpty)
  }

  @Test func oneFolderAroundEverythingIsNoClass() throws {
    for (name, top) in [("one.zip", "photos-main/"), ("two.zip", "./a/b/")] {
      let images = try scan(folder.write(ArchiveFiles.zip(Self.set(top)), to: name))
      #expect(images.classNames == ["cat", "dog"] && images.training[0].relativePath == "train/cat/baseline-420.jpg")
    }
    #expect(try scan(folder.path + "/one.zip").summary.hasSuffix("; note 1 folder that holds everything (photos-main)"))
    // A part alone is a part, and a class alone is a class.
    let part = try folder.write(ArchiveFiles.zip(Self.set().filter { $0.name.starts(with: "val".utf8) }), to: "part.zip")
    #expect(throws: ImageFolderError.noTrainingPart(part, ["val"])) { try scan(part) }
    #expect(try EvaluationImages(scanning: part, classNames: ["cat", "dog"]).samples.count == 8)
    let alone = try folder.write(ArchiveFiles.zip([Entry("cat/1.png", [0])]), to: "alone.zip")
    #expect(throws: ImageFolderError.onlyOneClass(alone, "cat")) { try scan(alone) }
  }

  /// As programs of Windows once wrote them.
  @Test func backslashesAreSlashesWhereThereAreNoOthers() throws {
    let png = Fixtures.bytes(of: Fixtures.path("small.png"))
    let names = ["cat\\1.png", "dog\\1.png"]
    let images = try scan(folder.write(ArchiveFiles.zip(names.map { Entry($0, png) }), to: "windows.zip"))
    #expect(images.training.map(\.relativePath) == ["cat/1.png", "dog/1.png"])
    #expect(images.notes == [DataNote(.backslashes, "cat/1.png")])
    let mixed = try folder.write(ArchiveFiles.zip(["a/x.png", "b/x\\y.png"].map { Entry($0, png) }), to: "mixed.zip")
    #expect(try scan(mixed).training.map(\.relativePath) == ["a/x.png", "b/x\\y.png"])
  }

  @Test func partsMayBeArchives() throws {
    let set = try Self.set()
    let parts = try ["train", "val"].map { part in
      let entries = set.filter { $0.name.starts(with: part.utf8) }.map { $0.with(\.name, Array($0.name.dropFirst(part.utf8.count + 1))) }
      return try folder.write(ArchiveFiles.tar(entries), to: part + ".tar")
    }
    let images = try ImageFolder(DataRequest(parts[0], trainingFolder: parts[0], evaluationFolder: parts[1], seed: 1))
    #expect(images.training.count == 8 && images.evaluation.count == 8 && images.training[0].relativePath == "train/cat/baseline-420.jpg")
  }

  /// Values of pax records are bytes: tar of macOS and `tar --xattrs` write zeros into extended attributes.
  @Test func paxRecordsMayHoldZeros() throws {
    func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
      let rest = Array(" \(key)=".utf8) + value + [10]
      let length = (1...4).map { rest.count + $0 }.first { "\($0)".utf8.count + rest.count == $0 } ?? 0
      return Array("\(length)".utf8) + rest
    }
    let png = Fixtures.bytes(of: Fixtures.path("small.png"))
    let records = record("SCHILY.xattr.com.apple.provenance", [1, 2, 0, 0x5B, 0, 0]) + record("path", Array("dog/long.png".utf8))
    let entries = [Entry("cat/1.png", png), Entry("header", records, type: "x"), Entry("dog/short.png", png)]
    let images = try scan(folder.write(ArchiveFiles.tar(entries), to: "mac.tar"))
    #expect(images.training.map(\.relativePath) == ["cat/1.png", "dog/long.png"])
    // Zeros behind the last record are none.
    let padded = [entries[0], Entry("header", records + [0, 0, 0], type: "x"), entries[2]]
    #expect(try scan(folder.write(ArchiveFiles.tar(padded), to: "padded.tar")).classNames == ["cat", "dog"])
  }

  /// As long as its own path is, an absolute path does not begin with the archive's.
  @Test func aListInAnArchiveNamesOnlyItsEntries() throws {
    let png = Fixtures.bytes(of: Fixtures.path("small.png"))
    let path = folder.path + "/photos.zip"
    let other = "/" + String(repeating: "x", count: path.utf8.count - 1) + "/1.png"
    let list = { (name: String) in Entry("metadata.csv", Array("file_name,label\n\(name),a\n2.png,b\n".utf8)) }
    let images = [Entry("1.png", png), Entry("2.png", png)]
    #expect(try error(ArchiveFiles.zip(images + [list(other)])).contains("line 2: there is no file \(other);"))
    try folder.write(ArchiveFiles.zip(images + [list(path + "/1.png")]), to: "photos.zip")
    #expect(try scan(path).training.map(\.relativePath) == ["1.png", "2.png"])
  }

  // MARK: What is unsound

  /// A name of 4 KB makes two thousand folders, whose paths take 4 MB together.
  @Test func foldersOfAnArchiveAreBounded() throws {
    let name = String(repeating: "a/", count: 2000) + "1.png"
    let path = try folder.write(ArchiveFiles.zip([Entry(name, [0])]), to: "deep.zip")
    #expect(throws: ImageFolderError.archive(path, .tooManyFolders(megabytes: 1))) { try FileTree.find(path, folderBytes: 1 << 20) }
    _ = try FileTree.find(path, folderBytes: 8 << 20)
  }

  @Test(arguments: ["zip", "tar"]) func whatLeadsOutOfTheArchiveIsSkipped(_ format: String) throws {
    let png = Fixtures.bytes(of: Fixtures.path("small.png"))
    var entries = [
      Entry("a/1.png", [9]), Entry("a/1.png", png), Entry("./b//1.png", png), Entry("/etc/a/1.png", png), Entry("a/../../x.png", png),
      Entry("b/._1.png", [0]), Entry("b/2.png", [], type: "2").with(\.mode, 0o120777),
    ]
    if format == "tar" { entries += [Entry("b/3.png", [], type: "6"), Entry("b/4.png", [], type: "1")] }
    let path = try folder.write(format == "zip" ? ArchiveFiles.zip(entries) : ArchiveFiles.tar(entries), to: "odd." + format)
    let images = try scan(path)
    // The last entry of a name counts, as after unpacking.
    try #require(images.training.map(\.relativePath) == ["a/1.png", "b/1.png"])
    #expect(images.training[0].byteCount == Int64(png.count))
    let reasons = Dictionary(grouping: images.notes, by: \.reason).mapValues(\.count)
    var expected: [DataNote.Reason: Int] = [.unsafeName: 2, .repeatedEntry: 1, .archiveLitter: 1, .archiveLink: 1]
    if format == "tar" { expected.merge([.specialEntry: 1, .archiveLink: 2]) { $1 } }
    #expect(reasons == expected)
  }

  @Test func aFolderWinsOverAFileOfItsName() throws {
    let png = Fixtures.bytes(of: Fixtures.path("small.png"))
    let entries = [Entry("a/1.png", png), Entry("b/1.png", png), Entry("b", png)]
    let images = try scan(folder.write(ArchiveFiles.zip(entries), to: "both.zip"))
    #expect(images.training.map(\.relativePath) == ["a/1.png", "b/1.png"])
    #expect(images.summary.hasSuffix("; not used: 1 entry whose name another one has (b)"))
  }

  @Test func whatCannotBeReadInPlaceIsRefused() throws {
    let entries = try Self.set()
    let (zip, tar) = (ArchiveFiles.zip(entries), ArchiveFiles.tar(entries))
    #expect(try error([0x1F, 0x8B, 8, 0], "a.tar.gz").hasPrefix("FILE: is compressed as a whole (gzip)"))
    #expect(try error([0x1F, 0x8B, 8, 0], "a.tar.gz").contains("unpack it with `tar xf`, and give the folder"))
    #expect(try error([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a.7z").contains("is a 7-Zip archive"))
    let locked = entries[0].with(\.flags, 1)
    #expect(try error(ArchiveFiles.zip([locked])).contains("its entry train/cat/small.png is encrypted"))
    #expect(try error(Array(zip.dropLast(100))).contains("the archive is damaged ("))
    #expect(try error(Array(zip.prefix(30))).contains("the archive is damaged ("))
    for count in [1024, 1025, 700, tar.count / 2] {
      #expect(try error(Array(tar.dropLast(count)), "a.tar") == "FILE: the archive is cut off, its end is missing; copy it again")
    }
    let start = Array(tar.prefix(512))
    #expect(try error(start + [UInt8](repeating: 7, count: 4096), "b.tar").contains("the archive is "))
    #expect(try error(ArchiveFiles.tar([Entry("/a/1.png", [1]), Entry("../b/1.png", [1])]), "c.tar").contains("2 names that lead out"))
  }

  /// What an entry declares, and what it holds.
  @Test func anEntryThatLiesIsABrokenImage() throws {
    let png = Fixtures.bytes(of: Fixtures.path("small.png"))
    let entries = [
      Entry("a/checksum.png", png).with(\.declaredChecksum, 1), Entry("a/more.png", png).with(\.declaredSize, png.count - 5),
      Entry("a/less.png", png).with(\.declaredSize, png.count + 100), Entry("a/vast.png", png).with(\.declaredSize, 0xF000_0000),
      Entry("a/whole.png", png), Entry("b/1.png", png), Entry("b/empty.png", []),
    ]
    let set = try EvaluationImages(scanning: folder.write(ArchiveFiles.zip(entries), to: "lies.zip"), classNames: nil)
    let broken = DataSetCheck(of: set.samples, limits: DecodeLimits(), threads: 1).broken
    #expect(broken.map { SystemPath.name(of: $0.path) } == ["checksum.png", "less.png", "more.png", "vast.png", "empty.png"])
    try #require(broken.count == 5)
    #expect(broken[4].reason == .empty)
    #expect(broken[3].reason == .tooMuchMemory(what: "an archive's entry", bytes: 0xF000_0000, limit: DecodeLimits().memoryBytes))
    // An entry counts to what decoding may hold.
    let sound = set.samples.filter { $0.path.hasSuffix("whole.png") }
    let check = { DataSetCheck(of: sound, limits: DecodeLimits(memoryBytes: $0), threads: 1).broken.map(\.reason) }
    #expect(check(png.count - 1) == [.tooMuchMemory(what: "an archive's entry", bytes: png.count, limit: png.count - 1)])
    #expect(check(png.count + 100).count == 1 && check(1 << 20).isEmpty)
  }

  @Test func anArchiveThatIsReplacedIsReadAsItWas() throws {
    let path = try folder.write(ArchiveFiles.zip(Self.set()), to: "photos.zip")
    let set = try scan(path)
    try FileManager.default.removeItem(atPath: path)
    try folder.write(ArchiveFiles.zip(Self.set().reversed()), to: "photos.zip")
    let check = DataSetCheck(of: set.training, limits: DecodeLimits(), threads: 1)
    #expect(check.broken.isEmpty)
  }

  /// Rewritten in place or cut off, its entries lie elsewhere: nothing more is read, also where broken images are skipped.
  @Test(arguments: ["zip", "tar"], [true, false]) func anArchiveThatChangesIsReadNoFurther(_ format: String, _ isCut: Bool) throws {
    let entries = try Self.set()
    let bytes = format == "zip" ? ArchiveFiles.zip(entries) : ArchiveFiles.tar(entries)
    let path = try folder.write(bytes, to: "photos." + format)
    let set = try scan(path)
    let preparation = ImagePreparation(evaluating: Preprocessing(imageSize: 8, normalization: .unit, rules: .asStored))
    let source = ImageSource(samples: set.training, preparation: preparation, budget: CacheBudget(bytes: 0), limits: DecodeLimits())
    let order = EpochOrder(count: set.training.count, shuffleSeed: nil)
    func read() throws {
      let loader = BatchLoader(source: source, order: order, batchSize: 4, endEpoch: 1, brokenImages: .skip, threads: 2)
      defer { loader.cancel() }
      while try loader.next() != nil {}
    }
    try read()
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    if isCut {
      try file.truncate(atOffset: UInt64(bytes.count - 700))
    } else {
      try file.write(contentsOf: bytes)
      try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1_000_000)], ofItemAtPath: path)
    }
    let error = #expect(throws: ImageError.self) { try read() }
    #expect(error?.reason == .archiveChanged && error?.path == path)
  }
}
