import Files
import Foundation
import ImageData
import ScalarLogs
import Testing
import Training
import TrainingEvents
import WeightFiles

@Suite struct TrainerTests {
  @Test func eventsComeInOrderAndLogsHoldTheSame() async throws {
    let bench = try Bench()
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .finished)
    #expect(recorder.steps.map(\.step) == Array(1...12))
    #expect(recorder.steps.map(\.epoch) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    #expect(recorder.evaluations.map(\.epoch) == [0, 1, 2])
    #expect(recorder.evaluations.map(\.step) == [4, 8, 12])
    #expect(recorder.events.last == .end(.finished))
    #expect(recorder.checkpoints.filter { $0.kind == .latest }.map(\.step) == [4, 8, 12])

    let records = try ScalarLogReader(ScalarLog(.visualDL, folder: bench.run("run").scalarsFolder(of: "tiny"), name: ".")).read()
    func curve(_ tag: String) -> [(step: Int, value: Float)] { records.filter { $0.tag == tag }.map { ($0.step, $0.value) } }
    #expect(curve("train/loss").elementsEqual(recorder.steps.map { ($0.step, $0.loss) }, by: ==))
    #expect(curve("train/acc").elementsEqual(recorder.steps.map { ($0.step, $0.accuracy) }, by: ==))
    #expect(curve("train/lr").elementsEqual(recorder.steps.map { ($0.step, $0.learningRate) }, by: ==))
    #expect(curve("train/images_per_second").elementsEqual(recorder.steps.map { ($0.step, $0.imagesPerSecond) }, by: ==))
    #expect(curve("eval/loss").elementsEqual(recorder.evaluations.map { ($0.epoch, $0.loss) }, by: ==))
    #expect(curve("eval/acc").elementsEqual(recorder.evaluations.map { ($0.epoch, $0.accuracy) }, by: ==))

    let lines = try String(contentsOfFile: bench.run("run").eventsFile, encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(lines == recorder.events.compactMap(\.jsonLine))
    #expect(recorder.notices.first?.contains("20 images to train on and 12 to evaluate in 2 classes") == true)
  }

  @Test func itLearns() async throws {
    var bench = try Bench()
    bench.recipe.epochs = 12
    let recorder = EventRecorder()
    try await bench.train("run", recorder)
    #expect((recorder.steps.first?.loss ?? 0) > 0.5)
    #expect((recorder.evaluations.last?.accuracy ?? 0) > 0.9)
  }

  @Test func theScheduleIsWhatTheStepsGet() async throws {
    var bench = try Bench()
    bench.recipe.warmupSteps = 3
    let recorder = EventRecorder()
    try await bench.train("run", recorder)
    let rates = recorder.steps.map(\.learningRate)
    #expect(rates[0] == Float(0.05 / 4) && rates[2] == Float(0.05 * 3 / 4) && rates[3] == Float(0.05))
    #expect(rates[11] < rates[10] && rates[11] > 0)
  }

  @Test func evaluationsMayBeRarer() async throws {
    var bench = try Bench()
    bench.recipe.evaluationInterval = 2
    let recorder = EventRecorder()
    try await bench.train("run", recorder)
    #expect(recorder.evaluations.map(\.epoch) == [1, 2])
  }

