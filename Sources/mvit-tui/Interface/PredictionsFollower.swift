import Dashboard
import Files
import Foundation
import Names
import RunHistory
import Training
import TrainingEvents

/// Reads the predictions that runs of this program keep beside their logs, and reads them again when they are replaced.
struct PredictionsFollower {
  private var seen: [Name: Version] = [:]

  private enum Version: Equatable {
    case missing, unreadable
    case present(FileSystem.Status)

    init(_ path: String) {
      do { self = try FileSystem.status(path).map(Version.present) ?? .missing } catch { self = .unreadable }
    }
  }

  /// What was not there at the last call.
  ///
  /// - Parameter logs: names and folders; `RUN/scalars/MODEL` may have `RUN/predictions/MODEL.json`.
  mutating func news(of logs: [(name: String, folder: String)]) -> [DashboardMessage] {
    logs.compactMap { name, folder in
      guard let (run, model) = RunFolder.ofLog(folder) else { return nil }
      let path = run.predictionsFile(of: model)
      // Asked before it is read: what is replaced in between is read again. The same version is not read again, so that a file that
      // makes no sense is reported once.
      let version = Version(path)
      guard seen[Name(path)] ?? .missing != version else { return nil }
      seen[Name(path)] = version
      guard version != .missing else { return nil }
      return DashboardMessage(storedPredictions: path, of: name)
        ?? .line(
          History.Line(
            time: Date().timeIntervalSince1970, kind: .warning,
            text: "\(path) cannot be read as predictions of a run; it is ignored until it is written anew"))
    }
  }
}

extension DashboardMessage {
  /// - Parameter name: the model's or its log's.
  /// - Returns: nil where there is no such file; a warning for one that cannot be read.
  init?(storedPredictions path: String, of name: String) {
    do {
      guard let stored = try PredictionsFile(path: path).read(), let counts = stored.counts else { return nil }
      self = .predictions(PredictionReport(model: name, epoch: stored.epoch, counts: counts, mistakes: []), classes: stored.classes)
    } catch {
      self = .line(.init(time: Date().timeIntervalSince1970, kind: .warning, text: "\(error)"))
    }
  }
}
