import Files
import Foundation
import ScalarLogs
import Testing
import Training
import TrainingEvents
import WeightFiles

/// What becomes of a run whose folder, files or lock are taken away while it is trained.
@Suite struct FolderLossTests {
  private let bench: Bench

  init() throws {
    var bench = try Bench()
    bench.networks = [tinyNetwork(), tinyNetwork("second")]
    self.bench = bench
  }

  private func train(_ name: String, _ recorder: EventRecorder) async throws {
    #expect(try await Bench(bench).train(name, recorder) == .finished)
  }

  private func atStepSix(of model: String = "second", _ act: @escaping () throws -> Void) -> EventRecorder {
    EventRecorder { if case .step(let step) = $0, step.step == 6, step.model == model { try act() } }
  }

  private func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

  /// Weights, optimizer and curves of both; what a lost best checkpoint changes is left out.
  private func expectSame(_ name: String, _ other: String, best: Bool = true) throws {
    for model in ["tiny", "second"] {
      let (a, b) = (try bench.outcome(name, model: model), try bench.outcome(other, model: model))
      #expect(a.step == b.step && a.model == b.model && a.optimizer == b.optimizer && a.values == b.values, "\(model)")
      if best { #expect(a == b, "\(model)") }
    }
  }

  private func expectLoss(_ name: String, _ recorder: EventRecorder) async throws -> RunFolderLoss {
    try #require(await #expect(throws: RunFolderLoss.self) { try await Bench(bench).train(name, recorder) })
  }

  /// Resumes the run in the folder that the loss names.
  private func resume(_ loss: RunFolderLoss) async throws -> String {
    let folder = try #require(loss.rescue?.folder)
    let name = String(folder.dropFirst(bench.folder.path.count + 1))
    #expect(try await Bench(bench).train(name, resumes: true) == .finished)
    return name
  }

  /// Such a link is one file's trouble: the folder can be written, and nothing is saved elsewhere.
  @Test func aLinkToNowhereAmongTheCheckpointsIsNoLossOfTheFolder() async throws {
    let run = bench.run("run")
    let link = run.checkpoints(of: "second").folder + "/step-999"
    let recorder = atStepSix { try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere") }
    let error = await #expect(throws: FileSystemError.self) { try await Bench(bench).train("run", recorder) }
    #expect(error?.problem == .danglingLink(link))
    #expect(!FileManager.default.fileExists(atPath: run.path + "-rescued"))
  }

  // MARK: Restored

  @Test(arguments: ["scalars", "scalars/second", "events.jsonl", "console.log", "config.toml", "lock"], [true, false])
  func whatIsRemovedOrMovedAwayIsMadeAnew(item: String, isMoved: Bool) async throws {
    try await Bench(bench).train("whole")
    let run = bench.run("run")
    let recorder = EventRecorder { event in
      guard case .step(let step) = event, step.model == "second" else { return }
      let path = run.path + "/" + item
      if step.step == 6 {
        if isMoved { try FileManager.default.moveItem(atPath: path, toPath: run.path + "/away") } else { try remove(path) }
      }
      if step.step == 7 { #expect(try FileManager.default.fileExists(atPath: path) && run.isBeingWritten, "within a step") }
    }
    try await train("run", recorder)
    try expectSame("run", "whole")
    #expect(recorder.warnings.count == 1 && recorder.warnings[0].contains(run.path + "/" + item), "\(recorder.warnings)")
    let lines = try String(contentsOfFile: run.eventsFile, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == recorder.events.compactMap(\.jsonLine).count)
    // The lock is given back at the end.
    #expect(!FileManager.default.fileExists(atPath: run.lockFile))
    let again = EventRecorder()
    #expect(try await Bench(bench).train("run", resumes: true, again) == .finished)
    #expect(again.steps.isEmpty)
  }

  /// In the turn of either model, and while evaluating.
  @Test(arguments: ["tiny", "second", "evaluation"]) func aRemovedFolderIsMadeAnew(moment: String) async throws {
    try await Bench(bench).train("whole")
    let run = bench.run("run")
    var evaluations = 0
    let recorder = EventRecorder { event in
      if case .step(let step) = event, step.step == 6, step.model == moment { try remove(run.path) }
      if event == .state(.evaluating), moment == "evaluation" {
        evaluations += 1
        if evaluations == 3 { try remove(run.path) }
      }
    }
    try await train("run", recorder)
    try expectSame("run", "whole", best: false)
    #expect(recorder.warnings.count == 1 && recorder.warnings[0].hasPrefix("\(run.path): removed while the run was trained; made anew"))
    for model in ["tiny", "second"] {
      #expect(FileManager.default.fileExists(atPath: run.predictionsFile(of: model)))
      // The lost best is no bar for those that follow.
      let best = try #require(try run.checkpoints(of: model).step(of: .best))
      #expect(try run.checkpoints(of: model).steps.contains(best))
    }
  }

  /// The checkpoints that are saved at once make it resumable: killed right after, it ends the same.
  @Test func aFolderMadeAnewCanBeResumed() async throws {
    try await Bench(bench).train("whole")
    let run = bench.run("run")
    let recorder = EventRecorder { event in
      guard case .step(let step) = event, step.model == "second" else { return }
      if step.step == 6 { try remove(run.path) }
      if step.step == 8 { throw Killed() }
    }
    await #expect(throws: Killed.self) { try await Bench(bench).train("run", recorder) }
    #expect(try run.checkpoints(of: "tiny").step(of: .latest) == 8 && run.checkpoints(of: "second").step(of: .latest) == 6)
    #expect(try await Bench(bench).train("run", resumes: true) == .finished)
    try expectSame("run", "whole", best: false)
  }

  @Test func removedCheckpointsAreSavedAnew() async throws {
    let run = bench.run("run")
    var saved: Int?
    let recorder = EventRecorder { event in
      guard case .step(let step) = event, step.model == "second" else { return }
      if step.step == 6 { try remove(run.checkpointsFolder) }
      if step.step == 7 { saved = try run.checkpoints(of: "second").step(of: .latest) }
    }
    try await train("run", recorder)
    #expect(saved == 6)
    #expect(recorder.warnings.count >= 1 && recorder.warnings[0].contains("the checkpoint is saved anew"), "\(recorder.warnings)")
  }

  // MARK: Lost

  @Test(arguments: [false, true]) func aMovedRunEndsWithACheckpointThere(isReplaced: Bool) async throws {
    try await Bench(bench).train("whole")
    let (run, moved) = (bench.run("run"), bench.run("moved"))
    let loss = try await expectLoss(
      "run",
      atStepSix {
        try FileManager.default.moveItem(atPath: run.path, toPath: moved.path)
        if isReplaced { try FileManager.default.createDirectory(atPath: run.path, withIntermediateDirectories: false) }
      })
    #expect(loss.cause == .moved(to: moved.path) && loss.rescue == RunFolderLoss.Rescue(folder: moved.path, step: 8))
    #expect("\(loss)".hasSuffix("the checkpoint of step 8 is in \(moved.path); resume with --run \(moved.path) --resume"))
    #expect(try moved.checkpoints(of: "second").step(of: .latest) == 6)
    #expect(FileManager.default.fileExists(atPath: run.path) == isReplaced)
    #expect(try await resume(loss) == "moved")
    try expectSame("moved", "whole")
  }

  @Test func aFolderThatAnotherProcessLocksIsNotWrittenTo() async throws {
    try await Bench(bench).train("whole")
    let run = bench.run("run")
    var other: RunLock?
    var before: [String: Data] = [:]
    let recorder = EventRecorder { event in
      guard case .step(let step) = event, step.model == "second" else { return }
      if step.step == 6 {
        try remove(run.lockFile)
        other = try RunLock(taking: run.lockFile)
      }
      // Noticed before this event was sent.
      if step.step == 7 { before = try contents(run.path) }
    }
    let loss = try await expectLoss("run", recorder)
    #expect(loss.cause == .taken(process: getpid()))
    #expect(try contents(run.path) == before && !before.isEmpty)
    #expect(try run.isBeingWritten && other?.isInPlace == true)
    let lines = try String(contentsOfFile: run.eventsFile, encoding: .utf8)
    #expect(!lines.contains("\"model\":\"second\",\"epoch\":1,\"step\":7"))
    #expect(loss.rescue == RunFolderLoss.Rescue(folder: run.path + "-rescued", step: 8))
    let name = try await resume(loss)
    for model in ["tiny", "second"] {
      let (a, b) = (try bench.outcome(name, model: model), try bench.outcome("whole", model: model))
      #expect(a.model == b.model && a.optimizer == b.optimizer)
    }
  }

  /// What stands in the folder's place is somebody's; this run's files live on in its open descriptors.
  @Test func aFolderInTheRunsPlaceIsLeftAlone() async throws {
    try await Bench(bench).train("whole")
    let run = bench.run("run")
    let loss = try await expectLoss(
      "run",
      atStepSix(of: "tiny") {
        try remove(run.path)
        try FileManager.default.createDirectory(atPath: run.path, withIntermediateDirectories: false)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: run.path + "/notes"))
      })
    #expect(loss.cause == .replaced)
    #expect(try FileManager.default.contentsOfDirectory(atPath: run.path) == ["notes"])
    try expectSame(try await resume(loss), "whole", best: false)
  }

  /// A second rescue finds a name of its own.
  @Test func aReadOnlyFileSystemEndsTheRunWithACheckpointElsewhere() async throws {
    try await Bench(bench).train("whole")
    let run = bench.run("run")
    try FileManager.default.createDirectory(atPath: run.path + "-rescued", withIntermediateDirectories: false)
    let error = FileSystemError(.write, run.scalarsFolder(of: "second") + "/vdlrecords.1.log", code: EROFS)
    let loss = try await expectLoss("run", atStepSix { throw error })
    #expect(loss.cause == .unusable("\(error)") && loss.rescue == RunFolderLoss.Rescue(folder: run.path + "-rescued-2", step: 8))
    try expectSame(try await resume(loss), "whole", best: false)
  }

  /// Nothing can be made beside the run: the system's temporary folder takes it.
  @Test func withoutAPlaceBesideItTheRunIsRescuedToTheTemporaryFolder() async throws {
    let parent = bench.folder.path + "/parent"
    let name = "run-\(UUID().uuidString)"
    let loss = try await expectLoss(
      "parent/" + name,
      atStepSix {
        try remove(parent)
        try Data().write(to: URL(fileURLWithPath: parent))
      })
    let rescue = try #require(loss.rescue)
    defer { try? remove(rescue.folder) }
    #expect(rescue.folder == NSTemporaryDirectory() + name + "-rescued" && rescue.step == 8)
    #expect(try RunFolder(path: rescue.folder).checkpoints(of: "second").step(of: .latest) == 6)
    #expect("\(loss)".hasPrefix("\(parent)/\(name): can no longer be used"))
  }

  private func contents(_ folder: String) throws -> [String: Data] {
    var result: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      if let data = FileManager.default.contents(atPath: folder + "/" + name) { result[name] = data }
    }
    return result
  }
}
