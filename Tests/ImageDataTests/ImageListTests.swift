import Foundation
import ImageData
import SystemText
import TestImages
import Testing

/// Lists of images instead of class folders.
@Suite struct ImageListTests {
  private let folder: TemporaryFolder

  /// Images 0.png to 5.png in `pictures`.
  init() throws {
    folder = try TemporaryFolder()
    for number in 0..<6 { try folder.write(Fixtures.bytes(of: Fixtures.path("dot.png")) + [UInt8(number)], to: "pictures/\(number).png") }
  }

  private func scan(_ text: String, _ name: String = "list.csv", column: String? = nil) throws -> ImageFolder {
    try ImageFolder(DataRequest(folder.write(Array(text.utf8), to: name), labelColumn: column, seed: 1))
  }

  private func error(_ text: String, _ name: String = "list.csv", column: String? = nil) throws -> String {
    do {
      _ = try scan(text, name, column: column)
      return "none"
    } catch let error as ImageFolderError {
      return "\(error)".replacingOccurrences(of: folder.path + "/" + name, with: "FILE")
    }
  }

  private func pairs(_ images: ImageFolder) -> [String] {
    (images.training + images.evaluation).map { "\($0.relativePath) \(images.classNames[$0.classIndex])" }.sorted()
  }

  private static let rows = [("0", "cat"), ("1", "dog"), ("2", "cat"), ("3", "dog")]

  @Test(arguments: [
    ("list.csv", "path,label\n0,cat\n1,dog\n2,cat\n3,dog\n"),
    ("list.csv", "\u{FEFF}Image,ignored,Class\r\n0,x,cat\r\n1,,dog\r\n2,\"a,\"\"b\n\",cat\r\n3,y,dog"),
    ("list.csv", "file_name;target\n\"0\" ; cat\n1;dog \n\n2;\"cat\"\n./3;dog\n"),
    ("list.csv", "0,cat\n1,dog\n2,cat\n3,dog"),
    ("list.TSV", "category\tfilename\ncat\t0\ndog\t1\ncat\t2\ndog\t3\n"),
    ("list.csv", "label\timage_path\ncat\t0\rdog\t1\rcat\t2\rdog\t3\r"),
    (
      "list.jsonl",
      #"{"file_name":"0","label":"cat","box":[1,2]}"# + "\n" + #"{"label":"dog","file_name":"1"}"# + "\n\n"
        + #"{"file_name":"\u0032","label":"cat","note":null}"# + "\r\n" + #"{"file_name":"3","label":"dog"}"#
    ),
  ]) func formsOfALine(_ name: String, _ text: String) throws {
    for number in 0..<4 { try folder.copy("dot.png", to: "\(number)") }
    let images = try scan(text, name)
    #expect(pairs(images) == Self.rows.map { "\($0) \($1)" } && images.classNames == ["cat", "dog"] && images.isSplit)
  }

