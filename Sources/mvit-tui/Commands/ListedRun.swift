import Files
import Foundation
import SystemText
import Training
import TrainingEvents

/// A run as `runs --json` writes it: the run's figures, and those of each of its models.
struct ListedRun {
  private let folder: RunFolder
  private let models: [RunSummary]
  /// Names of what the run trains, as its configuration has them; empty where that cannot be read.
  private let names: [String]
  private var faults: [String] = []

  /// - Parameters:
  ///   - names: of what the run trains.
  ///   - faults: found while the configuration was read.
  init(_ folder: RunFolder, names: [String], faults: [String]) {
    self.folder = folder
    self.names = names
    models = RunSummary.of(folder)
    for fault in models.flatMap(\.problems) + faults where !self.faults.contains(fault) { self.faults.append(fault) }
  }

  /// The object without a newline. A key whose value is not known is absent.
  var line: String {
    var faults = faults
    func attempt<Value>(_ body: () throws -> Value?) -> Value? {
      do { return try body() } catch {
        faults.append("\(error)")
        return nil
      }
    }
    var line = JSONLine()
    line.add("path", folder.path)
    line.add("state", (attempt { try state } ?? .unreadable).rawValue)
    let known = models.filter { !$0.model.isEmpty }
    line.add("models", names.isEmpty ? known.map(\.model) : names)
    if let best = RunSummary.best(of: known) {
      best.addBest(to: &line)
      line.add("best_model", best.model)
    }
    if let epochs = progress.epochs {
      line.add("epochs_done", epochs.done)
      line.add("epochs", epochs.all)
    }
    if let step = models.compactMap(\.step).max() { line.add("step", step) }
    if let began = attempt({ try FileSystem.status(folder.configurationFile)?.modified }) { line.add("began", Self.text(began)) }
    if let changed = models.first?.date { line.add("changed", Self.text(changed.timeIntervalSince1970)) }
    if let bytes = attempt({ try FileSystem.byteCount(below: folder.path) }) { line.add("bytes", bytes) }
    line.add(
      "by_model",
      known.map { summary in
        let bytes = attempt { try FileSystem.byteCount(below: folder.checkpoints(of: summary.model).folder) }
        return summary.object(checkpointBytes: bytes)
      })
    line.add("faults", faults)
    return line.text
  }

  /// A folder of which nothing is known but why.
  static func unreadable(_ path: String, _ error: any Error) -> String {
    var line = JSONLine()
    line.add("path", path)
    line.add("error", "\(error)")
    return line.text
  }

  private var progress: RunProgress { RunProgress(models, names: names) }

  /// The run's state. A run that a process writes is running, a fault comes before an end, and a model that diverged alone ends no run.
  ///
  /// - Throws: `FileSystemError`
  private var state: RunSummary.State {
    get throws {
      if try folder.isBeingWritten { return .running }
      if progress.isDropped { return .diverged }
      let states = models.filter { $0.droppedAt == nil }.map(\.state)
      for state in [RunSummary.State.running, .damaged, .unreadable] where states.contains(state) { return state }
      if let state = states.first(where: { $0 != .finished }) { return state }
      let begun = Set(models.map(\.model))
      // Without a checkpoint a model has no state but the run's.
      return try names.allSatisfy(begun.contains) && !states.isEmpty ? .finished : EventsEnd(of: folder.eventsFile).state
    }
  }

  /// `2026-01-02T03:04:05Z`.
  private static func text(_ seconds: Double) -> String {
    Date(timeIntervalSince1970: seconds.rounded(.down)).formatted(.iso8601)
  }
}

extension RunSummary {
  fileprivate func addBest(to line: inout JSONLine) {
    guard let best else { return }
    line.add("best_accuracy", best.accuracy)
    line.add("best_epoch", best.epoch)
    line.add("best_step", best.step)
  }

  fileprivate func object(checkpointBytes: Int?) -> JSONLine {
    var line = JSONLine()
    line.add("model", model)
    line.add("state", droppedAt == nil ? state.rawValue : State.diverged.rawValue)
    addBest(to: &line)
    if let epochs {
      line.add("epochs_done", epochs.done)
      line.add("epochs", epochs.all)
    }
    if let step { line.add("step", step) }
    if let droppedAt { line.add("diverged_at_step", droppedAt) }
    if let checkpointBytes { line.add("checkpoint_bytes", checkpointBytes) }
    return line
  }
}
