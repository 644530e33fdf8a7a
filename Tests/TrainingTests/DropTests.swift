import Foundation
import NeuralNetwork
import ScalarLogs
import Testing
import Training
import TrainingEvents
import WeightFiles

/// A model of a comparison that diverges ends alone.
@Suite struct DropTests {
  /// "tiny", and "wild" at a rate of its own.
  private func bench(_ rate: Double, wildFirst: Bool = false) throws -> Bench {
    var bench = try Bench()
    bench.recipe.onNonFinite = .drop
    bench.recipe.schedule = .constant
    bench.recipe.checkpointInterval = 1
    bench.networks = [tinyNetwork(), tinyNetwork("wild")]
    if wildFirst { bench.networks.reverse() }
    bench.rates = ["wild": rate]
    return bench
  }

  /// The same with "tiny" only.
  private func alone(_ bench: Bench) -> Bench {
    var alone = Bench(bench)
    alone.networks = [tinyNetwork()]
    return alone
  }

  private func drops(_ recorder: EventRecorder) -> [TrainingEvent] {
    recorder.events.filter { if case .dropped = $0 { true } else { false } }
  }

  private func values(_ run: RunFolder, _ model: String) throws -> [String] {
    try ScalarLogReader(ScalarLog(.visualDL, folder: run.scalarsFolder(of: model), name: ".")).read()
      .filter { $0.tag != "train/images_per_second" }.map { "\($0.tag) \($0.step) \($0.value.bitPattern)" }
  }

  private func steps(of model: String, in recorder: EventRecorder) -> [Int] { recorder.steps.filter { $0.model == model }.map(\.step) }

  /// At the first step, within the first epoch, within a later one; before and after the other in turn.
  @Test(arguments: [1e30, 1e18, 1e9, 3e7, 1e7], [true, false])
  func theOthersTrainOnToTheSameBits(rate: Double, wildFirst: Bool) async throws {
    let bench = try bench(rate, wildFirst: wildFirst)
    try await alone(bench).train("alone")
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .finished)
    #expect(try bench.outcome("run") == bench.outcome("alone"))

