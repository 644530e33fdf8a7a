import Foundation

extension Reference {
  /// Softmax cross-entropy against soft targets.
  ///
  /// - Parameters:
  ///   - logits: [images][classes]
  ///   - targets: [images][classes]
  ///   - weights: [images]
  ///   - normalizer: what the gradient is divided by
  /// - Returns: weighted losses, [images], not divided; arg max, [images], the first on ties; the gradient of the logits
  public static func crossEntropy(
    classes: Int, logits: [Double], targets: [Double], weights: [Double], normalizer: Double
  ) -> (losses: [Double], predictions: [Int], gradient: [Double]) {
    var (losses, predictions, gradient): ([Double], [Int], [Double]) = ([], [], [])
    for image in weights.indices {
      let range = image * classes..<(image + 1) * classes
      let (row, target) = (Array(logits[range]), Array(targets[range]))
      let largest = row.max() ?? 0
      let logSum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
      let total = target.reduce(0, +)
      losses.append(weights[image] * zip(row, target).reduce(0) { $0 - $1.1 * ($1.0 - logSum) })
      predictions.append(row.firstIndex(of: largest) ?? 0)
      gradient += zip(row, target).map { weights[image] / normalizer * (exp($0 - logSum) * total - $1) }
    }
    return (losses, predictions, gradient)
  }

  /// One step of SGD with momentum and L2.
  public static func sgd(
    values: inout [Double], velocity: inout [Double], gradient: [Double], learningRate: Double, momentum: Double, decay: Double
  ) {
    for i in values.indices {
      velocity[i] = momentum * velocity[i] + gradient[i] + decay * values[i]
      values[i] -= learningRate * velocity[i]
    }
  }

  /// Step `step`, counted from 1, of AdamW (Loshchilov and Hutter 2019).
  public static func adamW(
    values: inout [Double], first: inout [Double], second: inout [Double], gradient: [Double], step: Int,
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double
  ) {
    for i in values.indices {
      values[i] -= learningRate * decay * values[i]
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i]
      let mean = first[i] / (1 - pow(beta1, Double(step)))
      let square = second[i] / (1 - pow(beta2, Double(step)))
      values[i] -= learningRate * mean / (square.squareRoot() + epsilon)
    }
  }
}
