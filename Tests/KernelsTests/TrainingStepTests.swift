import Foundation
import Kernels
import Testing

/// Loss and updates of every path against the naive oracles.
@Suite struct TrainingStepTests {
  @Test(arguments: KernelSet.available, [2, 3, 10, 16, 100, 1000]) func crossEntropyEqualsTheOracle(_ path: String, _ classes: Int) throws {
    var draws = Draws(seed: 41)
    let images = 5
    let logits = draws.normal(images * classes, deviation: 5)
    let targets = draws.uniform(images * classes, 0...1).map { $0 / Float(classes) }
    let weights: [Float] = [1, 0.5, 2, 0, 1]
    let expected = Reference.crossEntropy(
      classes: classes, logits: logits.doubles, targets: targets.doubles, weights: weights.doubles, normalizer: 4.5)
    let result = try LossRun.crossEntropy(path, classes: classes, logits: logits, targets: targets, weights: weights, normalizer: 4.5)
    expectClose(result.losses, expected.losses, within: 1e-6, "losses")
    expectClose(result.gradient, expected.gradient, within: 2e-6, "gradient")
    #expect(result.predictions.map(Int.init) == expected.predictions)
    let evaluation = try LossRun.crossEntropy(
      path, classes: classes, logits: logits, targets: targets, weights: weights, normalizer: 4.5, wantsGradient: false)
    #expect(evaluation.losses == result.losses)
    #expect(evaluation.gradient.allSatisfy { $0.isNaN }, "no gradient was asked for")
  }

  @Test(arguments: KernelSet.available) func crossEntropyIsStableAndHidesNothing(_ path: String) throws {
    let target: [Float] = [0, 0, 1]
    func loss(_ logits: [Float]) throws -> LossRun {
      try LossRun.crossEntropy(path, classes: 3, logits: logits, targets: target, weights: [1], normalizer: 1)
    }
    let (even, wrong, tied) = (try loss([1000, 1000, 1000]), try loss([1e4, 0, 0]), try loss([2, 7, 7]))
    #expect(abs(even.losses[0] - Float(log(3.0))) < 1e-6)
    #expect(abs(wrong.losses[0] - 1e4) < 1e-2)
    #expect(tied.predictions == [1], "the first of equals")
    for logits: [Float] in [
      [.nan, 0, 0], [0, 0, .nan], [.infinity, 0, 0], [0, 0, -.infinity], [-.infinity, 0, 0], [.nan, .nan, .nan],
      [-.infinity, -.infinity, -.infinity], [.infinity, .infinity, .infinity],
    ] {
      let result = try loss(logits)
      #expect(!result.losses[0].isFinite, "\(logits)")
    }
  }

  @Test(arguments: KernelSet.available, [(1, 0), (37, 0.9), (64, 0.9), (1003, 0.5)])
  func sgdEqualsTheOracle(_ path: String, _ test: (count: Int, momentum: Float)) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: 42)
    let initial = draws.normal(test.count)
    let values = bench.output("values", count: test.count, values: initial)
    let velocity = bench.output("velocity", count: test.count, values: [Float](repeating: 0, count: test.count))
    var (expected, expectedVelocity) = (initial.doubles, [Double](repeating: 0, count: test.count))
    for _ in 0..<3 {
      let gradient = draws.normal(test.count)
      var sgd = SGD()
      (sgd.values, sgd.velocity, sgd.count) = (values.pointer, test.momentum > 0 ? velocity.pointer : nil, Int64(test.count))
      sgd.gradient = UnsafePointer(bench.input("gradient", gradient).pointer)
      (sgd.learning_rate, sgd.momentum, sgd.decay) = (0.1, test.momentum, 0.01)
      bench.run(Work { bench.kernels.sgd(sgd) })
      Reference.sgd(
        values: &expected, velocity: &expectedVelocity, gradient: gradient.doubles, learningRate: 0.1, momentum: Double(test.momentum),
        decay: 0.01)
    }
    expectClose(values.values, expected, within: 1e-6, "values")
    if test.momentum > 0 { expectClose(velocity.values, expectedVelocity, within: 1e-6, "velocity") }
  }

  @Test(arguments: KernelSet.available, [1, 37, 64, 1003]) func adamWEqualsTheOracle(_ path: String, _ count: Int) throws {
    let bench = try Bench(path)
    var draws = Draws(seed: 43)
    let (initial, zeros) = (draws.normal(count), [Float](repeating: 0, count: count))
    let values = bench.output("values", count: count, values: initial)
    let first = bench.output("first", count: count, values: zeros), second = bench.output("second", count: count, values: zeros)
    var (expected, expectedFirst, expectedSecond) = (initial.doubles, zeros.doubles, zeros.doubles)
    for step in 1...3 {
      let gradient = draws.normal(count)
      var adamW = AdamW()
      (adamW.values, adamW.first, adamW.second, adamW.count) = (values.pointer, first.pointer, second.pointer, Int64(count))
      adamW.gradient = UnsafePointer(bench.input("gradient", gradient).pointer)
      (adamW.learning_rate, adamW.beta1, adamW.beta2, adamW.epsilon, adamW.decay) = (0.01, 0.9, 0.999, 1e-8, 0.05)
      adamW.first_correction = Float(1 - pow(0.9, Double(step)))
      adamW.second_correction = Float(1 - pow(0.999, Double(step)))
      bench.run(Work { bench.kernels.adamW(adamW) })
      Reference.adamW(
        values: &expected, first: &expectedFirst, second: &expectedSecond, gradient: gradient.doubles, step: step, learningRate: 0.01,
        decay: 0.05)
    }
    expectClose(values.values, expected, within: 1e-6, "values")
    expectClose(first.values, expectedFirst, within: 1e-6, "first moments")
    // 1 - 0.999 in floats is off by 1e-5 of itself.
    expectClose(second.values, expectedSecond, within: 3e-5, "second moments")
  }
}
