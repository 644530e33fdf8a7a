import Configuration
import NumberFormats
import SystemText
import Training
import TrainingEvents

/// The last lines of a run: its folder, its best accuracy, and the next commands.
struct RunEnding {
  private let folder: RunFolder
  private let end: EndReason
  private let summaries: [RunSummary]
  private let isComparison: Bool
  /// The folder of images, as it was given; nil where it holds no test part.
  private let testData: String?
  /// Flags of the command line that a resume needs again, as the run's folder does not have them.
  private let unrecorded: String
  /// Whether the folder holds a run. A run that ends while its images are checked has none.
  let hasRun: Bool

  /// - Parameters:
  ///   - data: the images of the run; nil if it ended before they were accepted.
  ///   - given: the settings of the command line.
  init(_ run: StoredRun, end: EndReason, data: TrainingData?, given: Settings) {
    folder = run.folder
    self.end = end
    summaries = RunSummary.of(run.folder)
    isComparison = run.names.count > 1
    // A test part that a folder given by --train-dir has is not looked for.
    testData = data?.folder.test.isEmpty == false ? given.data ?? run.configuration.data : nil
    // The images' new place is recorded once they are known to be the run's.
    unrecorded = data == nil ? Self.placeFlags(given) : ""
    // A folder that cannot be examined is named, so that its user can look.
    do { hasRun = try run.folder.holdsRun } catch { hasRun = true }
  }

  /// The run's folder with the best accuracy.
  var place: String {
    guard hasRun else { return "no run was begun" }
    let best = RunSummary.best(of: summaries).flatMap { summary in
      summary.best.map { "\(NumberFormat.fixed(4).text(Double($0.accuracy))) (\(summary.model), epoch \($0.epoch + 1))" }
    }
    return "the run is in \(folder.path); " + (best.map { "best accuracy \($0)" } ?? "no evaluation made a best checkpoint")
  }

  /// Commands, each on a line; none without a run, and where it diverged or failed.
  var next: [String] {
    guard hasRun else { return [] }
    let run = folder.path.shellPath
    switch end {
    case .finished:
      let model = isComparison ? RunSummary.best(of: summaries).map { " --model \($0.model.shellQuoted)" } ?? "" : ""
      let test = testData.map { ["  mvit-tui evaluate --run \(run)\(model) --data \($0.shellPath) --part test"] } ?? []
      return ["next:"] + test + [
        "  mvit-tui predict --run \(run)\(model) IMAGE...", "  mvit-tui watch \(run)", "  mvit-tui report \(run)",
      ]
    case .stopped, .signal:
      return ["next:", "  mvit-tui \(isComparison ? "compare" : "train") --run \(run) --resume\(unrecorded)"]
    case .diverged, .failed: return []
    }
  }

  private static func placeFlags(_ given: Settings) -> String {
    let table = SettingTable.shared
    let places: [any SettingEntry] = [table.data, table.trainDir, table.evalDir]
    let paths = places.compactMap { entry in given.value(of: entry).map { " --\(entry.name) \($0.description.shellPath)" } }
    return paths.joined() + (given.acceptChangedData ? " --\(InvocationTable.shared.acceptChangedData.name)" : "")
  }
}
