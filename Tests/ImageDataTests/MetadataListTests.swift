import Foundation
import ImageData
import TestImages
import Testing

/// Image folders of Hugging Face: `metadata.csv` or `metadata.jsonl` beside the images.
@Suite struct MetadataListTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(_ names: [String]) throws { for name in names { try folder.copy("dot.png", to: name) } }
  private func write(_ text: String, _ name: String) throws { try folder.write(Array(text.utf8), to: name) }
  private func scan(column: String? = nil) throws(ImageFolderError) -> ImageFolder {
    try ImageFolder(DataRequest(folder.path, labelColumn: column, seed: 1))
  }
  private func error(column: String? = nil) -> String {
    do throws(ImageFolderError) {
      _ = try scan(column: column)
      return "none"
    } catch { return "\(error)".replacingOccurrences(of: folder.path, with: "SET") }
  }

  @Test func eachPartHasItsList() throws {
    try make(["train/images/1.png", "train/images/2.png", "train/3.png", "validation/1.png", "notes/x.png"])
    try write("file_name,label\nimages/1.png,0\nimages/2.png,1\n", "train/metadata.csv")
    try write("file_name,label\n1.png,1\n", "validation/metadata.csv")
    let images = try scan()
    #expect(images.classNames == ["0", "1"] && images.training.map(\.relativePath) == ["train/images/1.png", "train/images/2.png"])
    #expect(images.evaluation.map(\.relativePath) == ["validation/1.png"] && images.partNames[.evaluation] == "validation")
    #expect(
      images.notes == [
        DataNote(.noPart, "notes"), DataNote(.notListed, "train/3.png"), DataNote(.classMissing, "eval/0"),
      ])
    try write("file_name,label\n1.png,2\n", "validation/metadata.csv")
    #expect(error().contains("class \"2\" does not occur in training"))
  }

  @Test func oneListForTheWhole() throws {
    try make(["a/1.png", "b/2.png", "3.png"])
    try write(#"{"file_name":"a/1.png","label":"x"}"# + "\n" + #"{"file_name":"b/2.png","label":"y"}"#, "metadata.jsonl")
    let images = try scan()
    // The list decides, not the folders.
    #expect(images.classNames == ["x", "y"] && images.notes == [DataNote(.notListed, "3.png")])
    // As older runs were read.
    #expect(try ImageFolder(DataRequest(folder.path, layout: .classes, seed: 1)).classNames == ["a", "b"])
    #expect(try ImageFolder(DataRequest(folder.path, layout: .pairs, seed: 1)).classNames == ["a", "b"])
    try write("file_name,label\n", "metadata.csv")
    #expect(error() == "SET: metadata.csv and metadata.jsonl both list the images; remove one of them")
  }

  @Test func partsOfOneListAreItsFolders() throws {
    try make(["train/1.png", "train/2.png", "test/1.png"])
    try write("file_name,label\ntrain/1.png,x\ntrain/2.png,y\ntest/1.png,x\n", "metadata.csv")
    let images = try scan()
    #expect(images.training.count == 2 && images.test.map(\.relativePath) == ["test/1.png"] && images.partNames[.test] == "test")
  }

  @Test func aListOfCaptionsLeavesClassFoldersAlone() throws {
    try make(["cat/1.png", "dog/1.png"])
    try write("file_name,text\ncat/1.png,A cat.\n", "metadata.csv")
    #expect(try scan().classNames == ["cat", "dog"])
    #expect(error(column: "text").contains("holds only one class, \"A cat.\""))
    for part in ["train", "val"] {
      try make(["parts/\(part)/cat/1.png", "parts/\(part)/dog/1.png"])
      try write("any,thing\n1,2\n", "parts/\(part)/metadata.csv")
    }
    #expect(try ImageFolder(DataRequest(folder.path + "/parts", seed: 1)).evaluation.count == 2)
  }

  /// Tables that come with class folders and describe them otherwise: names without folders, two labels, text with commas.
  @Test(arguments: [
    "image,label\n0001,cat\n0002,dog\n", "file_name,class,category\ncat/1.png,1,a\ndog/1.png,2,b\n",
    "file_name,label\ncat/1.png,a cat, asleep\ndog/1.png,dog\n", "file_name,label,set\ncat/1.png,a,fold1\ndog/1.png,b,fold2\n",
    "file_name,label\n",
  ]) func anUnusableListLeavesClassFoldersAlone(_ text: String) throws {
    try make(["cat/1.png", "dog/1.png"])
    try write(text, "metadata.csv")
    let images = try scan()
    #expect(images.classNames == ["cat", "dog"] && images.notes == [DataNote(.unusableList, "metadata.csv")])
    #expect(images.summary.hasSuffix("not used: 1 list without usable paths and classes (metadata.csv)"))
    try make(["parts/train/cat/1.png", "parts/train/dog/1.png", "parts/val/cat/2.png", "parts/val/dog/2.png"])
    try write(text, "parts/val/metadata.csv")
    let parts = try ImageFolder(DataRequest(folder.path + "/parts", seed: 1))
    #expect(parts.evaluation.count == 2 && parts.notes == [DataNote(.unusableList, "val/metadata.csv")])
  }

  /// A list of which some lines hold is meant: a line that does not is an error there, not a reason to train on other classes.
  @Test func aListWithAWrongLineIsRefused() throws {
    try make(["cat/1.png", "dog/1.png"])
    try write("file_name,label\ncat/1.png,x\ndog/1.png,y\ndog/2.png,y\n", "metadata.csv")
    #expect(error().contains("SET/metadata.csv: line 4: there is no file dog/2.png"))
  }

  @Test func theListByItsOwnPathHasTheSameParts() throws {
    try make(["train/1.png", "train/2.png", "test/1.png"])
    try write("file_name,label\ntrain/1.png,x\ntrain/2.png,y\ntest/1.png,x\n", "metadata.csv")
    let list = folder.path + "/metadata.csv"
    let (whole, listed) = (try scan(), try ImageFolder(DataRequest(list, seed: 1)))
    #expect(listed.training.map(\.relativePath) == ["train/1.png", "train/2.png"] && listed.test.count == 1)
    #expect(listed.fingerprint == whole.fingerprint && listed.partNames == whole.partNames)
    #expect(try ImageFolder(DataRequest(list, layout: .classes, seed: 1)).training.count + 1 == 3)
  }

  /// A link to a folder above leads out of the data set.
  @Test func unlistedImagesAreThoseOfTheDataSet() throws {
    try make(["other/9.png", "set/1.png", "set/2.png", "set/more/3.png"])
    try write("file_name,label\n1.png,x\n2.png,y\n", "set/metadata.csv")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/set/up", withDestinationPath: "..")
    #expect(try ImageFolder(DataRequest(folder.path + "/set", seed: 1)).notes == [DataNote(.notListed, "more/3.png")])
  }

  @Test func withoutClassFoldersTheColumnIsAskedFor() throws {
    try make(["1.png", "2.png"])
    try write("file_name,text,mood\n1.png,a,up\n2.png,b,down\n", "metadata.csv")
    #expect(
      error().contains(
        "SET/metadata.csv: no column is called label, class, category or target, only file_name, text and mood; name the one"))
    #expect(try scan(column: "mood").classNames == ["down", "up"])
  }

  @Test func anArchiveHasItsListToo() throws {
    let png = Fixtures.bytes(of: Fixtures.path("dot.png"))
    let list = Array("file_name,label\nimages/1.png,x\nimages/2.png,y\n".utf8)
    let entries: [ArchiveFiles.Entry] = [
      .init("set/train/metadata.csv", list), .init("set/train/images/1.png", png), .init("set/train/images/2.png", png),
    ]
    for (name, bytes) in [("set.zip", ArchiveFiles.zip(entries)), ("set.tar", ArchiveFiles.tar(entries))] {
      let images = try ImageFolder(DataRequest(folder.write(bytes, to: name), seed: 1))
      #expect(images.training.map(\.relativePath) == ["train/images/1.png", "train/images/2.png"])
      #expect(DataSetCheck(of: images.training, limits: DecodeLimits(), threads: 1).broken.isEmpty)
    }
  }
}