    let store = bench.run("run").checkpoints(of: "wild")
    let divergence = try #require(try store.divergence())
    #expect(drops(recorder) == [.dropped(model: "wild", epoch: divergence.epoch, step: divergence.step)])
    #expect(steps(of: "wild", in: recorder) == Array(1...divergence.step) && steps(of: "tiny", in: recorder) == Array(1...12))
    let line = try String(contentsOfFile: bench.run("run").eventsFile, encoding: .utf8).split(separator: "\n").filter {
      $0.contains("\"event\":\"diverged\"")
    }
    #expect(line == ["{\"event\":\"diverged\",\"model\":\"wild\",\"epoch\":\(divergence.epoch),\"step\":\(divergence.step)}"])
    #expect(
      recorder.warnings.contains {
        $0.contains(": wild diverged at step \(divergence.step) and ends alone, the others train on; the last good")
      })
    if let latest = try store.step(of: .latest) {
      #expect(latest < divergence.step || divergence.cause != .loss)
      let file = try SafetensorsFile(path: store.path(ofStep: latest) + "/model.safetensors")
      for tensor in file.tensors where tensor.type == .float32 { #expect(try file.floats(tensor.name).allSatisfy(\.isFinite)) }
    }
    let summary = try #require(RunSummary.of(bench.run("run")).first { $0.model == "wild" })
    #expect(summary.state == .diverged && summary.droppedAt == divergence.step)
    #expect(RunSummary.of(bench.run("run")).first { $0.model == "tiny" }?.state == .finished)
  }

  /// Stopped, and killed at each event about the divergence: the model stays ended, or diverges again where it did.
  @Test(arguments: [1e30, 3e7], ["stop", "diverged", "warning", "dropped"])
  func aResumeKeepsItEnded(rate: Double, moment: String) async throws {
    let bench = try bench(rate, wildFirst: true)
    try await bench.train("whole")
    let divergence = try #require(try bench.run("whole").checkpoints(of: "wild").divergence())
    let first = Bench(bench)
    var isDropped = false
    let recorder = EventRecorder { event in
      switch event {
      case .diverged where moment == "diverged": throw Killed()
      case .warning(let text) where moment == "warning" && text.contains(" diverged at step "): throw Killed()
      case .dropped where moment == "dropped": throw Killed()
      case .dropped: isDropped = true
      case .step(let step) where isDropped && step.model == "tiny": first.control.stop(.saving)
      default: break
      }
    }
    if moment == "stop" {
      #expect(try await first.train("parts", recorder) == .stopped)
    } else {
      await #expect(throws: Killed.self) { try await first.train("parts", recorder) }
    }
    let resumed = EventRecorder()
    #expect(try await Bench(bench).train("parts", resumes: true, resumed) == .finished)
    #expect(try bench.outcome("parts") == bench.outcome("whole"))
    #expect(try values(bench.run("parts"), "wild") == values(bench.run("whole"), "wild"))
    #expect(try bench.run("parts").checkpoints(of: "wild").divergence() == divergence)
    #expect(try bench.run("parts").checkpoints(of: "wild").steps == bench.run("whole").checkpoints(of: "wild").steps)
    #expect(drops(resumed) == [.dropped(model: "wild", epoch: divergence.epoch, step: divergence.step)])
    #expect(steps(of: "wild", in: resumed).isEmpty == (moment != "diverged"))
    let lines = try String(contentsOfFile: bench.run("parts").eventsFile, encoding: .utf8).split(separator: "\n")
    #expect(lines.filter { $0.contains("\"event\":\"diverged\"") }.count == 1)
    #expect(lines.filter { $0.contains("\"event\":\"step\",\"model\":\"wild\"") }.count == divergence.step)
  }

  /// One update an epoch, which overflows: only the evaluation shows it.
  @Test func aModelMayDivergeInItsEvaluation() async throws {
    var bench = try bench(1e18)
    bench.recipe.batchSize = 20
    try await alone(bench).train("alone")
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .finished)
    #expect(try bench.outcome("run") == bench.outcome("alone"))
    let store = bench.run("run").checkpoints(of: "wild")
    #expect(try store.divergence() == Divergence(epoch: 0, step: 1, cause: .evaluation))
    #expect(try store.steps.isEmpty && steps(of: "wild", in: recorder) == [1])
    // The evaluation that shows why stays in the log of a resumed run.
    let resumed = Bench(bench)
    try await resumed.train("run", resumes: true)
    #expect(try values(bench.run("run"), "wild").contains { $0.hasPrefix("eval/loss 0 ") })
  }

  @Test func gradientsEndAModelToo() async throws {
    var bench = try bench(0.05)
    bench.networks = [tinyNetwork(), overflowingNetwork()]
    try await alone(bench).train("alone")
    #expect(try await bench.train("run") == .finished)
    #expect(try bench.outcome("run") == bench.outcome("alone"))
    let divergence = try bench.run("run").checkpoints(of: "overflowing").divergence()
    #expect(divergence == Divergence(epoch: 0, step: 1, cause: .gradients))
  }

  /// The run ends when the last one does, long before its epochs do.
  @Test func aRunWithoutAnyModelLeftHasDiverged() async throws {
    var bench = try bench(1e30)
    bench.rates["tiny"] = 1e30
    bench.recipe.epochs = 1000
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .diverged)
    #expect(drops(recorder).count == 2 && recorder.steps.count < 10)
    let resumed = EventRecorder()
    #expect(try await Bench(bench).train("run", resumes: true, resumed) == .diverged)
    #expect(resumed.steps.isEmpty && drops(resumed).count == 2)
  }

  /// The forecast is that of the models that are left.
  @Test func theTimeLeftExcludesIt() async throws {
    var bench = try bench(1e30, wildFirst: true)
    bench.recipe.checkpointInterval = 100
    bench.clock = RunClock(seconds: Ticks(each: 1).next, wallTime: { 0 })
    let recorder = EventRecorder()
    try await bench.train("run", recorder)
    var only = alone(bench)
    only.clock = RunClock(seconds: Ticks(each: 1).next, wallTime: { 0 })
    let expected = EventRecorder()
    try await only.train("alone", expected)
    let left = recorder.steps.filter { $0.model == "tiny" }.compactMap(\.secondsLeft)
    #expect(left == expected.steps.compactMap(\.secondsLeft) && left.count > 8)
  }

  /// A damaged file is no missing one: without it the model would be trained on, and its curves cut.
  @Test(arguments: [
    "", "{\"format\":2,\"epoch\":0,\"step\":1,\"cause\":\"loss\"}", "{\"format\":1,\"epoch\":0,\"step\":-1,\"cause\":\"loss\"}",
  ])
  func aDivergenceThatCannotBeReadEndsTheResume(text: String) async throws {
    let bench = try bench(1e30)
    try await bench.train("run")
    let file = bench.run("run").checkpoints(of: "wild").divergenceFile
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    let before = try values(bench.run("run"), "wild")
    let error = await #expect(throws: DivergenceError.self) { try await Bench(bench).train("run", resumes: true) }
    #expect(error?.path == file)
    #expect(try values(bench.run("run"), "wild") == before)
  }

  @Test func withoutItsFileAModelIsTrainedOn() async throws {
    let bench = try bench(1e30)
    try await bench.train("run")
    try FileManager.default.removeItem(atPath: bench.run("run").checkpoints(of: "wild").divergenceFile)
    let resumed = EventRecorder()
    try await Bench(bench).train("run", resumes: true, resumed)
    #expect(!steps(of: "wild", in: resumed).isEmpty && drops(resumed).count == 1)
  }
}
