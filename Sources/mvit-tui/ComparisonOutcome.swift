import Configuration
import Dashboard
import Files
import Foundation
import Reports
import RunHistory
import Training
import TrainingEvents

/// What a comparison leaves at its end: a page in the run's folder, and lines for the ordinary screen. Made of the run's own
/// files, so that it tells of all sessions.
struct ComparisonOutcome {
  private let model: DashboardModel
  private let plan: RunPlan
  private let reason: EndReason

  /// - Parameter costs: of the networks, as the trainer found them.
  init(_ plan: RunPlan, costs: [ModelCosts], reason: EndReason, target: Double) {
    self.plan = plan
    self.reason = reason
    var settings = DashboardSettings()
    settings.targetAccuracy = target
    var model = DashboardModel(mode: .training, settings: settings, place: plan.folder.path)
    _ = model.update(.logs(plan.loggedSoFar()))
    _ = model.update(.insights(costs.map(TrainingInsight.costs)))
    _ = model.update(.events([LiveFeed.Entry(time: Date().timeIntervalSince1970, event: .end(reason))]))
    self.model = model
  }

  /// A line for each model, and the table.
  var summary: [String] { model.summary }

  /// Writes the page.
  ///
  /// - Returns: where it lies.
  /// - Throws: `FileSystemError`.
  func writeReport() throws -> String {
    let path = plan.folder.reportFile
    try DurableFile.write(path, bytes: Array(report.html.utf8))
    return path
  }

  private var report: ComparisonReport {
    let confusions = plan.names.compactMap { name -> ComparisonReport.Confusion? in
      do {
        guard let stored = try PredictionsFile(path: plan.folder.predictionsFile(of: name)).read(), let counts = stored.counts else {
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
    let name = URL(fileURLWithPath: plan.folder.path).lastPathComponent
    let how = reason == .finished ? "all epochs done" : "ended early: \(reason.label)"
    return ComparisonReport(
      title: "Comparison \(name)", facts: [formatter.string(from: Date()), "\(plan.names.count) models", how], history: model.history,
      target: model.settings.targetAccuracy, confusions: confusions, settings: plan.settings)
  }
}
