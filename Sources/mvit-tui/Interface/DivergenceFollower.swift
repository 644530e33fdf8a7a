import Dashboard
import Foundation
import Names
import RunHistory
import Training
import TrainingEvents

/// Reports to the dashboard which watched models diverged and ended while others of their runs train on; the logs do not record it.
struct DivergenceFollower {
  private var reported: Set<Name> = []

  /// What was not known at the last call.
  ///
  /// - Parameter logs: names and folders; `RUN/scalars/MODEL` may have `RUN/checkpoints/MODEL/diverged.json`.
  mutating func news(of logs: [(name: String, folder: String)]) -> [DashboardMessage] {
    logs.flatMap { name, folder -> [DashboardMessage] in
      guard !reported.contains(Name(name)), let (run, model) = RunFolder.ofLog(folder) else { return [] }
      let now = Date().timeIntervalSince1970
      do {
        guard let divergence = try run.checkpoints(of: model).divergence() else { return [] }
        reported.insert(Name(name))
        let text = "\(name) diverged at step \(divergence.step) and is not trained further"
        return [
          .events([LiveFeed.Entry(time: now, event: .dropped(model: name, epoch: divergence.epoch, step: divergence.step))]),
          .line(History.Line(time: now, kind: .warning, text: text)),
        ]
      } catch {
        // The file stays damaged until its owner repairs it; one report is enough.
        reported.insert(Name(name))
        return [.line(History.Line(time: now, kind: .warning, text: "\(error)"))]
      }
    }
  }
}
