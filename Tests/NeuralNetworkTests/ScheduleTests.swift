import Foundation
import NeuralNetwork
import Testing

@Suite struct ScheduleTests {
  @Test func cosineFallsFromBaseToZero() {
    let rate = { Schedule.cosine.learningRate(base: 0.1, step: $0, totalSteps: 100, epochs: 5) }
    #expect(rate(0) == 0.1)
    #expect(abs(rate(50) - 0.05) < 1e-12)
    #expect(rate(100) < 1e-12)
    #expect((0..<99).allSatisfy { rate($0) > rate($0 + 1) })
  }

  /// The tutorial's scheduler: base (1 + cos(pi t / T)) / 2 with T the epochs and t the batches.
  @Test func tutorialSwingsWithTheBatches() {
    let rate = { Schedule.tutorial.learningRate(base: 0.01, step: $0, totalSteps: 1640, epochs: 20) }
    #expect(rate(0) == 0.01)
    #expect(rate(20) < 1e-12)
    #expect(abs(rate(40) - 0.01) < 1e-12)
    #expect(abs(rate(10) - 0.005) < 1e-12)
  }

  @Test func warmUpRisesToTheBase() {
    let rate = { Schedule.cosine.learningRate(base: 1, step: $0, totalSteps: 20, epochs: 1, warmupSteps: 4) }
    #expect((0..<4).map(rate) == [0.2, 0.4, 0.6, 0.8])
    #expect(rate(4) == 1)
    #expect(Schedule.constant.learningRate(base: 1, step: 9, totalSteps: 20, epochs: 1, warmupSteps: 4) == 1)
  }
}
