import Files
import Foundation
import ImageData
import TestImages
import Testing
import Training
import WeightFiles

@Suite struct CheckpointStoreTests {
  private let folder: TestFolder
  private let store: CheckpointStore
  private let weights: UnsafeMutableBufferPointer<Float>

  init() throws {
    folder = try TestFolder()
    store = CheckpointStore(folder: folder.path + "/checkpoints/tiny")
    weights = .allocate(capacity: 4)
    weights.initialize(repeating: 0)
  }

  private func state(_ step: Int) -> CheckpointState {
    var state = CheckpointState(model: "tiny", epochs: 3, dataFingerprint: "f", settings: ["lr": "0.1"], kernels: "portable")
    state.step = step
    state.position.epoch = 1
    return state
  }

  /// Saves weights that are all `step`.
  @discardableResult
  private func save(
    _ step: Int, isBest: Bool = false, to store: CheckpointStore? = nil, _ change: (inout CheckpointState) -> Void = { _ in }
  )
    throws -> String
  {
    weights.update(repeating: Float(step))
    var state = state(step)
    change(&state)
    let tensor = TensorToWrite("w", shape: [2, 2], .floats(UnsafeBufferPointer(weights)))
    return try (store ?? self.store).save(model: [tensor], metadata: ["a": "b"], optimizer: [tensor], state: state, isBest: isBest)
  }

