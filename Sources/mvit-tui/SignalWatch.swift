import Foundation
import TrainingEvents

/// Lets SIGINT and SIGTERM end a run after a checkpoint. They arrive through an event source, not a handler.
///
/// The first asks for the checkpoint; a second changes nothing, lest an impatient key press costs the work since the last
/// one; a third ends at once, and the checkpoint before is whole. A lost terminal (SIGHUP) ends nothing.
final class SignalWatch {
  private let sources: [any DispatchSourceSignal]

  init(_ control: RunControl) {
    signal(SIGHUP, SIG_IGN)
    let queue = DispatchQueue(label: "signals")
    let counter = Counter()
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        counter.count += 1
        control.stop(.signal(number))
        switch counter.count {
        case 1: StandardStreams.complain("stopping after this step, with a checkpoint")
        case 2: StandardStreams.complain("still at it; another signal ends at once and loses the work since the last checkpoint")
        default: _exit(128 + number)
        }
      }
      source.activate()
      return source
    }
  }

  deinit { for source in sources { source.cancel() } }

  /// Touched on the queue only.
  private final class Counter: @unchecked Sendable { var count = 0 }
}
