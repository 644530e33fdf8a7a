import Foundation

/// How long the process was stopped (Ctrl-Z, SIGSTOP, a frozen container): time in which nothing was done, told from a beat that
/// failed to come.
///
/// Nothing says when a stop begins, and whoever goes on first must know of it: so anybody who asks finds out by himself. Any
/// thread may ask, and one that does nothing else must, every `interval` seconds.
///
/// A beat may fail to come while others work: a container that is throttled, a thread that waits for its pages. So a gap is a
/// stop only where the process hardly used a processor in it. What is assumed is that whoever measures work computes; a process
/// that only waits, for a disk that does not answer, looks like one that is stopped. Stops shorter than `shortest` count as work.
public final class StoppedTime: @unchecked Sendable {  // every variable is guarded by `lock`
  /// Seconds between two beats.
  public static let interval = 0.2
  /// The shortest time without a beat that may be a stop: a thread that only looks at the clock seldom waits so long.
  public static let shortest = 1.0
  /// Processor seconds for each second of a gap from which on it was work.
  private static let work = 0.25

  /// A look at both clocks.
  private struct Beat {
    var time: Double
    var processorTime: Double
  }

  private let lock = NSLock()
  private var total = 0.0
  private var last: Beat?
  private var lastStop = 0.0..<0.0
  /// Where the last stretch began in which it was measured how many processors are used.
  private var mark: Beat?
  /// The most processors that were used over an interval.
  private var processors = 0.0
  private let processorTime: @Sendable () -> Double
  private let onStop: @Sendable (_ seconds: Double) -> Void

  /// - Parameters:
  ///   - processorTime: seconds that the process's threads have used processors for, taken together.
  ///   - onStop: told of each stop before anybody else can ask for it: it must neither block nor ask itself.
  public init(processorTime: @escaping @Sendable () -> Double, onStop: @escaping @Sendable (_ seconds: Double) -> Void = { _ in }) {
    self.processorTime = processorTime
    self.onStop = onStop
  }

  /// Seconds of all stops until `time`, which is of a clock that goes on meanwhile.
  public func seconds(at time: Double) -> Double {
    lock.withLock {
      // Who looked at the clock before or during the stop may ask after another has found out.
      guard time >= lastStop.upperBound else { return total - max(0, lastStop.upperBound - max(time, lastStop.lowerBound)) }
      let beat = Beat(time: time, processorTime: processorTime())
      defer { note(beat) }
      guard let last, time - last.time >= Self.shortest, isStop(from: last, to: beat) else { return total }
      // The next beat was due by then, had there been no stop.
      let stop = time - last.time - Self.interval
      total += stop
      lastStop = time - stop..<time
      onStop(stop)
      return total
    }
  }

  /// Until the beat that was due the process may have worked as hard as it ever did.
  private func isStop(from last: Beat, to beat: Beat) -> Bool {
    let used = beat.processorTime - last.processorTime - processors * Self.interval
    return used < Self.work * (beat.time - last.time)
  }

  private func note(_ beat: Beat) {
    if beat.time > last?.time ?? -.infinity { last = beat }
    guard let mark else { return self.mark = beat }
    let stretch = beat.time - mark.time
    guard stretch >= Self.interval else { return }
    processors = max(processors, (beat.processorTime - mark.processorTime) / stretch)
    self.mark = beat
  }
}
