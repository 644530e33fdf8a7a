import Foundation
import ImageData
import TestImages
import Testing
import Training

/// What is passed over is told.
@Suite struct SkippedImagesTests {
  /// Damaged within, where a look at the header finds nothing.
  private func damage(_ path: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for index in 60..<120 { bytes[index] ^= 0xFF }
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  @Test func imagesThatBreakWhileEvaluatingAreWarnedOfOnce() async throws {
    var bench = try Bench()
    bench.recipe.skipsBrokenImages = true
    let path = bench.folder.path + "/data/eval/down/4.png"
    try damage(path)
    let recorder = EventRecorder()
    #expect(try await bench.train("run", recorder) == .finished)
    #expect(recorder.evaluations.count == 3)
    #expect(recorder.warnings.filter { $0.hasPrefix("passed over \(path): ") }.count == 1)
  }

  @Test func anEvaluationOfNothingIsNone() async throws {
    var bench = try Bench(evalImages: 1)
    bench.recipe.skipsBrokenImages = true
    for sample in bench.images.evaluation { try damage(sample.path) }
    let recorder = EventRecorder()
    let error = await #expect(throws: NothingToEvaluateError.self) { try await Bench(bench).train("run", recorder) }
    #expect(error?.skipped.map(\.path) == bench.images.evaluation.map(\.path))
    // What was learned in the epoch before it is kept.
    #expect(recorder.evaluations.isEmpty && recorder.checkpoints.map(\.step) == [4])
  }

  @Test func filesThatAreNoImagesAreTold() async throws {
    var bench = try Bench()
    for name in ["eval/down/list.csv", "train/across/notes.txt"] {
      try Data("a".utf8).write(to: URL(fileURLWithPath: bench.images.path + "/" + name))
    }
    bench = Bench(bench, scanningAgain: true)
    let recorder = EventRecorder()
    try await bench.train("run", recorder)
    #expect(recorder.notices.contains { $0.contains("not used: 2 files that are no images (train/across/notes.txt, ...)") })
  }
}
