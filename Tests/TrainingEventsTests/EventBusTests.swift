import Testing
import TrainingEvents

private final class Recorder: TrainingEventSink {
  struct Refusal: Error, Equatable { let name: String }

  var events: [TrainingEvent] = []
  var flushes: [Bool] = []
  let failing: String?

  init(failing: String? = nil) { self.failing = failing }

  func receive(_ event: TrainingEvent) throws {
    events.append(event)
    if let failing { throw Refusal(name: failing) }
  }

  func flush(durably: Bool) throws { flushes.append(durably) }
}

@Suite struct EventBusTests {
  @Test func everySinkGetsEveryEventInOrder() throws {
    let (first, second) = (Recorder(), Recorder())
    let bus = EventBus([first])
    bus.add(second)
    try bus.send(.notice("a"))
    try bus.send(.state(.training))
    try bus.flush(durably: true)
    #expect(first.events == [.notice("a"), .state(.training)])
    #expect(second.events == first.events)
    #expect(first.flushes == [true] && second.flushes == [true])
  }

  @Test func aFailureReachesTheSenderAfterAllSinksHadTheEvent() {
    let (failing, later) = (Recorder(failing: "a"), Recorder(failing: "b"))
    let bus = EventBus([failing, later])
    #expect(throws: Recorder.Refusal(name: "a")) { try bus.send(.end(.finished)) }
    #expect(later.events == [.end(.finished)])
  }
}
