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
    RunClock(seconds: { [seconds] in seconds() - stopped.seconds }, wallTime: wallTime)
  }

  public static let system = RunClock(
    seconds: { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }, wallTime: { Date().timeIntervalSince1970 })
}
