import ImageData
import Testing

@Suite struct EvaluationImagesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(_ names: [String]) throws { for name in names { try folder.copy("small.png", to: name) } }

  private func scan(_ names: [String]?, at path: String? = nil) throws -> EvaluationImages {
    try EvaluationImages(scanning: path ?? folder.path, classNames: names, evaluationFraction: 0.5, seed: 1)
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
    #expect(try scan(["a", "b"]).samples == all.evaluation)
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
}
