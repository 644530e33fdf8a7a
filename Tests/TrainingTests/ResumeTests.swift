import Foundation
import NeuralNetwork
import Testing
import Training
import TrainingEvents

/// A run that was interrupted and resumed ends with the bytes of one that was not.
@Suite struct ResumeTests {
  /// Stopped after each of these steps, with a checkpoint: within an epoch, at its last step, at the run's last.
  @Test(arguments: [1, 3, 4, 5, 8, 11, 12])
  func stoppedAndResumed(step: Int) async throws {
    let bench = try Bench()
    try await bench.train("whole")
    let stopping = Bench(bench)
    let reason = try await stopping.train(
      "parts", EventRecorder { if case .step(let event) = $0, event.step == step { stopping.control.stop(.saving) } })
    #expect(reason == .stopped)
    #expect(try stopping.run("parts").checkpoints(of: "tiny").step(of: .latest) == step)
    let resumed = EventRecorder()
    #expect(try await Bench(bench).train("parts", resumes: true, resumed) == .finished)
    #expect(resumed.steps.map(\.step) == Array(step + 1..<13))
    #expect(try bench.outcome("parts") == bench.outcome("whole"))
  }

  /// Killed without warning at one event after the other, each session resuming from the last checkpoint of the one before.
  @Test(arguments: [1, 2, 3])
  func killedAgainAndAgain(checkpointInterval: Int) async throws {
    var bench = try Bench()
    bench.recipe.checkpointInterval = checkpointInterval
    try await bench.train("whole")
    var sessions = 0
    while true {
      sessions += 1
      let session = Bench(bench)
      var countdown = 4 + sessions * 5
      let recorder = EventRecorder { _ in
        countdown -= 1
        if countdown == 0 { throw Killed() }
      }
      do {
        try await session.train("killed", resumes: sessions > 1, recorder)
        break
      } catch is Killed {}
    }
    #expect(sessions > 3)
    #expect(try bench.outcome("killed") == bench.outcome("whole"))
    #expect(try eventLines(bench.run("killed")) == eventLines(bench.run("whole")))
  }

  /// Stopped within an evaluation: it is made again, once.
  @Test func stoppedWhileEvaluating() async throws {
    let bench = try Bench()
    try await bench.train("whole")
    let stopping = Bench(bench)
    var seen = 0
    let recorder = EventRecorder { event in
      if event == .state(.evaluating) {
        seen += 1
        if seen == 2 { stopping.control.stop(.signal(15)) }
      }
    }
    #expect(try await stopping.train("parts", recorder) == .signal(15))
    #expect(recorder.evaluations.count == 1)
    let resumed = EventRecorder()
    try await Bench(bench).train("parts", resumes: true, resumed)
    #expect(resumed.evaluations.map(\.epoch) == [1, 2])
    #expect(try bench.outcome("parts") == bench.outcome("whole"))
  }

