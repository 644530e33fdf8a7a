import Dashboard
import Foundation
import Names
import RunHistory
import Training
import TrainingEvents

/// Reads the predictions that runs of this program keep beside their logs, and reads them again when they are replaced.
struct PredictionsFollower {
  private var seen: [Name: Version] = [:]

  private struct Version: Equatable {
    var inode: UInt64
    var changed: Int
    var size: Int64
  }

  /// What was not there at the last call.
  ///
  /// - Parameter logs: names and folders; `RUN/scalars/MODEL` may have `RUN/predictions/MODEL.json`.
  mutating func news(of logs: [(name: String, folder: String)]) -> [DashboardMessage] {
    logs.compactMap { name, folder in
      guard let (run, model) = RunFolder.ofLog(folder) else { return nil }
      let path = run.predictionsFile(of: model)
      // Asked before it is read: what is replaced in between is read again.
      guard let version = Self.version(path), seen[Name(path)] != version else { return nil }
      seen[Name(path)] = version
      // The same version is not read again, so that a file that makes no sense is reported once.
      return DashboardMessage(storedPredictions: path, of: name)
        ?? .line(
          History.Line(
            time: Date().timeIntervalSince1970, kind: .warning,
            text: "\(path) cannot be read as predictions of a run; it is ignored until it is written anew"))
    }
  }

  /// nil where there is no such file: most logs have none.
  private static func version(_ path: String) -> Version? {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return nil }
    let changed = facts.st_mtim.tv_sec &* 1_000_000_000 &+ facts.st_mtim.tv_nsec
    return Version(inode: UInt64(facts.st_ino), changed: changed, size: Int64(facts.st_size))
  }
}

extension DashboardMessage {
  /// - Parameter name: the model's or its log's.
  /// - Returns: nil where there is no such file, or none that makes sense.
  init?(storedPredictions path: String, of name: String) {
    guard let stored = PredictionsFile(path: path).read(), let counts = stored.counts else { return nil }
    self = .predictions(PredictionReport(model: name, epoch: stored.epoch, counts: counts, mistakes: []), classes: stored.classes)
  }
}
