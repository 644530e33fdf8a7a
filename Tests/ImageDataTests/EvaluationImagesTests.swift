import Foundation
import ImageData
import Testing

@Suite struct EvaluationImagesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(_ names: [String]) throws { for name in names { try folder.copy("small.png", to: name) } }

  private func scan(
    _ names: [String]?, at path: String? = nil, _ selection: EvaluationImages.Selection = EvaluationImages.Selection()
  ) throws -> EvaluationImages {
    try EvaluationImages(scanning: path ?? folder.path, classNames: names, selection: selection)
  }

  /// Whoever only evaluates needs no images to train on, nor one of every class.
  @Test(arguments: ["eval", "evalImages"]) func theEvaluationHalfIsEnough(half: String) throws {
    try make(["\(half)/bus/1.png", "\(half)/tram/1.png"])
    let images = try scan(["bike", "bus", "tram"], at: folder.path + "/")
    #expect(images.classNames == ["bike", "bus", "tram"])
    #expect(images.samples.map(\.relativePath) == ["\(half)/bus/1.png", "\(half)/tram/1.png"])
    #expect(images.samples.map(\.classIndex) == [1, 2])
    #expect(try scan(nil).classNames == ["bus", "tram"])
    #expect(throws: ImageFolderError.unknownClasses(folder.path + "/\(half)", ["bus"])) { try scan(["bike", "tram"]) }
  }

  /// Where the weights name no classes, the places among those to train on count.
  @Test func theTrainingHalfNamesTheClasses() throws {
    try make(["train/bike/1.png", "train/bus/1.png", "eval/bus/1.png"])
    let images = try scan(nil)
    #expect(images.classNames == ["bike", "bus"])
    #expect(images.samples.map(\.classIndex) == [1])
  }

  @Test func ofClassFoldersAloneTheShareOfTrainingCounts() throws {
    try make(["a/1.png", "a/2.png", "b/1.png", "b/2.png"])
    let all = try ImageFolder(scanning: folder.path, evaluationFraction: 0.5, seed: 1)
    let images = try scan(["a", "b"], at: nil, .init(split: (0.5, 1)))
    #expect(images.samples == all.evaluation && images.origin == .given(.eval))
    #expect(try scan(["a", "b"], at: nil, .init(part: .train, split: (0.5, 1))).samples == all.training)
  }

  /// A test set lies in class folders as a training set does, often with an image or a class of each.
  @Test func classFoldersAreMeasuredWhole() throws {
    try make(["a/1.png", "c/1.png"])
    let images = try scan(["a", "b", "c"])
    #expect(images.samples.map(\.classIndex) == [0, 2] && images.origin == .whole)
    #expect(throws: ImageFolderError.splitUnknown(folder.path, .train)) { try scan(["a", "b", "c"], at: nil, .init(part: .train)) }
  }

  /// The folder that a model was trained on is recognised wherever it lies; one more image makes it another.
  @Test func theRecordedSplitHoldsForItsOwnFolder() throws {
    for name in ["a", "b"] { for number in 0..<6 { try make(["data/\(name)/\(number).png"]) } }
    let data = folder.path + "/data"
    let trained = try ImageFolder(scanning: data, evaluationFraction: 0.34, seed: 5)
    let recorded = RecordedSplit(of: trained)
    try FileManager.default.moveItem(atPath: data, toPath: folder.path + "/moved")
    func scanMoved(_ part: PartChoice?) throws -> EvaluationImages {
      try scan(["a", "b"], at: folder.path + "/moved", .init(part: part, recorded: recorded))
    }
    let images = try scanMoved(nil)
    #expect(images.samples.map(\.relativePath) == trained.evaluation.map(\.relativePath) && images.origin == .checkpoint(.eval))
    #expect(try scanMoved(.train).samples.map(\.relativePath) == trained.training.map(\.relativePath))
    #expect(try scanMoved(.all).samples.count == 12)
    try make(["moved/a/more.png"])
    let other = try scanMoved(nil)
    #expect(other.origin == .whole && other.samples.count == 13)
    #expect(recorded.trainingSample.count == 1 && recorded.trainingSample.matches(in: other.samples) == 1)
  }

  @Test func partsAreChosenByTheirNames() throws {
    try make(["train/a/1.png", "train/b/1.png", "eval/a/2.png", "test/b/3.png"])
    func names(_ part: PartChoice?) throws -> [String] { try scan(nil, at: nil, .init(part: part)).samples.map(\.relativePath) }
    #expect(try names(nil) == ["eval/a/2.png"])
    #expect(try names(.test) == ["test/b/3.png"])
    #expect(try names(.train) == ["train/a/1.png", "train/b/1.png"])
    #expect(try names(.all).count == 4)
    #expect(throws: ImageFolderError.noPart(folder.path + "/eval", .test, [])) {
      try scan(nil, at: folder.path + "/eval", .init(part: .test))
    }
  }

  /// Parts are found by any of their usual names; without an evaluation part the test part is measured.
  @Test func partsOfOtherNames() throws {
    try make(["Training/a/1.png", "Training/b/1.png", "Validation/a/2.png", "seg_test/seg_test/b/3.png", "extra/c/4.png"])
    let images = try scan(["a", "b"])
    #expect(images.samples.map(\.relativePath) == ["Validation/a/2.png"])
    #expect(images.origin == .parts([.evaluation], folders: ["Validation"]))
    #expect(images.notes == [DataNote(.noPart, "extra"), DataNote(.classMissing, "eval/b")])
    #expect(try scan(["a", "b"], at: nil, .init(part: .test)).samples.map(\.relativePath) == ["seg_test/seg_test/b/3.png"])
    #expect(try scan(["a", "b"], at: nil, .init(part: .all)).samples.count == 4)
    try FileManager.default.removeItem(atPath: folder.path + "/Validation")
    #expect(try scan(["a", "b"]).origin == .parts([.test], folders: ["seg_test/seg_test"]))
    #expect(throws: ImageFolderError.noPart(folder.path, .evaluation, ["Training", "seg_test/seg_test"])) {
      try scan(["a", "b"], at: nil, .init(part: .eval))
    }
  }

  /// Training divides a training part that has a test part alone beside it; what it set aside is the evaluation part.
  @Test func aDividedTrainingPartBesideATestPart() throws {
    for name in ["a", "b"] { try make((0..<6).map { "train/\(name)/\($0).png" } + ["test/\(name)/9.png"]) }
    let trained = try ImageFolder(scanning: folder.path, evaluationFraction: 0.34, seed: 5)
    let recorded = RecordedSplit(of: trained)
    func choose(_ part: PartChoice?, split: (evaluationFraction: Double, seed: UInt64)? = nil) throws -> EvaluationImages {
      try scan(["a", "b"], at: nil, .init(part: part, split: split, recorded: recorded))
    }
    #expect(try choose(nil).samples == trained.test)
    #expect(try choose(.eval).samples == trained.evaluation && choose(.eval).origin == .checkpoint(.eval))
    #expect(try choose(.train).samples == trained.training)
    #expect(try choose(.all).samples.count == 14)
    let given = try ImageFolder(scanning: folder.path, evaluationFraction: 0.5, seed: 1)
    #expect(try choose(nil, split: (0.5, 1)).samples == given.evaluation)
  }

  /// Runs that knew no parts by other names took them for classes; the folder is still the one that they were trained on.
  @Test func theLayoutOfTrainingHoldsForItsOwnFolder() throws {
    for name in ["training_set", "test_set"] { try make((0..<6).map { "\(name)/a/\($0).png" }) }
    let trained = try ImageFolder(DataRequest(folder.path, layout: .pairs, evaluationFraction: 0.34, seed: 5))
    let images = try scan(["test_set", "training_set"], at: nil, .init(recorded: RecordedSplit(of: trained)))
    #expect(images.samples == trained.evaluation && images.origin == .checkpoint(.eval))
    #expect(throws: ImageFolderError.unknownClasses(folder.path + "/test_set", ["a"])) { try scan(["test_set", "training_set"]) }
  }

  @Test func setsOfClassesAreRefused() throws {
    try make(["fold1/a/1.png", "fold1/b/1.png", "fold2/a/1.png", "fold2/b/1.png"])
    #expect(throws: ImageFolderError.sameFoldersInside(folder.path, ["fold1", "fold2"], inside: ["a", "b"])) { try scan(nil) }
    #expect(try scan(nil, at: nil, .init(layout: .classes)).classNames == ["fold1", "fold2"])
  }

  @Test func whatIsNoDataSet() throws {
    #expect(throws: ImageFolderError.folderMissing(folder.path + "/none")) { try scan(nil, at: folder.path + "/none") }
    try make(["train/a/1.png", "train/b/1.png", "eval/a.png"])
    #expect(throws: ImageFolderError.noClasses(folder.path + "/eval")) { try scan(["a", "b"]) }
  }

  @Test func brokenImagesAreRemoved() throws {
    try make(["eval/a/1.png", "eval/a/2.png"])
    let images = try scan(["a", "b"])
    let left = images.removing([ImageError(path: images.samples[0].path, reason: .truncated)])
    #expect(left.samples == Array(images.samples[1...]) && left.classNames == ["a", "b"])
  }

  /// The column that training was given is a property of its own data.
  @Test func theRecordedColumnHoldsForTheDataOfTraining() throws {
    try make(["set/1.png", "set/2.png", "set/3.png", "set/4.png", "other/cat/1.png", "other/dog/1.png"])
    try folder.write(Array("path,breed,label\n1.png,a,x\n2.png,a,x\n3.png,b,x\n4.png,b,x\n".utf8), to: "set/list.csv")
    try folder.write(Array("file_name,text\ncat/1.png,A cat.\n".utf8), to: "other/metadata.csv")
    let list = folder.path + "/set/list.csv"
    let trained = try ImageFolder(DataRequest(list, labelColumn: "breed", evaluationFraction: 0.5, seed: 1))
    let recorded = RecordedSplit(of: trained)
    let own = try scan(["a", "b"], at: list, .init(recorded: recorded))
    #expect(own.samples == trained.evaluation && own.origin == .checkpoint(.eval))
    #expect(try scan(["cat", "dog"], at: folder.path + "/other", .init(recorded: recorded)).samples.count == 2)
    #expect(try scan(["x"], at: list, .init(labelColumn: "label", recorded: recorded)).origin == .whole)
  }

  /// A list that cannot be read is not the data of training, and `--layout classes` does without it.
  @Test func classFoldersAreMeasuredDespiteABrokenList() throws {
    try make(["a/1.png", "a/2.png", "b/1.png", "b/2.png"])
    let recorded = RecordedSplit(of: try ImageFolder(scanning: folder.path, seed: 1))
    try folder.write(Array("file_name,label\na/1.png,x\nb/9.png,y\n".utf8), to: "metadata.csv")
    #expect(throws: ImageFolderError.self) { try scan(["a", "b"], at: nil, .init(recorded: recorded)) }
    let whole = EvaluationImages.Selection(layout: .classes, recorded: recorded)
    #expect(try scan(["a", "b"], at: nil, whole).samples.count == 4)
  }
}
