import Dashboard
import Foundation
import Names
import RunHistory
import Training
import TrainingEvents

/// Tells the dashboard which of the watched models diverged and ended while others of their runs train on: the logs alone do not say so.
struct DivergenceFollower {
  private var told: Set<Name> = []

  /// What was not known at the last call.
  ///
  /// - Parameter logs: names and folders; `RUN/scalars/MODEL` may have `RUN/checkpoints/MODEL/diverged.json`.
  mutating func news(of logs: [(name: String, folder: String)]) -> [DashboardMessage] {
    logs.flatMap { name, folder -> [DashboardMessage] in
      guard !told.contains(Name(name)), let (run, model) = RunFolder.ofLog(folder) else { return [] }
      let now = Date().timeIntervalSince1970
      do {
        guard let divergence = try run.checkpoints(of: model).divergence() else { return [] }
        told.insert(Name(name))
        let text = "\(name) diverged at step \(divergence.step) and is not trained further"
        return [
          .events([LiveFeed.Entry(time: now, event: .dropped(model: name, epoch: divergence.epoch, step: divergence.step))]),
          .line(History.Line(time: now, kind: .warning, text: text)),
        ]
      } catch {
        // It stays as it is until somebody mends it; one report is enough.
        told.insert(Name(name))
        return [.line(History.Line(time: now, kind: .warning, text: "\(error)"))]
      }
    }
  }
}
