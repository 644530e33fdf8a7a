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

  @Test func aClockLeavesOutTimeInWhichTheProcessWasStopped() {
    let stopped = StoppedTime()
    let ticks = Ticks(each: 10)
    let clock = RunClock(seconds: ticks.next, wallTime: { 7 }).leavingOut(stopped)
    let first = clock.seconds()
    stopped.add(8)
    #expect(clock.seconds() - first == 2)
    #expect(clock.seconds() - first == 12 && clock.wallTime() == 7)
  }
}