  /// Whether the folder that a link leads to is a whole checkpoint of its step.
  private func isWhole(_ link: CheckpointStore.Link) throws -> Int? {
    let path = store.folder + "/" + link.rawValue
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let checkpoint = try Checkpoint(reading: path)
    for file in [checkpoint.modelFile, checkpoint.optimizerFile] {
      #expect(try SafetensorsFile(path: file).floats("w") == Array(repeating: Float(checkpoint.state.step), count: 4))
    }
    return checkpoint.state.step
  }

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: store.folder).sorted() }

  @Test func linksAreRelativeAndLeadToTheCheckpoint() throws {
    let path = try save(3, isBest: true)
    #expect(path == store.folder + "/step-3")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: store.folder + "/latest") == "step-3")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: store.folder + "/best") == "step-3")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["model.safetensors", "optimizer.safetensors", "state.json"])
    #expect(try isWhole(.latest) == 3)
  }

  @Test func theLastTwoAndTheBestStay() throws {
    for step in 1...6 { try save(step, isBest: step == 2) }
    #expect(try names() == ["best", "latest", "step-2", "step-5", "step-6"])
    #expect(try isWhole(.latest) == 6)
    #expect(try isWhole(.best) == 2)
    try save(7, isBest: true)
    #expect(try names() == ["best", "latest", "step-6", "step-7"])
  }

  @Test func aStepThatIsThereGetsANewStateOnly() throws {
    let path = try save(4) { $0.evaluationPending = true }
    let file = path + "/model.safetensors"
    let before = try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
    try save(4, isBest: true) { $0.best = CheckpointState.Best(accuracy: 0.5, epoch: 0, step: 4) }
    let after = try Checkpoint(reading: path).state
    #expect(!after.evaluationPending && after.best?.accuracy == 0.5)
    #expect(try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int == before)
    #expect(try store.step(of: .best) == 4)
  }

  /// Killed at any stage while an evaluated step is named the best: whenever its state says so, the link does too.
  @Test(arguments: [CheckpointStore.Stage.writeState, .linkLatest, .linkBest, .prune])
  func theBestLinkNeverLagsBehindTheState(stage: CheckpointStore.Stage) throws {
    let path = try save(4) { $0.evaluationPending = true }
    var failing = store
    failing.beforeStage = { if $0 == stage { throw FileSystemError(.write, "x", code: ENOSPC) } }
    #expect(throws: FileSystemError.self) {
      try save(4, isBest: true, to: failing) { $0.best = CheckpointState.Best(accuracy: 0.5, epoch: 0, step: 4) }
    }
    if try Checkpoint(reading: path).state.best != nil { #expect(try store.step(of: .best) == 4) }
  }

  /// The work ends before each stage in turn, as if the process had been killed or the disk were full: `latest` and `best`
  /// lead to whole checkpoints all the while, and the next save goes through.
  @Test(arguments: CheckpointStore.Stage.allCases)
  func whateverStageFailsTheLinksLeadToWholeCheckpoints(stage: CheckpointStore.Stage) throws {
    for step in [1, 2, 3] { try save(step, isBest: step == 1) }
    var failing = store
    failing.beforeStage = { if $0 == stage { throw FileSystemError(.write, "x", code: ENOSPC) } }
    #expect(throws: FileSystemError.self) { try save(4, isBest: true, to: failing) }
    let isLinked = [.linkBest, .prune].contains(stage)
    #expect(try isWhole(.latest) == (isLinked ? 4 : 3))
    #expect(try isWhole(.best) == (stage == .prune ? 4 : 1))
    try store.prepareToResume()
    #expect(try names().filter { $0.hasPrefix(".") } == [])
    try save(5, isBest: true)
    #expect(try isWhole(.latest) == 5)
    #expect(try isWhole(.best) == 5)
  }

  /// A killed process removes nothing: its leavings are swept by the next one, and steps past the checkpoint go.
  @Test func leavingsAreSweptOnResume() throws {
    try save(2)
    try save(9)
    try FileManager.default.createDirectory(atPath: store.folder + "/.step-10.1-0.partial", withIntermediateDirectories: true)
    unlink(store.folder + "/latest")
    try DurableFile.replaceSymlink(at: store.folder + "/latest", to: "step-2")
    #expect(try store.resumeStep == 2)
    try store.prepareToResume()
    #expect(try names() == ["latest", "step-2"])
  }

  @Test func withoutALinkTheNewestFolderCounts() throws {
    #expect(try store.resumeStep == nil)
    try save(2)
    try save(3)
    unlink(store.folder + "/latest")
    #expect(try store.resumeStep == 3)
    try DurableFile.replaceSymlink(at: store.folder + "/latest", to: "step-77")
    #expect(try store.resumeStep == 3)
  }

  @Test func theStateReadsBackAsItWasWritten() throws {
    var all = state(12)
    all.optimizerSteps = 11
    all.position.epoch = 2
    all.position.image = 18
    all.epochSums.loss = 0.1 + 0.2
    all.epochSums.correct = 5
    all.epochSums.images = 18
    all.evaluationPending = true
    all.best = CheckpointState.Best(accuracy: 1 / 3, epoch: 1, step: 8)
    let copy = all
    let path = try save(12) { $0 = copy }
    #expect(try Checkpoint(reading: path).state == all)
    let text = try String(contentsOfFile: path + "/state.json", encoding: .utf8)
    #expect(text.contains("\"evaluation_pending\" : true"))
    #expect(text.range(of: "\"best\"")!.lowerBound < text.range(of: "\"data_fingerprint\"")!.lowerBound)
    #expect(all.lastCompletedEpoch == 0 && !all.isFinished)
  }

  @Test func sumsThatAreNotFiniteAreKept() throws {
    let path = try save(1) { $0.epochSums.loss = .infinity }
    #expect(try Checkpoint(reading: path).state.epochSums.loss == .infinity)
  }

  @Test(arguments: [
    ("", "it is not JSON"), ("{}", "\"format\" is missing"), ("{\"format\":1}", "\"model\" is missing"),
    ("{\"format\":\"a\"}", "\"format\" is of the wrong type"),
  ])
  func aDamagedStateIsTold(text: String, reason: String) throws {
    let path = try save(1)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/state.json"))
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(reading: path) }
    #expect(error?.problem == .badState(reason: reason))
  }

  @Test(arguments: [
    ("\"epoch\" : 1", "\"epoch\" : -1", "\"position.epoch\" is -1"), ("\"epoch\" : 1", "\"epoch\" : 4", "\"position.epoch\" is 4"),
    ("\"image\" : 5", "\"image\" : -5", "\"position.image\" is -5"), ("\"step\" : 7", "\"step\" : 8", "\"step\" is 8"),
    ("\"optimizer_steps\" : 0", "\"optimizer_steps\" : 9", "\"optimizer_steps\" is 9"),
    ("\"images\" : 0", "\"images\" : -1", "\"epoch_sums.images\" is -1"),
    ("\"correct\" : 0", "\"correct\" : -1", "\"epoch_sums.correct\" is -1"),
    ("\"images\" : 0", "\"images\" : 9223372036854775807", "\"epoch_sums.images\" is 9223372036854775807"),
    ("\"images\" : 0", "\"images\" : 1e300", "a number in it is out of bounds"),
    ("\"loss\" : 0", "\"loss\" : -5", "\"epoch_sums.loss\" is -5.0"),
    ("\"loss\" : 0", "\"loss\" : \"-inf\"", "\"epoch_sums.loss\" is -inf"),
    ("\"accuracy\" : 0.5", "\"accuracy\" : 1.5", "\"best.accuracy\" is 1.5"),
    ("\"accuracy\" : 0.5", "\"accuracy\" : -0.5", "\"best.accuracy\" is -0.5"),
    ("\"accuracy\" : 0.5", "\"accuracy\" : \"nan\"", "\"best.accuracy\" is nan"),
    ("\"accuracy\" : 0.5", "\"accuracy\" : \"inf\"", "\"best.accuracy\" is inf"),
    ("\"step\" : 4", "\"step\" : 9", "\"best.step\" is 9"),
    ("\"epochs\" : 3", "\"epochs\" : 2", "\"epochs\" is 2 where its settings have 3"),
    ("\"epochs\" : 3", "\"epochs\" : 9223372036854775807", "\"epochs\" is 9223372036854775807"),
  ])
  func aStateOutOfBoundsIsTold(right: String, wrong: String, reason: String) throws {
    let path = try save(7) {
      $0.position = DataPosition(epoch: 1, image: 5)
      $0.best = CheckpointState.Best(accuracy: 0.5, epoch: 0, step: 4)
      $0.settings["epochs"] = "3"
    }
    let text = try String(contentsOfFile: path + "/state.json", encoding: .utf8)
    try #require(text.contains(right))
    try Data(text.replacing(right, with: wrong).utf8).write(to: URL(fileURLWithPath: path + "/state.json"))
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(reading: path) }
    #expect(error?.problem == .badState(reason: reason))
  }

  @Test func anEvaluationIsPendingOnlyAfterAnEpoch() throws {
    let path = try save(2) {
      $0.position.epoch = 0
      $0.evaluationPending = true
    }
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(reading: path) }
    #expect(error?.problem == .badState(reason: "\"evaluation_pending\" is true before the first epoch's end"))
  }

  @Test func aLaterFormatIsTold() throws {
    let path = try save(1)
    try Data("{\"format\":2}".utf8).write(to: URL(fileURLWithPath: path + "/state.json"))
    #expect(throws: CheckpointError(path + "/state.json", .unknownFormat(2))) { try Checkpoint(reading: path) }
    unlink(path + "/state.json")
    #expect(throws: CheckpointError(path + "/state.json", .badState(reason: "missing"))) { try Checkpoint(reading: path) }
  }

  /// Something so deep in it that its path is too long once the folder has the longer name of one that is going.
  @Test func aCheckpointThatCannotBeRemovedIsToldWithTheReason() throws {
    for step in 1...2 { try save(step) }
    var path = store.path(ofStep: 1)
    while path.utf8.count < 3850 { path += "/" + String(repeating: "x", count: 200) }
    path += "/" + String(repeating: "x", count: 4090 - path.utf8.count - 1)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    #expect(throws: FileSystemError(.remove, store.path(ofStep: 1), code: ENAMETOOLONG)) { try save(3) }
    #expect(try store.steps == [2, 3] && store.step(of: .latest) == 3)
    // A name as short as it was, so that it can be swept.
    try #require(rename(store.folder + "/.step-1.removed.partial", store.folder + "/x") == 0)
  }

  /// A file in the way fails the way a full disk does: the error names the file by its final name.
  @Test func errorsNameTheFinalFile() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/checkpoints", withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: store.folder))
    #expect(throws: FileSystemError(.list, store.folder, code: ENOTDIR)) { try save(1) }
  }
}
