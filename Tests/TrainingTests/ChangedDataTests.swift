import Foundation
import ImageData
import TestImages
import Testing
import Training
import TrainingEvents

/// Runs whose images changed while they were stopped.
@Suite struct ChangedDataTests {
  private func recording(_ bench: Bench) throws -> Bench {
    var result = Bench(bench)
    result.admission = try DataAdmission(bench.images, to: nil, resuming: [], recipe: bench.recipe, accepts: false)
    return result
  }

  /// The bench as a resumed session finds the images.
  private func resuming(_ bench: Bench, _ name: String, accepts: Bool = false) throws -> Bench {
    var result = Bench(bench, scanningAgain: true)
    let run = bench.run(name)
    let checkpoints = try bench.networks.compactMap { try run.checkpoints(of: $0.name).checkpointToResume() }
    result.admission = try DataAdmission(
      result.images, to: run.dataRecord.read(), resuming: checkpoints, recipe: bench.recipe, accepts: accepts)
    return result
  }

  /// Trains from the start to `step`, and saves.
  private func begin(_ bench: Bench, _ name: String, until step: Int, of model: String = "tiny") async throws {
    let session = try recording(bench)
    try await session.train(
      name, EventRecorder { if case .step(let event) = $0, event.model == model, event.step == step { session.control.stop(.saving) } })
  }

  private func change(_ bench: Bench, without missing: [String] = [], with added: [String] = []) throws {
    let data = bench.images.path + "/"
    for name in added { try FileManager.default.copyItem(atPath: data + "train/down/9.png", toPath: data + name) }
    for name in missing { try FileManager.default.removeItem(atPath: data + name) }
  }

