import Foundation
import Testing
import TrainingEvents

@Suite struct RunControlTests {
  @Test func requestsAreObeyedInTheOrderOfTheirWeight() {
    let control = RunControl()
    #expect(control.next() == .proceed)
    control.pause()
    control.saveCheckpoint()
    #expect(control.next() == .checkpoint)
    #expect(control.next() == .pause)
    control.stop(.signal(2))
    control.saveCheckpoint()
    #expect(control.next() == .stop(.signal(2)))
    #expect(control.next() == .stop(.signal(2)))
  }

  @Test func theFirstStopStandsUnlessItWouldLoseWork() {
    let control = RunControl()
    control.stop(.discarding)
    control.stop(.signal(15))
    control.stop(.discarding)
    control.stop(.saving)
    #expect(control.next() == .stop(.signal(15)))
    #expect(control.isStopping)
  }

  @Test func pausesAndResumes() {
    let control = RunControl()
    control.pause()
    #expect(control.isPaused && control.next() == .pause)
    control.resume()
    #expect(!control.isPaused && control.next() == .proceed)
  }

  @Test func aRunThatIsNotPausedDoesNotWait() { RunControl().waitWhilePaused() }

  /// Each request wakes a paused trainer. The waiting thread answers through a semaphore; a lost wake-up hangs the test.
  @Test(arguments: ["resume", "save", "stop"])
  func everyRequestWakesAPausedTrainer(request: String) {
    let control = RunControl()
    control.pause()
    let waiting = DispatchSemaphore(value: 0)
    let woken = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      waiting.signal()
      control.waitWhilePaused()
      woken.signal()
    }
    waiting.wait()
    switch request {
    case "resume": control.resume()
    case "save": control.saveCheckpoint()
    default: control.stop(.saving)
    }
    woken.wait()
    switch request {
    case "resume": #expect(control.next() == .proceed)
    case "save": #expect(control.next() == .checkpoint && control.next() == .pause)
    default: #expect(control.next() == .stop(.saving))
    }
  }
}
