import Foundation
import ImageData
import TestImages
import Testing
import Training
import TrainingEvents

@Suite struct InsightTests {
  /// 13 images at most 6 at a time: batches of 5, 4 and 4, each size with a plan of its own. All of them count.
  @Test func everyBatchIsInTheTimesOfSteps() async throws {
    let folder = try TestFolder()
    let data = try folder.makeDataSet(train: 7, eval: 2, size: 16)
    try FileManager.default.removeItem(atPath: data + "/train/down/6.png")
    var bench = try Bench()
    bench = Bench(folder: folder, images: try ImageFolder(scanning: data, seed: 1), recipe: bench.recipe)
    // A step looks at the clock so often that it takes 5 ticks, of which the passes take 1.
    bench.clock = RunClock(seconds: Ticks(each: 1).next, wallTime: { 0 })
    // Breakdowns are made a second apart, and a look at this clock takes two: one for every step.
    let feed = LiveFeed(clock: Ticks(each: 2).next)
    let seen = Breakdowns()
    let recorder = EventRecorder { _ in seen.take(from: feed) }
    let run = bench.run("run")
    let lock = try run.open(resuming: false)
    defer { withExtendedLifetime(lock) {} }
    let trainer = Trainer(bench.job("run", resumes: false), control: bench.control, feed: feed)
    #expect(try await trainer.run { [recorder] } == .finished)
    seen.take(from: feed)
    #expect(seen.all.map(\.step) == Array(1...9))
    #expect(seen.all.allSatisfy { $0.total == 5 && $0.data == 1 && $0.update == 1 })
    #expect(seen.all.allSatisfy { $0.layers.map(\.layer) == seen.all[0].layers.map(\.layer) && $0.forward > 0 })
  }

  /// A matrix grows with the square of the classes, and of so many nobody could make anything out.
  @Test(arguments: [1000, 1001]) func predictionsAreKeptForAThousandClasses(classes: Int) async throws {
    let folder = try TestFolder()
    let data = try folder.makeDataSet(classes: (0..<classes).map(String.init), train: 1, eval: 1, size: 8)
    var bench = try Bench()
    bench = Bench(folder: folder, images: try ImageFolder(scanning: data, seed: 1), recipe: bench.recipe)
    bench.recipe.epochs = 1
    bench.recipe.batchSize = 100
    bench.recipe.imageSize = 8
    bench.networks = [tinyNetwork(classes: classes)]
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .finished)
    #expect(recorder.evaluations.count == 1)
    let predictions = PredictionsFile(path: bench.run("run").predictionsFile(of: "tiny")).read()
    #expect(predictions?.confusion.count == (classes == 1000 ? 1000 : nil))
    #expect(recorder.notices.contains { $0.contains("no confusion matrix") } == (classes > 1000))
  }

  private final class Breakdowns: @unchecked Sendable {  // used by the trainer's thread, then by the test
    private(set) var all: [StepBreakdown] = []

    func take(from feed: LiveFeed) {
      all += feed.take().insights.compactMap { if case .step(let breakdown) = $0 { breakdown } else { nil } }
    }
  }
}