  private func copy(_ bench: Bench, _ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: bench.run(name).path, toPath: bench.run(other).path)
  }

  private func state(_ bench: Bench, _ name: String, of model: String = "tiny") throws -> CheckpointState {
    try #require(try bench.run(name).checkpoints(of: model).checkpointToResume()).state
  }

  private let missing = ["train/across/2.png", "train/down/0.png", "train/down/7.png", "eval/across/1.png"]
  private let added = ["train/across/new.png"]

  /// Stopped within an epoch, before and at its end: the steps and their rates stay, a checkpoint is written before the first step,
  /// and nothing is read that is missing.
  @Test(arguments: [1, 2, 3, 4, 7, 8])
  func theStepsStayAndTheChangeIsMarked(step: Int) async throws {
    let bench = try Bench()
    let whole = EventRecorder()
    try await recording(bench).train("whole", whole)
    try await begin(bench, "run", until: step)
    let before = try state(bench, "run")
    try change(bench, without: missing, with: added)
    let refused = #expect(throws: ChangedDataError.self) { try resuming(bench, "run") }
    #expect("\(refused as Any)".contains("4 images are missing or unreadable"))

    let session = try resuming(bench, "run", accepts: true)
    let recorder = EventRecorder { event in
      guard case .step(let first) = event, first.step == step + 1 else { return }
      let saved = try state(bench, "run")
      #expect(saved.step == step && saved.position == before.position)
      // At an epoch's end the pending evaluation, which comes first, is of the changed images.
      #expect(saved.best == nil || step % Bench.stepsPerEpoch == 0)
      #expect(saved.dataFingerprint == session.images.fingerprint && saved.dataFingerprint != before.dataFingerprint)
      #expect(try bench.run("run").dataRecord.read() == session.admission?.record)
    }
    #expect(try await session.train("run", resumes: true, recorder) == .finished)
    #expect(recorder.steps.map(\.step) == Array(step + 1..<13))
    #expect(recorder.steps.map(\.learningRate) == whole.steps[step...].map(\.learningRate))
    #expect(recorder.steps.map(\.epoch) == whole.steps[step...].map(\.epoch))
    let change = DataChangeEvent(
      model: "tiny", epoch: before.position.epoch, step: step, change: 1, missing: 4, added: 1, resized: 0)
    #expect(recorder.events.count { $0 == .dataChanged(change) } == 1)
    #expect(recorder.notices.contains { $0.hasPrefix("tiny resumes with changed images after step \(step): 4 images are missing") })
    // The first evaluation of the changed images is the best so far, however good those before were.
    #expect(recorder.evaluations.first?.isBest == true)
    let lines = try String(contentsOfFile: bench.run("run").eventsFile, encoding: .utf8).split(separator: "\n")
    let line = "{\"event\":\"data_changed\",\"model\":\"tiny\",\"epoch\":\(before.position.epoch),\"step\":\(step),\"change\":1,"
    #expect(lines.contains { $0 == line + "\"missing\":4,\"new\":1,\"resized\":0}" })
    #expect(try bench.outcome("run").values.contains("data/change \(step) \(Float(1).bitPattern)"))
  }

  /// Killed at each event after the change and resumed, without the flag, the run ends as one that was not.
  @Test(arguments: 0..<14)
  func killedAfterTheChangeItEndsAsIfItHadNotBeen(place: Int) async throws {
    var bench = try Bench()
    bench.recipe.checkpointInterval = 1
    bench.networks = [tinyNetwork("a"), tinyNetwork("b", channels: 4)]
    try await begin(bench, "whole", until: 6, of: "a")
    try copy(bench, "whole", to: "killed")
    try change(bench, without: missing, with: added)
    try await resuming(bench, "whole", accepts: true).train("whole", resumes: true)

    var countdown: Int?
    let recorder = EventRecorder { event in
      if case .dataChanged = event, countdown == nil { countdown = place }
      guard let left = countdown else { return }
      if left == 0 { throw Killed() }
      countdown = left - 1
    }
    await #expect(throws: Killed.self) { try await resuming(bench, "killed", accepts: true).train("killed", resumes: true, recorder) }
    try await resuming(bench, "killed").train("killed", resumes: true)
    for model in ["a", "b"] {
      #expect(try bench.outcome("killed", model: model) == bench.outcome("whole", model: model))
    }
    #expect(try marks(bench, "killed") == marks(bench, "whole"))
    #expect(try marks(bench, "whole").count == 2)
  }

  private func marks(_ bench: Bench, _ name: String) throws -> [Substring] {
    try String(contentsOfFile: bench.run(name).eventsFile, encoding: .utf8).split(separator: "\n").filter { $0.contains("data_changed") }
      .sorted()
  }

  @Test func aSecondChangeInTheSameEpoch() async throws {
    var bench = try Bench()
    bench.recipe.checkpointInterval = 1
    try await begin(bench, "run", until: 5)
    try change(bench, without: ["train/across/2.png"])
    let first = try resuming(bench, "run", accepts: true)
    try await first.train(
      "run", resumes: true, EventRecorder { if case .step(let event) = $0, event.step == 6 { first.control.stop(.saving) } })
    try change(bench, without: ["train/across/3.png"], with: ["train/across/2.png"])
    try copy(bench, "run", to: "killed")
    let recorder = EventRecorder()
    #expect(try await resuming(bench, "run", accepts: true).train("run", resumes: true, recorder) == .finished)
    #expect(recorder.steps.map(\.step) == Array(7..<13))
    #expect(try marks(bench, "run").count == 2)
    let killed = EventRecorder { if case .step(let event) = $0, event.step == 7 { throw Killed() } }
    await #expect(throws: Killed.self) { try await resuming(bench, "killed", accepts: true).train("killed", resumes: true, killed) }
    try await resuming(bench, "killed").train("killed", resumes: true)
    #expect(try bench.outcome("killed") == bench.outcome("run"))
  }

  /// A checkpoint from before the change, where a later one was removed, meets the change at its own place.
  @Test func anOlderCheckpointMeetsTheChangeAgain() async throws {
    var bench = try Bench()
    bench.recipe.checkpointInterval = 1
    try await begin(bench, "run", until: 7)
    try change(bench, without: missing)
    let session = try resuming(bench, "run", accepts: true)
    let killed = EventRecorder { if case .step = $0 { throw Killed() } }
    await #expect(throws: Killed.self) { try await session.train("run", resumes: true, killed) }
    try FileManager.default.removeItem(atPath: bench.run("run").checkpoints(of: "tiny").path(ofStep: 7))
    let recorder = EventRecorder()
    #expect(try await resuming(bench, "run").train("run", resumes: true, recorder) == .finished)
    #expect(recorder.steps.map(\.step) == Array(7..<13))
    #expect(try marks(bench, "run").map { $0.contains("\"step\":6") } == [true])
  }

  /// What was accepted stays accepted only as long as nothing else changes.
  @Test func anotherChangeIsAskedForAgain() async throws {
    let bench = try Bench()
    try await begin(bench, "run", until: 3)
    try change(bench, without: missing)
    let session = try resuming(bench, "run", accepts: true)
    try await session.train(
      "run", resumes: true, EventRecorder { if case .step(let event) = $0, event.step == 4 { session.control.stop(.saving) } })
    try change(bench, with: ["eval/down/new.png"])
    let error = #expect(throws: ChangedDataError.self) { try resuming(bench, "run") }
    #expect("\(error as Any)".contains("1 image is new (eval/down/new.png)"))
  }

  /// Weights may be named from within their folder.
  @Test func theSidesOfAChangedRunAreFoundByABareName() async throws {
    let bench = try Bench()
    try await begin(bench, "run", until: 3)
    try change(bench, without: missing)
    let session = try resuming(bench, "run", accepts: true)
    try await session.train("run", resumes: true)
    let folder = bench.run("run").checkpoints(of: "tiny").path(ofStep: 12)
    let sides = try #require(session.admission?.record.sides)
    for (file, start) in [("model.safetensors", folder), ("./model.safetensors", folder), (folder + "/model.safetensors", "/")] {
      #expect(try RecordedSplit.changedSides(besideWeights: file, relativeTo: start) == sides, "\(file)")
    }
    #expect(try RecordedSplit.changedSides(besideWeights: "other.safetensors", relativeTo: folder) == nil)
    #expect(try RecordedSplit.changedSides(besideWeights: "mymodel.safetensors", relativeTo: folder) == nil)
  }

  @Test func theNextEvaluationMustExceedBestAbove() async throws {
    var bench = try Bench()
    bench.recipe.bestAbove = 0.25
    try await begin(bench, "run", until: 3)
    try change(bench, without: missing)
    let recorder = EventRecorder()
    try await resuming(bench, "run", accepts: true).train("run", resumes: true, recorder)
    #expect(recorder.notices.contains { $0.hasSuffix("; the next evaluation with an accuracy above 0.25 is the best") })
  }

  /// Edited by hand, a state may have a change that is still to come.
  @Test func aChangeAheadOfThePositionIsRefused() async throws {
    let bench = try Bench()
    try await begin(bench, "run", until: 6)
    let before = try state(bench, "run")
    let file = bench.run("run").checkpoints(of: "tiny").path(ofStep: 6) + "/state.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    for (image, isSound) in [(before.position.image, true), (before.position.image + 1, false), (.max, false)] {
      let versions = "{\"epoch_versions\":{\"began\":0,\"changes\":[{\"image\":\(image),\"version\":1}]},"
      try Data((versions + text.dropFirst()).utf8).write(to: URL(fileURLWithPath: file))
      if isSound {
        #expect(try state(bench, "run").epochVersions?.current == 1)
      } else {
        let error = #expect(throws: CheckpointError.self) { try state(bench, "run") }
        #expect("\(error as Any)".contains("epoch_versions"))
      }
    }
  }

  @Test func theRecordIsMadeAnewWithItsFolder() async throws {
    let bench = try Bench()
    let session = try recording(bench)
    let file = session.run("run").dataRecord
    let recorder = EventRecorder { event in
      if case .step(let step) = event, step.step == 2 { try FileManager.default.removeItem(atPath: file.path) }
    }
    try await session.train("run", recorder)
    #expect(try file.read() == session.admission?.record)
  }

  @Test func otherSettingsAreStillRefused() async throws {
    let bench = try Bench()
    try await begin(bench, "run", until: 3)
    try change(bench, without: missing)
    let record = try bench.run("run").dataRecord.read()
    var session = try resuming(bench, "run", accepts: true)
    session.recipe.settings["lr"] = "0.1"
    await #expect(throws: CheckpointError.self) { try await session.train("run", resumes: true) }
    #expect(try bench.run("run").dataRecord.read() == record)
  }
}
