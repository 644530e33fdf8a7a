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
    let trainer = Trainer(try bench.job("run", resumes: false, lock: lock), control: bench.control, feed: feed)
    #expect(try await trainer.run { [recorder] } == .finished)
    seen.take(from: feed)
    #expect(seen.all.map(\.step) == Array(1...9))
    #expect(seen.all.allSatisfy { $0.total == 5 && $0.data == 1 && $0.update == 1 })
    #expect(seen.all.allSatisfy { $0.layers.map(\.layer) == seen.all[0].layers.map(\.layer) && $0.forward > 0 })
  }

  /// A matrix grows with the square of the classes, and of so many nobody could make anything out: what is wrong is kept by pairs.
  @Test(arguments: [1000, 1001]) func predictionsAreKeptWhateverTheClassesAreMany(classes: Int) async throws {
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
    let predictions = try #require(try PredictionsFile(path: bench.run("run").predictionsFile(of: "tiny")).read())
    #expect(predictions.confusion?.count == (classes == 1000 ? 1000 : nil))
    let counts = try #require(predictions.counts)
    #expect(counts.imageCount == classes && counts.images.allSatisfy { $0 == 1 })
    #expect(Float(counts.rightCount) / Float(classes) == recorder.evaluations[0].accuracy)
    #expect(counts.wrong.values.reduce(counts.rightCount, +) == classes)
    #expect(recorder.notices.contains { $0.contains("in place of a confusion matrix") } == (classes > 1000))
  }

  /// A file that anybody wrote must not make the dashboard count beyond its classes.
  @Test(arguments: [
    (#""confusion":[[1,0],[2,3]]"#, true), (#""confusion":[[1,0]]"#, false), (#""confusion":[[1,0],[2]]"#, false),
    (#""confusion":[[1,0],[2,-3]]"#, false), (#""right":[1,2],"wrong":[[0,1,5]]"#, true), (#""right":[1],"wrong":[]"#, false),
    (#""right":[1,2],"wrong":[[0,2,5]]"#, false), (#""right":[1,2],"wrong":[[-1,0,5]]"#, false), (#""right":[1,2],"wrong":[[0,1]]"#, false),
    (#""right":[1,2]"#, false), (#""right":[0,0],"wrong":[[0,1,0]]"#, false), (#""right":[1,2],"wrong":[[0,1,-1]]"#, false),
    (#""right":[1,2],"wrong":[[0,1,1000000000]]"#, true), (#""right":[1,2],"wrong":[[0,1,1000000001]]"#, false),
  ]) func predictionsOfAStrangeFileAreInBounds(fields: String, isGood: Bool) throws {
    let folder = try TestFolder()
    let path = folder.path + "/m.json"
    try Data(#"{"model":"m","epoch":0,"step":1,"classes":["a","b"],\#(fields)}"#.utf8).write(to: URL(fileURLWithPath: path))
    if isGood {
      #expect(try PredictionsFile(path: path).read()?.counts != nil)
    } else {
      #expect(throws: PredictionsFileError(path: path)) { try PredictionsFile(path: path).read() }
    }
  }

  /// Small images are shown to the pixel; of large ones the pictures are as many bytes as a screen can show.
  @Test(arguments: [(16, 16), (64, 64), (96, 64), (320, 64)]) func picturesFollowTheImageSize(size: Int, side: Int) async throws {
    var bench = try Bench()
    let halves = (0..<16 * 16).flatMap { $0 % 16 < 8 ? [10, 200, 90] : [240, 20, 30] as [UInt8] }
    for sample in bench.images.training { try PNGFile.write(halves, width: 16, height: 16, to: sample.path) }
    bench.recipe.imageSize = size
    bench.recipe.augmentation = .none
    bench.recipe.epochs = 1
    let feed = LiveFeed(clock: { 0 })
    feed.want([.batch])
    let lock = try bench.run("run").open(resuming: false)
    defer { withExtendedLifetime(lock) {} }
    let trainer = Trainer(try bench.job("run", resumes: false, lock: lock), control: bench.control, feed: feed)
    #expect(try await trainer.run() == .finished)
    let batch = try #require(
      feed.take().insights.compactMap { if case .batch(let batch) = $0 { batch } else { nil } }.first)
    #expect(batch.imageSize == size)
    #expect(batch.items.count == batch.batchSize && batch.items.allSatisfy { $0.picture.width == side && $0.picture.height == side })
    for picture in batch.items.map(\.picture) {
      #expect(picture[0, side - 1] == (10, 200, 90) && picture[side / 2 - side / 8, 0] == (10, 200, 90))
      #expect(picture[side - 1, 0] == (240, 20, 30) && picture[side / 2 + side / 8, side - 1] == (240, 20, 30))
    }
  }

  private final class Breakdowns: @unchecked Sendable {  // used by the trainer's thread, then by the test
    private(set) var all: [StepBreakdown] = []

    func take(from feed: LiveFeed) {
      all += feed.take().insights.compactMap { if case .step(let breakdown) = $0 { breakdown } else { nil } }
    }
  }
}
