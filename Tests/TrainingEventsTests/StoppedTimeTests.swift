import Testing
import TrainingEvents

@Suite struct StoppedTimeTests {
  /// The clocks and what was told, as a process has them that computes on two processors unless it is said otherwise.
  private final class Bench: @unchecked Sendable {  // one thread
    var now = 100.0
    var processorTime = 50.0
    var stops: [Double] = []
    lazy var stopped = StoppedTime(processorTime: { self.processorTime }, onStop: { self.stops.append($0) })

    init() { beat() }

    func beat() { _ = stopped.seconds(at: now) }

    func pass(_ seconds: Double, processors: Double = 2) {
      now += seconds
      processorTime += seconds * processors
    }

    /// Works for a second, with a beat as often as there should be one.
    func work() {
      for _ in 0..<5 {
        pass(StoppedTime.interval)
        beat()
      }
    }
  }

  /// Work goes on until the stop, which nobody sees begin, and after it.
  @Test func aBeatThatFailsToComeIsAStopWhereNothingWasDone() {
    let bench = Bench()
    bench.work()
    bench.pass(0.15)
    bench.pass(1.2, processors: 0)
    bench.pass(0.05)
    #expect(abs(bench.stopped.seconds(at: bench.now) - 1.2) < 1e-9 && bench.stops.count == 1)
  }

  @Test(arguments: [(2, 1.1), (1, 1.1), (0.5, 2), (0.3, 30)])
  func aBeatThatIsLateWhileOthersWorkIsNone(processors: Double, seconds: Double) {
    let bench = Bench()
    bench.work()
    bench.pass(seconds, processors: processors)
    #expect(bench.stopped.seconds(at: bench.now) == 0 && bench.stops.isEmpty)
  }

  /// Of many processors a fifth of a second is much processor time: the stop is seen all the same.
  @Test func aStopIsSeenOnAnyNumberOfProcessors() {
    let bench = Bench()
    for _ in 0..<5 {
      bench.pass(StoppedTime.interval, processors: 64)
      bench.beat()
    }
    bench.pass(0.19, processors: 64)
    bench.pass(1.5, processors: 0)
    bench.beat()
    #expect(bench.stops.count == 1)
  }

  /// Time read before, during and after a stop, but asked for when another has found out of it: it stands still and never goes back.
  @Test func timeAtWorkNeverGoesBack() {
    let bench = Bench()
    bench.pass(50, processors: 0)
    bench.beat()
    let first = bench.now
    bench.work()
    bench.pass(10, processors: 0)
    bench.beat()
    let atWork = stride(from: first, through: bench.now + 0.55, by: 0.1).map { $0 - bench.stopped.seconds(at: $0) }
    #expect(zip(atWork, atWork.dropFirst()).allSatisfy { $0 <= $1 + 1e-9 }, "\(atWork)")
    // 1 s of work, a beat that was due, and what came after.
    #expect(abs(atWork.last! - atWork[0] - 1.7) < 1e-9 && bench.stops.count == 2)
  }
}