  @Test func adamIsResumedToo() async throws {
    var bench = try Bench()
    bench.recipe.optimizer = .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01)
    bench.recipe.learningRate = 0.01
    try await bench.train("whole")
    let stopping = Bench(bench)
    try await stopping.train("parts", EventRecorder { if case .step(let event) = $0, event.step == 6 { stopping.control.stop(.saving) } })
    try await Bench(bench).train("parts", resumes: true)
    #expect(try bench.outcome("parts") == bench.outcome("whole"))
  }

  @Test func resumingWithoutACheckpointStartsFresh() async throws {
    let bench = try Bench()
    try await bench.train("whole")
    let recorder = EventRecorder { if case .step(let event) = $0, event.step == 3 { throw Killed() } }
    await #expect(throws: Killed.self) { try await Bench(bench).train("fresh", recorder) }
    #expect(try bench.run("fresh").checkpoints(of: "tiny").steps == [])
    try await Bench(bench).train("fresh", resumes: true)
    #expect(try bench.outcome("fresh") == bench.outcome("whole"))
  }

  @Test func theNumberOfThreadsChangesNothing() async throws {
    let bench = try Bench()
    for threads in 1...3 {
      var other = Bench(bench)
      other.threads = threads
      try await other.train("threads\(threads)")
    }
    let one = try bench.outcome("threads1")
    #expect(try bench.outcome("threads2") == one)
    #expect(try bench.outcome("threads3") == one)
  }

  /// Two models that take turns end as each does alone, interrupted or not.
  @Test func modelsThatTakeTurnsDoNotDisturbEachOther() async throws {
    var bench = try Bench()
    let networks = [tinyNetwork("small"), tinyNetwork("wide", channels: 12)]
    for network in networks {
      var alone = Bench(bench)
      alone.networks = [network]
      try await alone.train("alone-" + network.name)
    }
    bench.networks = networks
    let stopping = Bench(bench)
    let recorder = EventRecorder { event in
      if case .step(let step) = event, step.model == "wide", step.step == 6 { stopping.control.stop(.saving) }
    }
    try await stopping.train("both", recorder)
    #expect(
      recorder.steps.map { "\($0.model.first ?? "?")\($0.epoch)" }.joined(separator: " ") == "s0 s0 s0 s0 w0 w0 w0 w0 s1 s1 s1 s1 w1 w1")
    try await Bench(bench).train("both", resumes: true)
    for network in networks {
      #expect(try bench.outcome("both", model: network.name) == bench.outcome("alone-" + network.name, model: network.name))
    }
  }

  @Test func anotherDataSetOrRecipeIsRefused() async throws {
    let bench = try Bench()
    let stopping = Bench(bench)
    try await stopping.train("run", EventRecorder { if case .step(let event) = $0, event.step == 2 { stopping.control.stop(.saving) } })
    var changed = Bench(bench)
    changed.recipe.settings["lr"] = "0.1"
    let settings = await #expect(throws: CheckpointError.self) { try await changed.train("run", resumes: true) }
    #expect(settings?.problem == .otherSettings(["lr"]))
    try FileManager.default.removeItem(atPath: bench.folder.path + "/data/train/down/3.png")
    let other = Bench(bench, scanningAgain: true)
    let data = await #expect(throws: CheckpointError.self) { try await other.train("run", resumes: true) }
    #expect(data?.problem == .otherData)
  }

  /// A checkpoint that lacks a setting is older than it, and was computed with what held before.
  @Test func aCheckpointWithoutASettingMeansTheTimeBeforeIt() async throws {
    let bench = try Bench()
    let stopping = Bench(bench)
    try await stopping.train("run", EventRecorder { if case .step(let event) = $0, event.step == 2 { stopping.control.stop(.saving) } })
    var younger = Bench(bench)
    younger.recipe.settings["orientation"] = "exif"
    younger.recipe.settingsBefore = ["orientation": "stored"]
    let error = await #expect(throws: CheckpointError.self) { try await younger.train("run", resumes: true) }
    #expect(error?.problem == .otherSettings(["orientation"]))
    younger = Bench(bench)
    younger.recipe.settings["orientation"] = "stored"
    younger.recipe.settingsBefore = ["orientation": "stored"]
    try await younger.train("run", resumes: true)
    try await Bench(bench).train("whole")
    #expect(try bench.outcome("run") == bench.outcome("whole"))
  }

  /// A place behind the data set's last image is within bounds as far as the file alone can tell.
  @Test func aCheckpointBehindTheLastImageIsRefused() async throws {
    let bench = try Bench()
    let stopping = Bench(bench)
    try await stopping.train("run", EventRecorder { if case .step(let event) = $0, event.step == 2 { stopping.control.stop(.saving) } })
    let file = bench.run("run").checkpoints(of: "tiny").path(ofStep: 2) + "/state.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try #require(text.contains("\"image\" : 10"))
    try Data(text.replacing("\"image\" : 10", with: "\"image\" : 99999").utf8).write(to: URL(fileURLWithPath: file))
    let error = await #expect(throws: CheckpointError.self) { try await Bench(bench).train("run", resumes: true) }
    let folder = bench.run("run").checkpoints(of: "tiny").path(ofStep: 2)
    #expect(error == CheckpointError(folder, .damaged(reason: "state.json: \"position.image\" is 99999", remove: [2], whole: nil)))
  }

  /// Lines of `events.jsonl` without speeds and without the ends of sessions and the checkpoints' paths.
  private func eventLines(_ run: RunFolder) throws -> [String] {
    let text = try String(contentsOfFile: run.eventsFile, encoding: .utf8)
    return text.split(separator: "\n").filter { $0.contains("\"step\"") || $0.contains("\"evaluation\"") }.map { line in
      String(line.prefix { $0 != "}" }.replacing(/,"images_per_second":.*/, with: ""))
    }
  }
}
