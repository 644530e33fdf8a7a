import Kernels
import Testing

/// What one run of the cross-entropy kernel leaves.
struct LossRun {
  var losses: [Float]
  var predictions: [Int32]
  var gradient: [Float]

  static func crossEntropy(
    _ path: String, classes: Int, logits: [Float], targets: [Float], weights: [Float], normalizer: Float, wantsGradient: Bool = true
  ) throws -> LossRun {
    let bench = try Bench(path)
    let losses = bench.output("losses", count: weights.count), gradient = bench.output("gradient", count: logits.count)
    let predictions = bench.output("predictions", count: weights.count)
    var entropy = CrossEntropy()
    (entropy.images, entropy.classes, entropy.normalizer) = (Int32(weights.count), Int32(classes), normalizer)
    entropy.logits = UnsafePointer(bench.input("logits", logits).pointer)
    entropy.targets = UnsafePointer(bench.input("targets", targets).pointer)
    entropy.weights = UnsafePointer(bench.input("weights", weights).pointer)
    (entropy.losses, entropy.gradient) = (losses.pointer, wantsGradient ? gradient.pointer : nil)
    return predictions.pointer.withMemoryRebound(to: Int32.self, capacity: weights.count) {
      entropy.predictions = $0
      let box = ArgumentBox(entropy)
      withExtendedLifetime(box) { bench.run(bench.kernels.crossEntropy(box)) }
      return LossRun(losses: losses.values, predictions: predictions.bits.map { Int32(bitPattern: $0) }, gradient: gradient.values)
    }
  }
}
