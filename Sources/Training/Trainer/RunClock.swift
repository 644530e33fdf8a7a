import Foundation
import TrainingEvents

/// The times that a run needs, passed in so that tests can tell them.
public struct RunClock: Sendable {
  /// Seconds that only rise, for durations.
  public var seconds: @Sendable () -> Double
  /// Seconds since 1970, for logs.
  public var wallTime: @Sendable () -> Double

  public init(seconds: @escaping @Sendable () -> Double, wallTime: @escaping @Sendable () -> Double) {
    self.seconds = seconds
    self.wallTime = wallTime
  }

  /// The same without the time that the process was stopped: what is measured by it is work.
  public func leavingOut(_ stopped: StoppedTime) -> RunClock {
    RunClock(
      seconds: { [seconds] in
        let now = seconds()
        return now - stopped.seconds(at: now)
      }, wallTime: wallTime)
  }

  /// Looks at the clock, over and over until the process ends, so that `stopped` learns of every stop.
  public func keepBeat(of stopped: StoppedTime) {
    let thread = Thread { [seconds] in
      while true {
        _ = stopped.seconds(at: seconds())
        Thread.sleep(forTimeInterval: StoppedTime.interval)
      }
    }
    thread.name = "beat"
    thread.start()
  }

  public static let system = RunClock(
    seconds: { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }, wallTime: { Date().timeIntervalSince1970 })
}
