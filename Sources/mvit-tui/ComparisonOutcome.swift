import Configuration
import Dashboard
import Files
import Foundation
import Reports
import RunHistory
import SystemText
import Training
import TrainingEvents

/// What a run leaves for people: a page in its folder, and lines for the ordinary screen. Made of the run's own files, so that it
/// covers all sessions.
struct ComparisonOutcome {
  private let model: DashboardModel
  private let run: StoredRun
  private let state: String
  /// What keeps a log from being read to its end.
  let problems: [String]

  /// - Parameters:
  ///   - costs: of the networks, as far as they are known.
  ///   - dropped: models that diverged and ended alone, and where.
  ///   - target: the evaluation accuracy that the table gives the time to.
  ///   - state: how the run stands, in words.
  ///   - end: of the session that just ended; nil without one.
  init(
    _ run: StoredRun, costs: [ModelCosts], dropped: [(name: String, divergence: Divergence)], target: Double, state: String,
    end: EndReason? = nil
  ) {
    self.run = run
    self.state = state
    var settings = DashboardSettings()
    settings.targetAccuracy = target
    var model = DashboardModel(mode: .training, settings: settings, place: run.folder.path)
    let logs = run.loggedSoFar()
    problems = logs.flatMap(\.problems)
    _ = model.update(.found(run.names))
    _ = model.update(.logs(logs))
    _ = model.update(.insights(costs.map(TrainingInsight.costs)))
    let drops = dropped.map { TrainingEvent.dropped(model: $0.name, epoch: $0.divergence.epoch, step: $0.divergence.step) }
    let now = Date().timeIntervalSince1970
    _ = model.update(.events((drops + (end.map { [.end($0)] } ?? [])).map { LiveFeed.Entry(time: now, event: $0) }))
    self.model = model
  }

  /// The outcome of a session that this process trained.
  ///
  /// - Throws: `DivergenceError`.
  init(_ run: StoredRun, costs: [ModelCosts], end: EndReason, target: Double) throws {
    let state = end == .finished ? "all epochs done" : "ended early: \(end.label)"
    self.init(run, costs: costs, dropped: try run.dropped(), target: target, state: state, end: end)
  }

  /// A line for each model, and the table.
  var summary: [String] { model.summary }

  /// Writes the page.
  ///
  /// - Returns: where it lies.
  /// - Throws: `FileSystemError`; `DivergenceError`, `CheckpointError` for a run whose state cannot be read.
  func writeReport() throws -> String {
    let path = run.folder.reportFile
    try DurableFile.write(path, bytes: Array(try report.html.utf8))
    return path
  }

  private var report: ComparisonReport {
    get throws {
      let confusions = run.names.compactMap { name -> ComparisonReport.Confusion? in
        do {
          guard let stored = try PredictionsFile(path: run.folder.predictionsFile(of: name)).read(), let counts = stored.counts else {
            return nil
          }
          return ComparisonReport.Confusion(model: name, epoch: stored.epoch, classes: stored.classes, counts: counts)
        } catch {
          // The rest of the page does not depend on it.
          StandardStreams.complain("the report has no confusion matrix of \(name): \(error)")
          return nil
        }
      }
      let formatter = DateFormatter()
      formatter.locale = Locale(identifier: "en_US_POSIX")
      formatter.dateFormat = "yyyy-MM-dd HH:mm"
      let name = SystemPath.name(of: SystemPath.absolute(run.folder.path))
      let count = run.names.count
      return ComparisonReport(
        title: count == 1 ? "Run \(name)" : "Comparison \(name)",
        facts: [formatter.string(from: Date()), count == 1 ? run.names[0] : "\(count) models", state], history: model.history,
        target: model.settings.targetAccuracy, confusions: confusions, settings: run.settings, mark: try run.mark())
    }
  }

  /// Whether the run's folder holds a report of the run as it is now.
  ///
  /// - Throws: `DivergenceError`, `CheckpointError`.
  static func isReported(_ run: StoredRun) throws -> Bool {
    guard let bytes = try FileSystem.read(run.folder.reportFile, atMost: 1 << 30) else { return false }
    let page = Data(bytes)
    return page.prefix(ComparisonReport.markWithin).range(of: Data(ComparisonReport.markElement(try run.mark()).utf8)) != nil
  }
}

extension StoredRun {
  /// Models that diverged and ended while the others were trained on.
  ///
  /// - Throws: `DivergenceError`.
  func dropped() throws -> [(name: String, divergence: Divergence)] {
    try names.compactMap { name in try folder.checkpoints(of: name).divergence().map { (name, $0) } }
  }
}
