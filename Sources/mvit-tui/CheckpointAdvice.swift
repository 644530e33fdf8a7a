import CProcess
import SystemText
import Training
import TrainingEvents

/// Names the last checkpoints in the sentence that a lack of memory or threads ends the process with.
final class CheckpointAdvice: TrainingEventSink {
  private let folder: RunFolder
  /// By model, in the order in which they came.
  private var paths: [(model: String, path: String)] = []

  init(_ folder: RunFolder) { self.folder = folder }

  func receive(_ event: TrainingEvent) {
    switch event {
    case .begin(let run) where run.resumedAtStep > 0:
      note(run.model, folder.checkpoints(of: run.model).path(ofStep: run.resumedAtStep))
    case .checkpoint(let checkpoint): note(checkpoint.model, checkpoint.path)
    default: break
    }
  }

  private func note(_ model: String, _ path: String) {
    paths.removeAll { $0.model == model }
    paths.append((model, path))
    let list = paths.map(\.path.plainLine).joined(separator: " and ")
    cprocess_set_advice("the last checkpoint is \(list), and --resume continues there")
  }
}
