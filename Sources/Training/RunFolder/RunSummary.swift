import Files
import Foundation

/// What `runs` shows of one model of a run.
public struct RunSummary: Sendable {
  public enum State: String, Sendable {
    case running, finished, stopped, interrupted, diverged, failed
    /// What decides it cannot be read; `problems` has the reason.
    case unreadable
  }

  public let model: String
  public let state: State
  /// Epochs done and wanted, where a checkpoint has them.
  public let epochs: (done: Int, all: Int)?
  public let best: CheckpointState.Best?
  /// When the run was last written; nil where that cannot be read.
  public let date: Date?
  /// The step at which the model diverged and ended while others train on.
  public let droppedAt: Int?
  /// What of the run cannot be read and why, a sentence each.
  public let problems: [String]

  /// Summarises a run; one entry for each model that has checkpoints, or one without if none has.
  ///
  /// What cannot be read is a problem of the entry that it belongs to; the run's own are the first entry's.
  public static func of(_ folder: RunFolder) -> [RunSummary] {
    var problems: [String] = []
    func attempt<Value>(_ body: () throws -> Value) -> Value? {
      do { return try body() } catch {
        problems.append("\(error)")
        return nil
      }
    }
    let isRunning = attempt { try folder.isBeingWritten }
    let last = attempt { try lastReason(folder.eventsFile) }
    let date = attempt {
      try [folder.eventsFile, folder.configurationFile].compactMap { try FileSystem.status($0)?.modified }.max()
    }
    // The list needs nothing of it where there are checkpoints, but `--resume` does.
    let configuration = folder.configurationFile
    if let kind = attempt({ try FileSystem.status(configuration)?.kind }) ?? nil, kind != .file {
      problems.append("\(FileSystemError(.open, configuration, .notAFile(kind)))")
    }
    let models = attempt { try folder.models }
    let state = isRunning == true ? State.running : isRunning == nil ? .unreadable : last ?? .unreadable
    var summaries: [RunSummary] = []
    for model in models ?? [] {
      let own = problems.count
      let dropped = attempt { try folder.checkpoints(of: model).divergence() }.flatMap { $0 }
      guard let checkpoint = attempt({ try newestState(folder.checkpoints(of: model)) }) else {
        summaries.append(RunSummary(model, .unreadable, nil, date, problems: summaries.isEmpty ? problems : Array(problems[own...])))
        continue
      }
      guard checkpoint != nil || dropped != nil else { continue }
      let isOver = isRunning == false && checkpoint?.isFinished == true
      summaries.append(
        RunSummary(
          model, dropped != nil ? .diverged : isOver ? .finished : state, checkpoint, date, droppedAt: dropped?.step,
          problems: summaries.isEmpty ? problems : Array(problems[own...])))
    }
    guard summaries.isEmpty else { return summaries }
    return [RunSummary("", models == nil ? .unreadable : state, nil, date, problems: problems)]
  }

  private init(_ model: String, _ state: State, _ checkpoint: CheckpointState?, _ date: Double??, droppedAt: Int? = nil, problems: [String])
  {
    self.droppedAt = droppedAt
    self.model = model
    self.state = state
    epochs = checkpoint.map { ($0.position.epoch, $0.epochs) }
    best = checkpoint?.best
    self.date = date.flatMap { $0 }.map { Date(timeIntervalSince1970: $0) }
    self.problems = problems
  }

  /// The state of the checkpoint that a resume would begin with; nil if there is none.
  private static func newestState(_ store: CheckpointStore) throws -> CheckpointState? {
    while true {
      let step = try store.resumeStep
      do {
        return try store.checkpointToResume()?.state
      } catch {
        // A writer may have replaced and pruned the checkpoint while it was read.
        if try store.resumeStep == step { throw error }
      }
    }
  }

  /// A run whose last event is no end was killed.
  private static func lastReason(_ eventsFile: String) throws -> State {
    struct Line: Decodable {
      let event: String
      let reason: String?
    }
    guard let status = try FileSystem.status(eventsFile) else { return .interrupted }
    // It may grow while it is read.
    let tail = try OpenFile(eventsFile, .reading).bytes(from: max(0, status.byteCount - 4096), atMost: 1 << 20)
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
}
