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
  ///
  /// Who asks for the wall time finds out about a stop too, so that it is known before what comes after it.
  public func leavingOut(_ stopped: StoppedTime) -> RunClock {
    let now: @Sendable () -> Double = { [seconds] in
      let now = seconds()
      return now - stopped.seconds(at: now)
    }
    return RunClock(
      seconds: now,
      wallTime: { [wallTime] in
        _ = now()
        return wallTime()
      })
  }

  /// The system's clock without the time that the process is stopped from now on; a thread keeps its beat until the process ends.
  ///
  /// - Parameter onStop: told for how many seconds the process was stopped, before any time after that is told: it must neither
  ///   block nor ask the clock.
  public static func atWork(onStop: @escaping @Sendable (_ seconds: Double) -> Void = { _ in }) -> RunClock {
    let clock = system.leavingOut(StoppedTime(processorTime: processorTime, onStop: onStop))
    let thread = Thread {
      while true {
        _ = clock.seconds()
        Thread.sleep(forTimeInterval: StoppedTime.interval)
      }
    }
    thread.name = "beat"
    thread.start()
    return clock
  }

  public static let system = RunClock(
    seconds: { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }, wallTime: { Date().timeIntervalSince1970 })

  /// Seconds that this process's threads have used processors for, taken together.
  @Sendable private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
