/// Takes every event of a run, in order, on the trainer's thread.
///
/// A sink that cannot do its work throws, and the run ends: a log with holes would be worse than none. What only looks at
/// the run and may miss things (a dashboard) looks through a `LiveFeed`, which never refuses.
public protocol TrainingEventSink: AnyObject {
  func receive(_ event: TrainingEvent) throws
  /// What was received so far must survive the end of this process, and with `durably` that of the machine.
  func flush(durably: Bool) throws
}

extension TrainingEventSink {
  public func flush(durably: Bool) throws {}
}

/// Hands every event to every sink, in the order in which they were added.
public final class EventBus {
  private var sinks: [any TrainingEventSink]

  public init(_ sinks: [any TrainingEventSink] = []) { self.sinks = sinks }

  public func add(_ sink: any TrainingEventSink) { sinks.append(sink) }

  /// Takes out the sinks that `isUnwanted` names; they get nothing from here on.
  public func remove(where isUnwanted: (any TrainingEventSink) -> Bool) { sinks.removeAll(where: isUnwanted) }

  /// All sinks get the event even if one of them fails.
  ///
  /// - Throws: the first failure.
  public func send(_ event: TrainingEvent) throws { try all { try $0.receive(event) } }

  public func flush(durably: Bool) throws { try all { try $0.flush(durably: durably) } }

  private func all(_ body: (any TrainingEventSink) throws -> Void) throws {
    var failure: (any Error)?
    for sink in sinks {
      do { try body(sink) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }
}
