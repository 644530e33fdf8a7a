import NeuralNetwork
import Tensors

/// Weights, batches and sketches by the formulas of Tests/Fixtures/parity/README.md, bit for bit those of formula.py.
enum Formula {
  static let seed: UInt64 = 1
  static let projections = 16

  /// The 64-bit FNV-1a hash of a name.
  static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  static func random(_ name: String) -> CounterRandom { CounterRandom(seed: seed, purpose: .test, hash(name)) }
  static func random(_ name: String, _ step: Int) -> CounterRandom { CounterRandom(seed: seed, purpose: .test, hash(name), UInt64(step)) }

  /// - Parameter linearInputFirst: rank-2 weights are stored [in, out].
  static func tensor(_ name: String, shape: [Int], linearInputFirst: Bool = false) -> [Float] {
    let random = random(name), count = shape.reduce(1, *)
    let last = name.split(separator: ".").last!
    let offset: Float, amplitude: Float
    switch last {
    case "running_mean", "_mean": (offset, amplitude) = (0, 0.125)
    case "running_var", "_variance": (offset, amplitude) = (1, 0.25)
    case _ where shape.count >= 2:
      let fanIn = linearInputFirst && shape.count == 2 ? shape[0] : shape.dropFirst().reduce(1, *)
      (offset, amplitude) = (0, Float((6 / Double(fanIn)).squareRoot()))
    case "weight": (offset, amplitude) = (1, 0.25)
    default: (offset, amplitude) = (0, 0.125)
    }
    return (0..<count).map { index in
      let product = amplitude * (random.uniform(UInt64(index)) * 2 - 1)
      return offset + product
    }
  }

  /// Images [count, height, width, 3] and labels of a step.
  static func batch(step: Int, count: Int, height: Int, width: Int, classes: Int) -> (images: [Float], labels: [Int32]) {
    let labelDraws = random("labels", step), noise = random("input", step)
    let labels = (0..<count).map { Int32(labelDraws.integer(UInt64($0), below: classes)) }
    var images = [Float](repeating: 0, count: count * height * width * 3)
    for index in images.indices {
      let pixel = index / 3, x = pixel % width, y = pixel / width % height, image = pixel / (width * height)
      let quadrant = (y >= height / 2 ? 2 : 0) + (x >= width / 2 ? 1 : 0)
      let bright = labels[image] >> Int32(quadrant) & 1 == 1
      images[index] = noise.uniform(UInt64(index)) * (bright ? 1 : 0.5)
    }
    return (images, labels)
  }

  /// Projections of a tensor onto random sign vectors.
  static func sketch(_ values: UnsafeMutableBufferPointer<Float>) -> [Double] {
    let signs = random("sketch")
    var result = [Double](repeating: 0, count: projections)
    for (index, value) in values.enumerated() {
      let bits = signs.bits(UInt64(index))
      for k in 0..<projections { result[k] += bits >> UInt64(k) & 1 == 1 ? -Double(value) : Double(value) }
    }
    return result
  }

  static func slice(_ values: UnsafeMutableBufferPointer<Float>) -> [Double] {
    let positions = random("slice")
    return (0..<32).map { Double(values[positions.integer(UInt64($0), below: values.count)]) }
  }

  static func norm(_ values: UnsafeMutableBufferPointer<Float>) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
