import Foundation
import SystemText
import Training
import TrainingEvents

/// How a run ended, for the command of `--on-end` and for a notification.
struct RunOutcome {
  enum Kind: String { case finished, stopped, failed, diverged }

  let kind: Kind
  let exitCode: Int32
  /// One sentence, fit for a terminal.
  let message: String
  private let run: StoredRun

  /// - Parameter result: why the run ended, or what kept it from its end.
  init(_ run: StoredRun, _ result: Result<EndReason, any Error>, divergence: () throws -> Failure) {
    switch result {
    case .success(.finished): self.init(run, .finished, 0, "all epochs are done")
    case .success(.stopped): self.init(run, .stopped, 0, "stopped as asked")
    case .success(.signal(let number)): self.init(run, .stopped, 128 + number, "stopped by \(EndReason.signal(number).label)")
    case .success(.failed(let sentence)): self.init(run, .failed, Failure(.internal, sentence).code.rawValue, sentence)
    case .success(.diverged):
      let failure = Result { try divergence() }
      switch failure {
      case .success(let failure): self.init(run, .diverged, failure.code.rawValue, failure.sentence)
      case .failure(let error): self.init(run, .diverged, Failure(error).code.rawValue, Failure(error).sentence)
      }
    case .failure(let error):
      let failure = Failure(error)
      self.init(run, .failed, failure.code.rawValue, failure.sentence)
    }
  }

  private init(_ run: StoredRun, _ kind: Kind, _ exitCode: Int32, _ message: String) {
    self.run = run
    self.kind = kind
    self.exitCode = exitCode
    // Longer than that is a list of files; the environment has a limit.
    self.message = String(message.replacing("\n", with: "; ").plainLine.prefix(2000))
  }

  /// Whether nothing was run: a wrong flag or setting.
  var isUsageError: Bool { kind == .failed && exitCode == Failure(.usage, "").code.rawValue }

  /// The environment's variables. All are always there; what is not known is empty.
  var variables: [(name: String, value: String)] {
    let summaries = RunSummary.of(run.folder)
    let best = RunSummary.best(of: summaries)
    return [
      ("MVIT_OUTCOME", kind.rawValue), ("MVIT_EXIT_CODE", "\(exitCode)"), ("MVIT_MESSAGE", message),
      ("MVIT_RUN", SystemPath.absolute(run.folder.path)), ("MVIT_MODELS", run.names.joined(separator: " ")),
      ("MVIT_BEST_ACCURACY", best?.best.map { "\($0.accuracy)" } ?? ""), ("MVIT_BEST_MODEL", best?.model ?? ""),
      ("MVIT_EPOCHS", RunProgress(summaries, names: run.names).epochs.map { "\($0.done)" } ?? ""),
    ]
  }
}
