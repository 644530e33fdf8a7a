import Testing
import Training
import TrainingEvents

@Suite struct RunForecastTests {
  @Test func aFirstStepTellsNothing() {
    var forecast = RunForecast()
    #expect(forecast.secondsLeft(trainImages: 100, evaluationImages: 10) == nil)
    forecast.addStep(seconds: 60, images: 8)
    #expect(forecast.secondsLeft(trainImages: 100, evaluationImages: 10) == nil)
    for _ in 0..<10 { forecast.addStep(seconds: 2, images: 8) }
    #expect(abs(forecast.secondsLeft(trainImages: 100, evaluationImages: 0)! - 25) < 1e-9)
  }

  @Test func anEvaluationCountsAThirdOfTrainingUntilOneWasSeen() {
    var forecast = RunForecast()
    for _ in 0..<10 { forecast.addStep(seconds: 2, images: 8) }
    #expect(abs(forecast.secondsLeft(trainImages: 0, evaluationImages: 120)! - 10) < 1e-9)
    forecast.addEvaluation(seconds: 6, images: 120)
    #expect(abs(forecast.secondsLeft(trainImages: 80, evaluationImages: 240)! - 32) < 1e-9)
  }

  @Test func itFollowsAMachineThatGetsBusier() {
    var forecast = RunForecast()
    for _ in 0..<1000 { forecast.addStep(seconds: 1, images: 1) }
    for _ in 0..<300 { forecast.addStep(seconds: 3, images: 1) }
    #expect(abs(forecast.secondsLeft(trainImages: 100, evaluationImages: 0)! - 300) < 2)
  }

  @Test func aStepThatTookLessThanNoTimeTookNone() {
    var forecast = RunForecast()
    for seconds in [1.0, -100, -100] { forecast.addStep(seconds: seconds, images: 8) }
    #expect(forecast.secondsLeft(trainImages: 100, evaluationImages: 10) == 0)
  }

  /// Whoever looks first, the beat or who measures his work, finds out; nobody's time ever runs backwards.
  @Test func aClockLeavesOutTimeInWhichTheProcessWasStopped() {
    final class Stops: @unchecked Sendable { var all: [Double] = [] }  // one thread
    final class Time: @unchecked Sendable { var now = 100.0 }  // one thread
    let (time, stops) = (Time(), Stops())
    let stopped = StoppedTime(processorTime: { 0 }, onStop: { stops.all.append($0) })
    let clock = RunClock(seconds: { time.now }, wallTime: { 7 }).leavingOut(stopped)
    let first = clock.seconds()
    for now in [100.2, 100.4, 101.3, 101.5, 101.7] {
      time.now = now
      #expect(clock.seconds() - first == now - 100)
    }
    // Stopped between two looks of the beat.
    time.now = 111.7
    #expect(abs(clock.seconds() - first - 1.9) < 1e-9)
    time.now = 111.9
    #expect(abs(stopped.seconds(at: 111.9) - 9.8) < 1e-9)
    #expect(abs(clock.seconds() - first - 2.1) < 1e-9)
    // One who looked at the clock before a stop asks after it.
    #expect(abs(stopped.seconds(at: 116.9) - 14.6) < 1e-9 && abs(stopped.seconds(at: 111.95) - 9.8) < 1e-9)
    #expect(abs(stopped.seconds(at: 117) - 14.6) < 1e-9)
    #expect(stops.all.count == 2 && abs(stops.all[0] - 9.8) < 1e-9 && abs(stops.all[1] - 4.8) < 1e-9 && clock.wallTime() == 7)
    // Who asks for the wall time finds out as well.
    time.now = 127
    #expect(clock.wallTime() == 7 && stops.all.count == 3)
  }
}
