import Faults
import Files
import Foundation
import TestImages
import Testing
import Training
import WeightFiles

/// What has a checkpoint's or a link's name and is none, and checkpoints that are damaged.
@Suite struct CheckpointDamageTests {
  private let bench: Bench
  private var store: CheckpointStore { bench.run("run").checkpoints(of: "tiny") }

  /// A run that was stopped after step 10, with checkpoints of steps 8 (its epoch's end) and 10.
  init() async throws {
    bench = try Bench()
    let stopping = Bench(bench)
    try await stopping.train("run", EventRecorder { if case .step(let event) = $0, event.step == 10 { stopping.control.stop(.saving) } })
  }

  private func resume() async throws -> EventRecorder {
    let recorder = EventRecorder()
    try await Bench(bench).train("run", resumes: true, recorder)
    return recorder
  }

  private func cut(_ step: Int, _ file: String) throws { try #require(truncate(store.path(ofStep: step) + "/" + file, 1000) == 0) }

  /// The advice of the error is followed, and the run ends as one that was never damaged.
  @Test(arguments: ["model.safetensors", "optimizer.safetensors", "state.json"]) func aDamagedCheckpointNamesTheWholeOne(file: String)
    async throws
  {
    let path = store.path(ofStep: 10)
    if file == "state.json" { try FileSystem.removeFile(path + "/" + file) } else { try cut(10, file) }
    let error = await #expect(throws: CheckpointError.self) { try await resume() }
    #expect(error?.path == path)
    #expect(error?.description.hasSuffix("but step-8 is whole: remove step-10, and --resume continues from step 8") == true)
    #expect(error?.description.hasPrefix("\(path): is damaged (\(file)") == true)
    try FileSystem.removeAll(path)
    #expect(try await resume().steps.map(\.step) == [9, 10, 11, 12])
    try await bench.train("whole")
    #expect(try bench.outcome("run") == bench.outcome("whole"))
  }

  @Test func aPipeInPlaceOfAFileIsDamage() async throws {
    let file = store.path(ofStep: 10) + "/state.json"
    try FileSystem.removeFile(file)
    try #require(mkfifo(file, 0o600) == 0)
    let error = await #expect(throws: CheckpointError.self) { try await resume() }
    #expect(error?.problem == .damaged(reason: "state.json: it is a named pipe, not a file", remove: [10], whole: 8))
  }

  @Test func allThatMustGoIsNamed() async throws {
    try cut(10, "model.safetensors")
    try cut(8, "optimizer.safetensors")
    let four = await #expect(throws: CheckpointError.self) { try await resume() }
    let steps = try store.steps
    // The best one may be older than both.
    let whole = steps.first == 8 ? nil : steps.first
    guard case .damaged(_, let remove, whole) = four?.problem else {
      Issue.record("\(String(describing: four))")
      return
    }
    #expect(remove == [10, 8])
  }

  /// A file that cannot be read for now is no reason to remove a checkpoint.
  @Test func anUnreadableCheckpointIsNotCalledDamaged() throws {
    let fault = Fault.at(1, EIO, of: .read)
    fault.run {
      #expect(throws: FileSystemError(.read, store.path(ofStep: 10) + "/state.json", code: EIO)) { try store.checkpointToResume() }
    }
  }

  @Test(arguments: ["latest", "best"]) func aFolderInPlaceOfALinkIsReported(link: String) async throws {
    let path = store.folder + "/" + link
    try FileSystem.removeFile(path)
    try FileManager.default.copyItem(atPath: store.path(ofStep: 8), toPath: path)
    let before = try FileSystem.list(store.folder)
    let error = await #expect(throws: CheckpointError.self) { try await resume() }
    #expect(error == CheckpointError(path, .notALink("a folder")))
    #expect(try FileSystem.list(store.folder) == before)
    try FileSystem.removeAll(path)
    #expect(try await resume().steps.map(\.step) == [11, 12])
  }

  @Test func aLinkToElsewhereIsReported() async throws {
    try DurableFile.replaceSymlink(at: store.folder + "/best", to: "/elsewhere/step-8")
    let error = await #expect(throws: CheckpointError.self) { try await resume() }
    #expect(error == CheckpointError(store.folder + "/best", .foreignLink(target: "/elsewhere/step-8")))
  }

  @Test func aFileWithACheckpointsNameIsReported() async throws {
    try DurableFile.write(store.path(ofStep: 11), bytes: [])
    let error = await #expect(throws: CheckpointError.self) { try await resume() }
    #expect(error == CheckpointError(store.path(ofStep: 11), .notAFolder))
  }

  /// Nothing is begun anew, and no curve is cut.
  @Test(arguments: ["file", "dangling link"]) func checkpointsThatCannotBeListedAreNotNone(what: String) async throws {
    let run = bench.run("run")
    let events = try FileSystem.read(run.eventsFile, atMost: 1 << 20)
    try FileManager.default.moveItem(atPath: run.checkpointsFolder, toPath: run.path + "/moved")
    if what == "file" {
      try DurableFile.write(run.checkpointsFolder, bytes: [])
    } else {
      try DurableFile.replaceSymlink(at: run.checkpointsFolder, to: "/not/mounted")
    }
    let error = await #expect(throws: FileSystemError.self) { try await resume() }
    #expect(error?.path.hasPrefix(run.checkpointsFolder) == true)
    #expect(try FileSystem.read(run.eventsFile, atMost: 1 << 20) == events)
    try FileSystem.removeFile(run.checkpointsFolder)
    try FileManager.default.moveItem(atPath: run.path + "/moved", toPath: run.checkpointsFolder)
    #expect(try await resume().steps.map(\.step) == [11, 12])
  }

  @Test func aResumeReportsLostCurves() async throws {
    let run = bench.run("run")
    #expect(try await resume().warnings == [])
    let logs = run.scalarsFolder(of: "tiny")
    try FileSystem.removeAll(logs)
    try DurableFile.write(run.eventsFile, bytes: Array("no event\n".utf8))
    let warnings = try await resume().warnings
    let log = logs + "/" + (try FileSystem.list(logs).first ?? "")
    #expect(
      warnings == [
        "\(run.eventsFile): holds 0 of the 12 steps of tiny up to the checkpoint; the others are lost, and curves have a gap there",
        "\(run.eventsFile): dropped 1 line that held no event",
        "\(log): holds 0 of the 12 steps up to the checkpoint; the others are lost, and curves have a gap there",
        "\(log): holds 0 of the 3 evaluations up to the checkpoint; the others are lost, and curves have a gap there",
      ])
  }

  @Test func aResumeWithoutItsCheckpointsReportsWhatItRemoves() async throws {
    try FileSystem.removeAll(bench.run("run").checkpointsFolder)
    let recorder = try await resume()
    #expect(recorder.warnings == ["tiny has no checkpoint: it trains from step 1 again, and 10 logged steps are removed"])
    #expect(recorder.steps.map(\.step) == Array(1...12))
  }
}
