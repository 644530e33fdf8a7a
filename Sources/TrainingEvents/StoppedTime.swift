import Foundation

/// How long the process was stopped (Ctrl-Z, SIGSTOP, a frozen container): time in which nothing was done, told from a beat that
/// failed to come.
///
/// Nothing says when a stop begins, and whoever goes on first must know of it: so anybody who asks finds out by himself. Any
/// thread may ask, and one that does nothing else must, every `interval` seconds.
public final class StoppedTime: @unchecked Sendable {  // every variable is guarded by `lock`
  /// Seconds between two beats.
  public static let interval = 0.2
  /// The shortest time without a beat that is a stop: a thread that only looks at the clock waits for no processor so long.
  public static let shortest = 1.0

  private let lock = NSLock()
  private var total = 0.0
  private var lastBeat: Double?
  private var lastStop = 0.0..<0.0
  private let onStop: @Sendable (_ seconds: Double) -> Void

  /// - Parameter onStop: told of each stop before anybody else can ask for it: it must neither block nor ask itself.
  public init(onStop: @escaping @Sendable (_ seconds: Double) -> Void = { _ in }) { self.onStop = onStop }

  /// Seconds of all stops until `time`, which is of a clock that goes on meanwhile.
  public func seconds(at time: Double) -> Double {
    lock.withLock {
      defer { lastBeat = max(lastBeat ?? time, time) }
      // Who looked at the clock before the stop may ask after another has found out.
      if time < lastStop.upperBound { return total - (lastStop.upperBound - lastStop.lowerBound) }
      guard let lastBeat, time - lastBeat >= Self.shortest else { return total }
      // The next beat was due by then, had there been no stop.
      let stop = time - lastBeat - Self.interval
      total += stop
      lastStop = time - stop..<time
      onStop(stop)
      return total
    }
  }
}
