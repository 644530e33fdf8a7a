import Files
import Foundation

/// What `runs` shows of one model of a run.
public struct RunSummary: Sendable {
  public enum State: String, Sendable {
    case running, finished, stopped, interrupted, diverged, failed
    /// A file that decides it makes no sense; `problems` has the reason.
    case damaged
    /// A file that decides it cannot be read; `problems` has the reason.
    case unreadable
  }

  public let model: String
  public let state: State
  /// Epochs done and wanted, where a checkpoint has them.
  public let epochs: (done: Int, all: Int)?
  public let best: CheckpointState.Best?
  /// Updates done, as far as the newest checkpoint and the end of the event log tell; nil where neither does.
  public let step: Int?
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
    var isDamaged = false
    func attempt<Value>(_ body: () throws -> Value) -> Value? {
      do { return try body() } catch {
        isDamaged = error is CheckpointError || error is DivergenceError
        problems.append("\(error)")
        return nil
      }
    }
    let isRunning = attempt { try folder.isBeingWritten }
    let end = attempt { try EventsEnd(of: folder.eventsFile) }
    let date = attempt {
      try [folder.eventsFile, folder.configurationFile].compactMap { try FileSystem.status($0)?.modified }.max()
    }
    // The list needs nothing of it where there are checkpoints, but `--resume` does.
    let configuration = folder.configurationFile
    if let kind = attempt({ try FileSystem.status(configuration)?.kind }) ?? nil, kind != .file {
      problems.append("\(FileSystemError(.open, configuration, .notAFile(kind)))")
    }
    let models = attempt { try folder.models }
    let state = isRunning == true ? State.running : isRunning == nil ? .unreadable : end?.state ?? .unreadable
    var summaries: [RunSummary] = []
    for model in models ?? [] {
      let own = problems.count
      let dropped = attempt { try folder.checkpoints(of: model).divergence() }.flatMap { $0 }
      guard let checkpoint = attempt({ try newestState(folder.checkpoints(of: model)) }) else {
        summaries.append(
          RunSummary(
            model, isDamaged ? .damaged : .unreadable, nil, date, step: end?.steps[model],
            problems: summaries.isEmpty ? problems : Array(problems[own...])))
        continue
      }
      guard checkpoint != nil || dropped != nil else { continue }
      let isOver = isRunning == false && checkpoint?.isFinished == true
      summaries.append(
        RunSummary(
          model, dropped != nil ? .diverged : isOver ? .finished : state, checkpoint, date, step: end?.steps[model],
          droppedAt: dropped?.step, problems: summaries.isEmpty ? problems : Array(problems[own...])))
    }
    guard summaries.isEmpty else { return summaries }
    return [RunSummary("", models == nil ? .unreadable : state, nil, date, step: end?.steps.values.max(), problems: problems)]
  }

  /// The one with the best accuracy, the first of several; nil without an evaluation.
  public static func best(of summaries: [RunSummary]) -> RunSummary? {
    summaries.filter { $0.best != nil }.reduce(nil) { best, next in
      (best?.best?.accuracy ?? -1) >= (next.best?.accuracy ?? 0) ? best : next
    }
  }

  private init(
    _ model: String, _ state: State, _ checkpoint: CheckpointState?, _ date: Double??, step: Int?, droppedAt: Int? = nil, problems: [String]
  ) {
    // The log runs ahead of the checkpoint.
    self.step = [checkpoint?.step, step].compactMap(\.self).max()
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
}
