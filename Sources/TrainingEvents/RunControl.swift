import Foundation

/// The only way into a running trainer: requests from keys and signals, which it obeys between two steps.
///
/// Any thread may ask. A paused trainer sleeps on a condition until something is asked of it; nobody polls.
public final class RunControl: @unchecked Sendable {  // every member is guarded by `condition`
  /// How a run is to end.
  public enum Stop: Sendable, Hashable {
    /// Save a checkpoint, then end.
    case saving
    /// End at once; the last checkpoint stays the last.
    case discarding
    /// Save a checkpoint, then end as this signal asks.
    case signal(Int32)
  }

  /// What the trainer is to do before its next step.
  public enum Instruction: Sendable, Hashable {
    case proceed
    /// Save a checkpoint and ask again.
    case checkpoint
    /// Call `waitWhilePaused` and ask again.
    case pause
    case stop(Stop)
  }

  private let condition = NSCondition()
  private var paused = false
  private var checkpointRequested = false
  private var stopRequest: Stop?

  public init() {}

  public func pause() { change { paused = true } }
  public func resume() { change { paused = false } }
  /// Asks for a checkpoint; a paused run saves it and stays paused.
  public func saveCheckpoint() { change { checkpointRequested = true } }
  /// Asks for the end. The first request stands, but `discarding` yields to one that saves.
  public func stop(_ stop: Stop) {
    change { if stopRequest == nil || stopRequest == .discarding { stopRequest = stop } }
  }

  public var isPaused: Bool { read { paused } }
  public var isStopping: Bool { read { stopRequest != nil } }
  /// What a run that has not begun ends with when it is asked to stop; nil while nobody asks.
  public var stopReason: EndReason? { read { stopRequest.map(EndReason.init) } }

  /// What to do next; a request for a checkpoint is taken by being told. A stop comes first, then a checkpoint.
  public func next() -> Instruction {
    change {
      if let stopRequest { return .stop(stopRequest) }
      if checkpointRequested {
        checkpointRequested = false
        return .checkpoint
      }
      return paused ? .pause : .proceed
    }
  }

  /// Sleeps while the run is paused and nothing is asked of it.
  public func waitWhilePaused() {
    condition.lock()
    defer { condition.unlock() }
    while paused && !checkpointRequested && stopRequest == nil { condition.wait() }
  }

  private func change<Result>(_ body: () -> Result) -> Result {
    condition.lock()
    defer {
      condition.broadcast()
      condition.unlock()
    }
    return body()
  }

  private func read<Result>(_ body: () -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return body()
  }
}
