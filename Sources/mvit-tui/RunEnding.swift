import Configuration
import NumberFormats
import SystemText
import Training
import TrainingEvents

/// What a run's end leaves its user with: where the run lies, how good it is, and what can be done next.
struct RunEnding {
  private let folder: RunFolder
  private let end: EndReason
  private let summaries: [RunSummary]
  private let isComparison: Bool
  /// The folder of images, as it was given; nil where it holds no test part.
  private let testData: String?

  /// - Parameters:
  ///   - data: the images of the run; nil if they were never looked at.
  ///   - given: the settings of the command line.
  init(_ run: StoredRun, end: EndReason, data: TrainingData?, given: Settings) {
    folder = run.folder
    self.end = end
    summaries = RunSummary.of(run.folder)
    isComparison = run.names.count > 1
    // A test part that a folder given by --train-dir has is not looked for.
    testData = data?.folder.test.isEmpty == false ? given.data ?? run.configuration.data : nil
  }

  /// Where the run lies, with the best accuracy.
  var place: String {
    let best = RunSummary.best(of: summaries).flatMap { summary in
      summary.best.map { "\(NumberFormat.fixed(4).text(Double($0.accuracy))) (\(summary.model), epoch \($0.epoch + 1))" }
    }
    return "the run is in \(folder.path); " + (best.map { "best accuracy \($0)" } ?? "no evaluation made a best checkpoint")
  }

  /// Commands, each on a line; none where the run came to no good end.
  var next: [String] {
    let run = folder.path.shellQuoted
    switch end {
    case .finished:
      let model = isComparison ? RunSummary.best(of: summaries).map { " --model \($0.model.shellQuoted)" } ?? "" : ""
      let test = testData.map { ["  mvit-tui evaluate --run \(run)\(model) --data \($0.shellQuoted) --part test"] } ?? []
      return ["next:"] + test + [
        "  mvit-tui predict --run \(run)\(model) IMAGE...", "  mvit-tui watch \(run)", "  mvit-tui report \(run)",
      ]
    case .stopped, .signal: return ["next:", "  mvit-tui \(isComparison ? "compare" : "train") --run \(run) --resume"]
    case .diverged, .failed: return []
    }
  }
}
