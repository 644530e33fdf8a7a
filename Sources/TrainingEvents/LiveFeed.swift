import Foundation

/// Carries a run to a screen: every event, and the newest of each insight. Neither side waits for the other.
///
/// The trainer puts events and insights in, from its thread; the screen takes them out when it likes, from its own. A
/// screen that has gone detaches, and nothing is kept from then on.
public final class LiveFeed: TrainingEventSink, @unchecked Sendable {  // every member is guarded by `lock`
  /// An event and when it happened, in seconds since 1970.
  public struct Entry: Sendable {
    public var time: Double
    public var event: TrainingEvent

    public init(time: Double, event: TrainingEvent) {
      self.time = time
      self.event = event
    }
  }

  private struct Place: Hashable {
    var kind: TrainingInsight.Kind
    var model: String?
  }

  private let lock = NSLock()
  private let clock: @Sendable () -> Double
  private var entries: [Entry] = []
  private var insights: [Place: TrainingInsight] = [:]
  private var order: [Place] = []
  private var wanted: Set<TrainingInsight.Kind> = [.costs, .data, .step, .predictions]
  private var lastMade: [Place: Double] = [:]
  private var isDetached = false
  private let wake: @Sendable () -> Void

  /// Seconds between two insights of a kind and model.
  private static let interval = 1.0
  /// The same for pictures of a batch that nobody looks at yet, so that there are some for who comes late.
  private static let unseenInterval = 20.0

  /// - Parameters:
  ///   - clock: seconds since 1970.
  ///   - wake: called when something was put into an empty feed, on the trainer's thread: it must not block.
  public init(clock: @escaping @Sendable () -> Double, wake: @escaping @Sendable () -> Void = {}) {
    self.clock = clock
    self.wake = wake
  }

  // MARK: The trainer's side

  public func receive(_ event: TrainingEvent) {
    let time = clock()
    put { entries.append(Entry(time: time, event: event)) }
  }

  /// Whether an insight of this kind is worth making now: somebody looks, or may soon, and the last one is old enough.
  public func wants(_ kind: TrainingInsight.Kind, of model: String?) -> Bool {
    let time = clock()
    return lock.withLock {
      guard !isDetached, wanted.contains(kind) || kind == .batch else { return false }
      let interval = wanted.contains(kind) ? Self.interval : Self.unseenInterval
      return lastMade[Place(kind: kind, model: model)].map { time - $0 >= interval || time < $0 } ?? true
    }
  }

  public func publish(_ insight: TrainingInsight) {
    let time = clock()
    put {
      let place = Place(kind: insight.kind, model: insight.model)
      lastMade[place] = time
      if insights.updateValue(insight, forKey: place) == nil { order.append(place) }
    }
  }

  private func put(_ body: () -> Void) {
    let wasEmpty = lock.withLock {
      guard !isDetached else { return false }
      let wasEmpty = entries.isEmpty && insights.isEmpty
      body()
      return wasEmpty
    }
    if wasEmpty { wake() }
  }

  // MARK: The screen's side

  /// Everything since the last call.
  public func take() -> (entries: [Entry], insights: [TrainingInsight]) {
    lock.withLock {
      let result = (entries, order.compactMap { insights[$0] })
      entries = []
      insights = [:]
      order = []
      return result
    }
  }

  /// Says which pictures are looked at: others need not be made.
  public func want(_ kinds: Set<TrainingInsight.Kind>) { lock.withLock { wanted = kinds } }

  /// Nobody looks any more.
  public func detach() {
    lock.withLock {
      isDetached = true
      entries = []
      insights = [:]
      order = []
    }
  }
}
