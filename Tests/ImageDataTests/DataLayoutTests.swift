import Foundation
import ImageData
import Testing

@Suite struct DataPartTests {
  @Test(arguments: [
    "train", "Train", "TRAIN", "training", "Training", "train_set", "training_set", "trainset", "seg_train", "trainImages",
    "train_images", "TrainingData", "train-2017", "train2017", "Train Pictures",
  ]) func training(_ name: String) { #expect(DataPart(folderName: name) == .training) }

  @Test(arguments: [
    "val", "valid", "validation", "Validation", "dev", "eval", "evalImages", "val_set", "valset", "val2017", "dev-data", "seg_val",
  ]) func evaluation(_ name: String) { #expect(DataPart(folderName: name) == .evaluation) }

  @Test(arguments: ["test", "testing", "Test", "test_set", "seg_test", "testImages", "test1"])
  func test(_ name: String) { #expect(DataPart(folderName: name) == .test) }

  @Test(arguments: [
    "cat", "trains", "train_station", "steam train", "restrain", "trainer", "valley", "invalid", "valid invalid", "train_test", "testimony",
    "device", "images", "data", "", "contest", "détrain",
  ]) func classesAreNoParts(_ name: String) { #expect(DataPart(folderName: name) == nil) }
}

@Suite struct DataLayoutTests {
  private let png = Fixtures.bytes(of: Fixtures.path("dot.png"))
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(_ names: [String]) throws { for name in names { try folder.write(png, to: name) } }
  private func scan(_ change: (inout DataRequest) -> Void = { _ in }) throws(ImageFolderError) -> ImageFolder {
    var request = DataRequest(folder.path, seed: 1)
    change(&request)
    return try ImageFolder(request)
  }
  private func makeClasses(in part: String, each: Int = 1) throws {
    for name in ["cat", "dog"] { try make((0..<each).map { "\(part)/\(name)/\($0).png" }) }
  }

  @Test(arguments: [
    ("Train", "Validation"), ("training", "validation"), ("train", "val"), ("train_set", "dev_set"), ("trainImages", "val"),
    ("TRAIN", "VALID"), ("seg_train/seg_train", "seg_dev/seg_dev"),
  ]) func partsByTheirNames(_ train: String, _ evaluation: String) throws {
    try makeClasses(in: train, each: 2)
    try makeClasses(in: evaluation)
    try folder.write(Array("x".utf8), to: "\(train)/_classes.csv")
    try folder.write(Array("x".utf8), to: "\(evaluation)/desktop.ini")
    let images = try scan()
    #expect(images.classNames == ["cat", "dog"])
    #expect(images.training.count == 4 && images.evaluation.count == 2 && images.test.isEmpty && !images.isSplit)
    #expect(images.training[0].relativePath == "\(train)/cat/0.png")
  }

  @Test func aTestPartIsKept() throws {
    for part in ["train", "valid", "test"] { try makeClasses(in: part) }
    let images = try scan()
    #expect(images.test.map(\.relativePath) == ["test/cat/0.png", "test/dog/0.png"])
    #expect(images.evaluation.allSatisfy { $0.relativePath.hasPrefix("valid/") })
    #expect(images.summary.contains("2 to evaluate (valid) in 2 classes; the 2 of test are kept for mvit-tui evaluate"))
  }

  @Test func trainAndTestAloneAreSplit() throws {
    try makeClasses(in: "training_set", each: 10)
    try makeClasses(in: "test_set", each: 3)
    let images = try scan()
    #expect(images.training.count == 16 && images.evaluation.count == 4 && images.test.count == 6 && images.isSplit)
    #expect((images.training + images.evaluation).allSatisfy { $0.relativePath.hasPrefix("training_set/") })
    #expect(images.summary.contains("16 images to train on (training_set) and 4 set aside to evaluate (20 %)"))
  }

  @Test func theFolderOfTheSameNameInside() throws {
    let name = try #require(folder.path.split(separator: "/").last)
    try makeClasses(in: "\(name)/train")
    try makeClasses(in: "\(name)/val")
    #expect(try scan().classNames == ["cat", "dog"])
  }

  /// "train" beside "ship" is a class; so is a lone "valid" beside "invalid".
  @Test func classesThatAreCalledAsPartsAre() throws {
    try make(["train/1.png", "ship/1.png", "test/1.png"])
    #expect(try scan().classNames == ["ship", "test", "train"])
  }

  @Test func classesBesideTheirTestPart() throws {
    try make(["cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png", "test/cat/3.png", "test/dog/3.png"])
    let images = try scan()
    #expect(images.classNames == ["cat", "dog"])
    #expect(images.test.map(\.relativePath) == ["test/cat/3.png", "test/dog/3.png"])
    #expect(try scan { $0.layout = .classes }.classNames == ["cat", "dog", "test"])
  }

  @Test func whatIsBesideThePartsIsReported() throws {
    for part in ["train", "val"] { try makeClasses(in: part) }
    try make(["train/loose.png", "extra/cat/1.png", "train/cat/more/2.png"])
    try folder.write(Array("notes".utf8), to: "train/dog/notes.txt")
    try folder.link("train/dog/gone", to: "nowhere")
    let notes = try scan().notes
    #expect(
      Set(notes) == [
        DataNote(.noPart, "extra"), DataNote(.looseImage, "train/loose.png"), DataNote(.noImage, "train/dog/notes.txt"),
        DataNote(.deadLink, "train/dog/gone"), DataNote(.nestedFolder, "train/cat/more"),
      ])
  }

  @Test func refusals() throws {
    try makeClasses(in: "fold1")
    try makeClasses(in: "fold2")
    #expect(throws: ImageFolderError.sameFoldersInside(folder.path, ["fold1", "fold2"], inside: ["cat", "dog"])) { try scan() }
    #expect(try scan { $0.layout = .classes }.classNames == ["fold1", "fold2"])
    try makeClasses(in: "train")
    #expect(throws: ImageFolderError.partOrClass(folder.path, ["train"], others: ["fold1", "fold2"])) { try scan() }
    try makeClasses(in: "val")
    try makeClasses(in: "dev")
    #expect(throws: ImageFolderError.severalParts(folder.path, .evaluation, ["dev", "val"])) { try scan() }
    let images = try scan {
      $0.trainingFolder = folder.path + "/train"
      $0.evaluationFolder = folder.path + "/dev"
    }
    #expect(images.evaluation.map(\.path) == ["cat", "dog"].map { "\(folder.path)/dev/\($0)/0.png" })
    #expect(images.evaluation.map(\.relativePath) == ["eval/cat/0.png", "eval/dog/0.png"])
  }

  @Test func partsWithoutClassesAreRefused() throws {
    try make(["train/1.png", "test/1.png"])
    #expect(throws: ImageFolderError.partsWithoutClasses(folder.path, ["test", "train"])) { try scan() }
  }

  @Test func onlyAnEvaluationPart() throws {
    try makeClasses(in: "val")
    #expect(throws: ImageFolderError.noTrainingPart(folder.path, ["val"])) { try scan() }
  }

  @Test func aClassWhoseDiskIsNotMounted() throws {
    try make(["cat/1.png", "dog/1.png"])
    try folder.link("fox", to: "/nowhere/fox")
    #expect(throws: ImageFolderError.deadLinks(folder.path, ["fox"])) { try scan() }
  }

  @Test func runsAreNoData() throws {
    try make(["cat/1.png", "dog/1.png", "cat/old-run/checkpoints/x/thumbnail.png"])
    for run in ["runs/20260101-000000-mobilevit_xxs", "own", "cat/old-run"] {
      try folder.write([], to: "\(run)/config.toml")
      try folder.write([], to: "\(run)/events.jsonl")
    }
    try folder.makeFolder("begun")
    let images = try scan { $0.run = folder.path + "/begun" }
    #expect(images.classNames == ["cat", "dog"])
    #expect(images.training.count + images.evaluation.count == 2)
    #expect(Set(images.notes.filter { $0.reason == .ownOutput }.map(\.path)) == ["runs", "own", "begun", "cat/old-run"])
    // A folder that only looks a little like it is a class.
    try make(["configurations/config.toml.png"])
    #expect(try scan { $0.run = folder.path + "/begun" }.classNames == ["cat", "configurations", "dog"])
  }

  /// As runs were read that know no rule.
  @Test func thePairsOfBefore() throws {
    try makeClasses(in: "training_set")
    try makeClasses(in: "test_set")
    #expect(try scan { $0.layout = .pairs }.classNames == ["test_set", "training_set"])
  }
}
