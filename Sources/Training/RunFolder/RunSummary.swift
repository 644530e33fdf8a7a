import Foundation

/// What `runs` shows of one model of a run.
public struct RunSummary: Sendable {
  public enum State: String, Sendable {
    case running, finished, stopped, interrupted, diverged, failed
  }

  public let model: String
  public let state: State
  /// Epochs done and wanted, where a checkpoint tells.
  public let epochs: (done: Int, all: Int)?
  public let best: CheckpointState.Best?
  /// The step at which the model diverged and ended while others train on.
  public var droppedAt: Int?
  /// When the run was last written.
  public let date: Date

  /// Summarises a run; one entry for each model that has checkpoints, or one without if none has.
  public static func of(_ folder: RunFolder) -> [RunSummary] {
    let isRunning = folder.isBeingWritten
    let last = lastReason(folder.eventsFile)
    let date = [folder.eventsFile, folder.configurationFile].compactMap(modified).max() ?? .distantPast
    let summaries = folder.models.compactMap { model -> RunSummary? in
      let store = folder.checkpoints(of: model)
      // A file that cannot be read must not hide a run from its list; `--resume` reports it.
      let dropped = try? store.divergence()
      guard let step = store.resumeStep, let state = try? Checkpoint(reading: store.path(ofStep: step)).state else {
        return dropped.map { RunSummary(model: model, state: .diverged, epochs: nil, best: nil, droppedAt: $0.step, date: date) }
      }
      if let dropped {
        return RunSummary(
          model: model, state: .diverged, epochs: (state.position.epoch, state.epochs), best: state.best, droppedAt: dropped.step,
          date: date)
      }
      return RunSummary(
        model: model, state: isRunning ? .running : state.isFinished ? .finished : last, epochs: (state.position.epoch, state.epochs),
        best: state.best, date: date)
    }
    return summaries.isEmpty ? [RunSummary(model: "", state: isRunning ? .running : last, epochs: nil, best: nil, date: date)] : summaries
  }

  /// A run whose last event is no end was killed.
  private static func lastReason(_ eventsFile: String) -> State {
    struct Line: Decodable {
      let event: String
      let reason: String?
    }
    guard let handle = FileHandle(forReadingAtPath: eventsFile) else { return .interrupted }
    defer { try? handle.close() }
    let end = (try? handle.seekToEnd()) ?? 0
    try? handle.seek(toOffset: end > 4096 ? end - 4096 : 0)
    let tail = (try? handle.readToEnd()) ?? Data()
    guard let last = tail.split(separator: UInt8(ascii: "\n")).last, let line = try? JSONDecoder().decode(Line.self, from: Data(last)),
      line.event == "end"
    else { return .interrupted }
    switch line.reason {
    case "finished": return .finished
    case "diverged": return .diverged
    case "failed": return .failed
    default: return .stopped
    }
  }

  private static func modified(_ path: String) -> Date? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
  }

}