  /// The batch that ends an epoch may consist of nothing but images that turned out broken; the epoch ends all the same.
  @Test func aLastBatchOfBrokenImagesEndsItsEpoch() async throws {
    var bench = try Bench()
    bench.recipe.epochs = 2
    bench.recipe.batchSize = 10
    bench.recipe.shuffles = false
    bench.recipe.skipsBrokenImages = true
    let last = bench.images.training.suffix(10).map(\.path)
    for path in last { try Data(Data(contentsOf: URL(fileURLWithPath: path)).prefix(200)).write(to: URL(fileURLWithPath: path)) }
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .finished)
    #expect(recorder.steps.map(\.epoch) == [0, 1])
    #expect(recorder.evaluations.map(\.epoch) == [0, 1])
    #expect(last.allSatisfy { path in recorder.warnings.contains { $0.contains(path) } })
  }

  /// `best` follows the evaluations that rise above all before, and above the threshold.
  @Test(arguments: [Float(0), 0.6, 1])
  func bestFollowsTheAccuracy(threshold: Float) async throws {
    var bench = try Bench()
    bench.recipe.epochs = 8
    bench.recipe.bestAbove = threshold
    let recorder = EventRecorder()
    try await bench.train("run", recorder)
    var best = threshold
    var expected: [Int] = []
    for evaluation in recorder.evaluations where evaluation.accuracy > best {
      best = evaluation.accuracy
      expected.append(evaluation.step)
    }
    #expect(recorder.checkpoints.filter { $0.kind == .best }.map(\.step) == expected)
    #expect(recorder.evaluations.filter(\.isBest).map(\.step) == expected)
    #expect(try bench.run("run").checkpoints(of: "tiny").step(of: .best) == expected.last)
    #expect(threshold == 1 || !expected.isEmpty)
  }

  @Test func pausingChangesNothing() async throws {
    let bench = try Bench()
    try await bench.train("whole")
    let paused = Bench(bench)
    let control = paused.control
    let recorder = EventRecorder { event in
      if case .step(let step) = event, step.step == 3 { control.pause() }
      // Told on the trainer's thread before it sleeps; whoever resumes it is another.
      if event == .state(.paused) { Thread.detachNewThread { control.resume() } }
    }
    #expect(try await paused.train("paused", recorder) == .finished)
    #expect(recorder.events.contains(.state(.paused)))
    #expect(try bench.outcome("paused") == bench.outcome("whole"))
  }

  @Test func aPausedRunSavesAndStops() async throws {
    let bench = try Bench()
    let control = bench.control
    let recorder = EventRecorder { event in
      if case .step(let step) = event, step.step == 3 { control.pause() }
      if event == .state(.paused) { Thread.detachNewThread { control.saveCheckpoint() } }
      if case .checkpoint = event { Thread.detachNewThread { control.stop(.discarding) } }
    }
    #expect(try await bench.train("run", recorder) == .stopped)
    #expect(recorder.steps.count == 3)
    #expect(try bench.run("run").checkpoints(of: "tiny").step(of: .latest) == 3)
  }

  @Test func discardingKeepsTheCheckpointBefore() async throws {
    let bench = try Bench()
    let recorder = EventRecorder { if case .step(let step) = $0, step.step == 6 { bench.control.stop(.discarding) } }
    #expect(try await bench.train("run", recorder) == .stopped)
    #expect(try bench.run("run").checkpoints(of: "tiny").step(of: .latest) == 4)
    #expect(recorder.events.last == .end(.stopped))
  }

  @Test func checkpointsComeByStepsOrByTheMinute() async throws {
    var bySteps = try Bench()
    bySteps.recipe.checkpointInterval = 3
    let counted = EventRecorder()
    try await bySteps.train("steps", counted)
    #expect(counted.checkpoints.filter { $0.kind == .latest }.map(\.step) == [3, 4, 7, 8, 11, 12])

    var byTime = Bench(bySteps)
    byTime.recipe.checkpointInterval = nil
    // Each look at the clock takes 4 s: six for a step, one to ask whether a checkpoint is due, one when it is written.
    let ticks = Ticks(each: 4)
    byTime.clock = RunClock(seconds: ticks.next, wallTime: { 1_800_000_000 })
    let timed = EventRecorder()
    try await byTime.train("time", timed)
    let steps = timed.checkpoints.filter { $0.kind == .latest }.map(\.step)
    #expect(Set(steps).isSuperset(of: [4, 8, 12]) && steps.count > 3 && steps.count < 12)
  }

  @Test func aLossThatIsNotFiniteStopsTheRun() async throws {
    var bench = try Bench()
    bench.recipe.schedule = .constant
    bench.recipe.learningRate = 1e30
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .diverged)
    let last = try #require(recorder.steps.last)
    #expect(!last.loss.isFinite)
    #expect(recorder.events.contains(.diverged(model: "tiny", epoch: 0, step: last.step)))
    #expect(recorder.warnings.last?.contains("the last good checkpoint is none") == true)
    let line = try String(contentsOfFile: bench.run("run").eventsFile, encoding: .utf8).split(separator: "\n").first {
      $0.contains("\"diverged\":true")
    }
    #expect(line?.contains("\"loss\":null") == true)
    let records = try ScalarLogReader(ScalarLog(.visualDL, folder: bench.run("run").scalarsFolder(of: "tiny"), name: ".")).read()
    #expect(records.last { $0.tag == "train/loss" }?.value.isFinite == false)
  }

  @Test func itsLastGoodCheckpointIsNamedAndKept() async throws {
    var bench = try Bench()
    try await Bench(bench).train("good", EventRecorder { _ in })
    bench.recipe.schedule = .constant
    bench.recipe.learningRate = 1e30
    bench.recipe.checkpointInterval = 1
    let recorder = EventRecorder()
    try await bench.train("run", recorder)
    let store = bench.run("run").checkpoints(of: "tiny")
    let step = try #require(try store.step(of: .latest))
    #expect(step < recorder.steps.count)
    #expect(recorder.warnings.last?.hasSuffix("the last good checkpoint is \(store.path(ofStep: step))") == true)
    for tensor in try SafetensorsFile(path: store.path(ofStep: step) + "/model.safetensors").tensors where tensor.type == .float32 {
      #expect(try SafetensorsFile(path: store.path(ofStep: step) + "/model.safetensors").floats(tensor.name).allSatisfy(\.isFinite))
    }
  }

  @Test func goingOnPassesTheBatchOver() async throws {
    var bench = try Bench()
    bench.recipe.schedule = .constant
    bench.recipe.learningRate = 1e30
    bench.recipe.onNonFinite = .skip
    let recorder = EventRecorder()
    // The first update ruins the weights for good, and the run says so when it has done all its steps.
    #expect(try await bench.train("run", recorder) == .diverged)
    #expect(recorder.steps.count == 12)
    #expect(recorder.steps.dropFirst().allSatisfy { !$0.loss.isFinite })
    #expect(recorder.warnings.count { $0.hasSuffix("; the batch is passed over") } == 11)
  }

  /// Weights so large that the loss is finite but a gradient is not: stepping with it would end everything.
  @Test(arguments: [true, false]) func gradientsThatAreNotFiniteAreNoStep(stops: Bool) async throws {
    var bench = try Bench()
    bench.networks = [overflowingNetwork()]
    bench.recipe.onNonFinite = stops ? .stop : .skip
    let recorder = EventRecorder()
    let reason = try await bench.train("run", recorder)
    #expect(recorder.steps.allSatisfy { $0.loss.isFinite })
    #expect(recorder.steps.count == (stops ? 1 : 12))
    #expect(reason == (stops ? .diverged : .finished))
    #expect(recorder.events.contains(.diverged(model: "overflowing", epoch: 0, step: 1)))
    if !stops {
      let state = try Checkpoint(reading: bench.run("run").checkpoints(of: "overflowing").folder + "/latest").state
      #expect(state.step == 12 && state.optimizerSteps == 0)
    }
    #expect(recorder.warnings.contains { $0.hasPrefix("gradients of overflowing are not finite numbers at step 1; ") })
  }

  /// One update per epoch, which overflows: the evaluation after it shows it, whatever the accuracy.
  @Test func anEvaluationThatIsNotFiniteStopsTheRunAndIsNeverTheBest() async throws {
    var bench = try Bench()
    bench.recipe.schedule = .constant
    bench.recipe.learningRate = 1e18
    bench.recipe.batchSize = 20
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .diverged)
    #expect(recorder.steps.count == 1 && recorder.steps[0].loss.isFinite)
    let evaluation = try #require(recorder.evaluations.last)
    #expect(!evaluation.loss.isFinite && !evaluation.isBest)
    #expect(try bench.run("run").checkpoints(of: "tiny").steps.isEmpty)
    #expect(recorder.warnings.last?.hasPrefix("the evaluation loss of tiny is NaN at step 1; the last good checkpoint is none") == true)
  }

  @Test func aRunThatGoesOnWithLostWeightsIsNotDone() async throws {
    var bench = try Bench()
    bench.recipe.schedule = .constant
    bench.recipe.learningRate = 1e18
    bench.recipe.batchSize = 20
    bench.recipe.onNonFinite = .skip
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .diverged)
    #expect(recorder.steps.count == 3)
    #expect(recorder.checkpoints.allSatisfy { $0.kind == .latest })
    #expect(recorder.warnings.last?.hasPrefix("the weights of tiny no longer give finite numbers; ") == true)
  }

  @Test func aSinkThatCannotWriteEndsTheRun() async throws {
    let bench = try Bench()
    let recorder = EventRecorder { if case .step(let step) = $0, step.step == 6 { throw FileSystemError(.write, "x", code: ENOSPC) } }
    await #expect(throws: FileSystemError.self) { try await bench.train("run", recorder) }
    #expect(recorder.events.last == .end(.failed("\(FileSystemError(.write, "x", code: ENOSPC))")))
    #expect(try bench.run("run").checkpoints(of: "tiny").step(of: .latest) == 4)
  }

  @Test func aBrokenImageEndsTheRunOrIsPassedOver() async throws {
    var bench = try Bench()
    let path = bench.folder.path + "/data/train/down/4.png"
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    // Damaged within, where a look at the header finds nothing.
    var broken = data
    for i in 60..<120 { broken[i] ^= 0xFF }
    try broken.write(to: URL(fileURLWithPath: path))
    await #expect(throws: (any Error).self) { try await Bench(bench).train("run") }
    bench.recipe.skipsBrokenImages = true
    let recorder = EventRecorder()
    #expect(try await bench.train("skipping", recorder) == .finished)
    #expect(recorder.warnings.filter { $0.hasPrefix("passed over \(path)") }.count == 1)
  }

  /// Two good batches, then a broken image: what was learned is kept, and the run goes on without the image if so asked.
  @Test func aBrokenImageCostsNoStep() async throws {
    var bench = try Bench()
    bench.recipe.shuffles = false
    let path = bench.folder.path + "/data/train/down/4.png"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for i in 60..<120 { bytes[i] ^= 0xFF }
    try bytes.write(to: URL(fileURLWithPath: path))
    let recorder = EventRecorder()
    await #expect(throws: ImageError.self) { try await Bench(bench).train("run", recorder) }
    #expect(recorder.checkpoints.map(\.step) == [2])
    #expect(recorder.warnings.last?.contains("--resume continues after step 2") == true)
    bench.recipe.skipsBrokenImages = true
    #expect(try await bench.train("run", resumes: true) == .finished)
  }
}

/// A clock that goes on by a fixed amount at each look.
final class Ticks: @unchecked Sendable {  // one thread at a time looks at it
  private let each: Double
  private var now = 0.0

  init(each: Double) { self.each = each }

  @Sendable func next() -> Double {
    now += each
    return now
  }
}
