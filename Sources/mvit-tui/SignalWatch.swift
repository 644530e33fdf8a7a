import CursesTerminal
import Foundation
import TrainingEvents

/// Lets SIGINT and SIGTERM end a run after a checkpoint. They arrive through an event source, not a handler.
///
/// The first asks for the checkpoint; a second changes nothing, lest an impatient key press costs the work since the last
/// one; a third ends at once, and the checkpoint before is whole. When the run is over, the first closes the dashboard that
/// still shows it. A lost terminal (SIGHUP) ends nothing. While the command of `--on-end` runs, a second signal, the run's own included,
/// kills the command.
final class SignalWatch: @unchecked Sendable {  // `last`, `count`, `close` and `kill` are guarded by `lock`
  private let lock = NSLock()
  private var last: Int32?
  private var count = 0
  private var close: (@Sendable () -> Void)?
  private var kill: (@Sendable () -> Void)?
  private let control: RunControl
  private var sources: [any DispatchSourceSignal] = []

  init(_ control: RunControl) {
    self.control = control
    signal(SIGHUP, SIG_IGN)
    let queue = DispatchQueue(label: "signals")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [weak self] in self?.receive(number) }
      source.activate()
      return source
    }
  }

  deinit { for source in sources { source.cancel() } }

  /// The last signal that came; nil if none did.
  var received: Int32? { lock.withLock { last } }

  /// The run is over: from here on a signal, also one that came too late for the trainer, closes what still shows it.
  func runIsOver(_ close: @escaping @Sendable () -> Void) {
    let isLate = lock.withLock { () -> Bool in
      self.close = close
      return last != nil
    }
    if isLate { close() }
  }

  /// A command is waited for; nil: no longer.
  ///
  /// - Parameter kill: ends it at once.
  func waitsForCommand(_ kill: (@Sendable () -> Void)?) { lock.withLock { self.kill = kill } }

  private func receive(_ number: Int32) {
    let (count, close, kill) = lock.withLock { () -> (Int, (@Sendable () -> Void)?, (@Sendable () -> Void)?) in
      last = number
      self.count += 1
      return (self.count, self.close, self.kill)
    }
    control.stop(.signal(number))
    if let kill {
      close?()
      if count >= 2 { return kill() }
      return StandardStreams.complain("the command of --on-end still runs; another signal kills it")
    }
    switch count {
    case 3...:
      TerminalSession.restoreAtOnce()
      _exit(128 + number)
    case _ where close != nil: close?()
    case 1: StandardStreams.complain("stopping after this step, with a checkpoint")
    default: StandardStreams.complain("still at it; another signal ends at once and loses the work since the last checkpoint")
    }
  }
}