  @Test func partsAreNamedAsFoldersAre() throws {
    let images = try scan(
      "pictures/0.png,a,train\npictures/1.png,b,Training\npictures/2.png,a,val\npictures/3.png,b,validation_set\npictures/4.png,b,test\n")
    #expect(images.training.count == 2 && images.evaluation.count == 2 && images.test.count == 1 && !images.isSplit)
    #expect(
      images.summary == "2 images to train on and 2 to evaluate (val) in 2 classes; the 1 of test are kept for mvit-tui evaluate"
        + "; note 1 class without images (test/a)")
    #expect(try error("path,label,split\npictures/0.png,a,fold3\n").contains("line 2: the part \"fold3\" is none of train, val and test"))
    #expect(try error("path,label,split\npictures/0.png,a,\n").contains("line 2: the part is missing"))
    #expect(
      try error("path,label,split\npictures/0.png,a,val\n")
        == "FILE: lists images of \"val\" but none to train on; mark those with \"train\"")
  }

  /// As the names of folders are sorted.
  @Test func labelsAreText() throws {
    let text = "path,label\n" + [10, 9, 2, 100].enumerated().map { "pictures/\($0).png,\($1)\n" }.joined()
    #expect(try scan(text).classNames == ["10", "100", "2", "9"])
    let lines = [10, 2].enumerated().map { #"{"file_name":"pictures/\#($0).png","label":\#($1)}"# }.joined(separator: "\n")
    #expect(try scan(lines, "list.jsonl").classNames == ["10", "2"])
  }

  @Test func aListIsTheFolderWithItsClasses() throws {
    for (number, label) in Self.rows { try folder.copy("dot.png", to: "set/\(label)/\(number).png") }
    let list = Self.rows.reversed().map { "\($1)/\($0).png,\($1)\n" }.joined()
    let images = try scan(list, "set/list.csv")
    #expect(images.fingerprint == (try ImageFolder(DataRequest(folder.path + "/set", seed: 1))).fingerprint)
    // Absolute paths of images beside the list are paths from it on.
    let absolute = Self.rows.map { "\(folder.path)/set//\($1)/\($0).png,\($1)\n" }.joined()
    #expect(try scan(absolute, "set/absolute.csv").fingerprint == images.fingerprint)
    let elsewhere = try scan("path,label\n" + absolute.replacingOccurrences(of: "//", with: "/"), "other/list.csv")
    let root = (folder.path + "/set/").replacingOccurrences(of: "//", with: "/")
    #expect((elsewhere.training + elsewhere.evaluation).allSatisfy { $0.relativePath.hasPrefix(root) })
    #expect(try scan("../set/cat/0.png,cat\n../set/dog/1.png,dog\n", "other/up.csv").training.count == 2)
  }

  @Test func linesThatAreRepeatedAreLeftOut() throws {
    let images = try scan("path,label\npictures/0.png,a\npictures/1.png,b\n./pictures//0.png,a\n")
    #expect(images.training.count == 2 && images.notes == [DataNote(.repeatedLine, "line 4")])
    #expect(
      try error("path,label\npictures/0.png,a\npictures/1.png,b\n\"pictures/0.png\",b\n")
        == "FILE: line 4: pictures/0.png is \"b\" here and \"a\" in line 2; remove one of the lines")
    #expect(
      try error("path,label,part\npictures/0.png,a,train\npictures/0.png,a,val\n")
        == "FILE: line 3: pictures/0.png is in another part in line 2; remove one of the lines")
  }

  @Test func faultsAreNamedByTheirLine() throws {
    #expect(
      try error("path,label\npictures/0.png,a\nnone.png,b\nno.png,b\npictures/1.png,b\n")
        == "FILE: line 3: there is no file none.png (and 1 more line like it); correct the line, restore the file or remove the line; "
        + "paths start at the list's folder")
    #expect(try error("path,label\npictures,a\n").contains("line 2: pictures is not an ordinary file; remove the line"))
    #expect(try error("path,label\npictures/0.png,\n").contains("line 2: pictures/0.png has no label; add a label or remove the line"))
    #expect(try error("path,label\n,a\n").contains("line 2: the path is missing"))
    #expect(try error("path,label\n\"a\nb\",c,d\n").contains("line 2: 3 fields instead of 2"))
    #expect(try error("path,label\na,\"b\n\nc").contains("line 2: a quote is opened and never closed"))
    #expect(try error("path,label\n\"a\nb\"c,d\n").contains("line 3: text follows a closing quote"))
    #expect(try error("id,diagnosis\n7,1\n").contains("line 1: the first line is no header with path and label, and there is no file id;"))
    #expect(try error("path,breed\n").contains("has no line") && error("").contains("has no line with an image"))
    #expect(try error("pictures/0.png\n").contains("line 1: the first line is no header"))
    #expect(try error("\u{FEFF}path,label\n\u{0},a\n").contains("line 2: the path holds a zero byte"))
    let utf16 = try folder.write([0xFF, 0xFE, 0x70, 0], to: "wide.csv")
    #expect(throws: (any Error).self) { try ImageFolder(scanning: utf16, seed: 1) }
    #expect(try error("[1]\n", "list.jsonl").contains("line 1: no JSON object (it is another value)"))
    #expect(
      try error(#"{"file_name":"pictures/0.png","label":[1]}"#, "list.jsonl").contains("line 1: the label of pictures/0.png is neither"))
    #expect(try error(#"{"file_name":"pictures/0.png","label":"a"}"# + "\n{", "list.jsonl").contains("line 2: no JSON object ("))
    #expect(try error("a", "notes.txt").contains("is not a folder of images, a list (.csv, .tsv, .jsonl) or an archive (ZIP, tar)"))
  }

  @Test func theColumnOfTheLabelCanBeNamed() throws {
    let text = "file_name,breed,class,label\npictures/0.png,x,1,p\npictures/1.png,y,1,q\npictures/2.png,x,2,q\n"
    #expect(
      try error(text).contains("the columns class and label may each hold the label; name the one that holds the class with --label-column")
    )
    #expect(try scan(text, column: "breed").classNames == ["x", "y"] && scan(text, column: "LABEL").classNames == ["p", "q"])
    #expect(try error(text, column: "race").contains("no column is called race, only file_name, breed, class and label; correct"))
    #expect(
      try error("path,breed\npictures/0.png,x\n").contains(
        "no column is called label, class, category or target, only path and breed; name"))
    #expect(try error("name,label\npictures/0.png,x\n").contains("there is no file name"))
  }

  @Test func partsMayBeLists() throws {
    let lists = try ["train", "val"].enumerated().map { number, part in
      try folder.write(Array("pictures/\(2 * number).png,a\npictures/\(2 * number + 1).png,b\n".utf8), to: part + ".csv")
    }
    let images = try ImageFolder(DataRequest(lists[0], trainingFolder: lists[0], evaluationFolder: lists[1], seed: 1))
    #expect(images.training.map(\.relativePath) == ["train/pictures/0.png", "train/pictures/1.png"] && images.evaluation.count == 2)
  }

  /// `café.png` and the label `ñu` in Latin-1.
  @Test func namesNeedNotBeUTF8() throws {
    let name = Array("pictures/caf".utf8) + [0xE9] + Array(".png".utf8), label: [UInt8] = [0xF1, 0x75]
    let path = String(systemBytes: Array((folder.path + "/").utf8) + name)
    try #require(path.withSystemPath { rename(folder.path + "/pictures/0.png", $0) } == 0)
    for (file, line) in [
      ("latin.csv", name + [UInt8(ascii: ",")] + label + Array("\npictures/1.png,a\n".utf8)),
      (
        "latin.jsonl",
        Array(#"{"path":""#.utf8) + name + Array(#"","label":""#.utf8) + label
          + Array("\"}\n{\"path\":\"pictures/1.png\",\"label\":\"a\"}".utf8)
      ),
    ] {
      let images = try ImageFolder(DataRequest(folder.write(line, to: file), seed: 1))
      #expect(images.classNames.map(\.systemBytes) == [[0x61], label] && images.training.map(\.path).contains(path))
      #expect(DataSetCheck(of: images.training, limits: DecodeLimits(), threads: 1).broken.isEmpty)
    }
  }

  @Test func imagesOfAListArePredicted() throws {
    let path = try folder.write(Array("filename\npictures/3.png\npictures/1.png\n".utf8), to: "to-predict.csv")
    #expect(try ImageFiles(in: path).paths == ["3", "1"].map { folder.path + "/pictures/\($0).png" })
    #expect(ImageFiles.areAt(path) && !ImageFiles.areAt(folder.path + "/pictures/0.png"))
    let zip = try folder.write(
      ArchiveFiles.zip([.init("b/x", Fixtures.bytes(of: Fixtures.path("small.png"))), .init("a.txt", [65])]), to: "archive")
    #expect(ImageFiles.areAt(zip))
    let files = try ImageFiles(in: zip)
    #expect(files.paths == [zip + "/b/x"] && files.passedOver == [zip + "/a.txt"])
  }

  /// Prediction needs neither classes nor parts.
  @Test func predictionTakesListsThatTrainingRefuses() throws {
    let lines = "pictures/3.png,unlabeled,a\npictures/1.png,,b\npictures/3.png,x,c\n"
    let path = try folder.write(Array(("path,split,subset\n" + lines).utf8), to: "to-predict.csv")
    let files = try ImageFiles(in: path)
    #expect(files.paths == ["3", "1"].map { folder.path + "/pictures/\($0).png" })
    #expect(files.notes == [DataNote(.repeatedLine, "line 4")])
  }

  @Test func aCompressedArchiveIsNamedWherePicturesAreExpected() throws {
    let path = try folder.write([0x1F, 0x8B, 8, 0, 0, 0], to: "photos.tar.gz")
    #expect(ImageFiles.areAt(path))
    #expect(throws: ImageFolderError.archive(path, .notInPlace("gzip", unpacks: true))) { try ImageFiles(in: path) }
  }

  @Test func brokenImagesOfAListLeaveAList() throws {
    let path = try folder.write(Array("path,label\npictures/0.png,a\npictures/1.png,b\n".utf8), to: "list.csv")
    let images = try EvaluationImages(scanning: path, classNames: nil)
    let left = images.removing([ImageError(path: images.samples[0].path, reason: .truncated)])
    #expect(images.isListed && left.isListed && left.samples.count == 1)
  }
}
