import Foundation

/// How long the process was stopped (Ctrl-Z), added up by whoever knows and asked from any thread: time in which nothing was done.
public final class StoppedTime: @unchecked Sendable {  // `total` is guarded by `lock`
  private let lock = NSLock()
  private var total = 0.0

  public init() {}

  public var seconds: Double { lock.withLock { total } }

  public func add(_ seconds: Double) { lock.withLock { total += max(0, seconds) } }
}
