extension Reference {
  /// A square convolution that pads by `kernel / 2`: 1x1 (a linear layer too), dense 3x3, or depthwise with as many groups as channels.
  public struct Convolution: Sendable, Hashable {
    public var inputs: Int
    public var outputs: Int
    public var kernel: Int
    public var stride: Int
    public var groups: Int

    public init(inputs: Int, outputs: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1) {
      precondition(inputs % groups == 0 && outputs % groups == 0, "groups must divide the channels")
      self.inputs = inputs
      self.outputs = outputs
      self.kernel = kernel
      self.stride = stride
      self.groups = groups
    }

    public var weightCount: Int { outputs * (inputs / groups) * kernel * kernel }

    /// What the input's grid becomes.
    public func outputGrid(_ grid: Grid) -> Grid {
      Grid(images: grid.images, height: (grid.height - 1) / stride + 1, width: (grid.width - 1) / stride + 1)
    }

    /// Visits every product input * weight that an output element sums.
    func forEachProduct(_ grid: Grid, _ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void) {
      let result = outputGrid(grid)
      let (groupInputs, groupOutputs) = (inputs / groups, outputs / groups)
      for n in 0..<grid.images {
        for (y, x) in pairs(result.height, result.width) {
          for (ky, kx) in pairs(kernel, kernel) {
            let (sourceY, sourceX) = (y * stride + ky - kernel / 2, x * stride + kx - kernel / 2)
            guard (0..<grid.height).contains(sourceY), (0..<grid.width).contains(sourceX) else { continue }
            for o in 0..<outputs {
              for i in 0..<groupInputs {
                body(
                  grid.row(n, sourceY, sourceX) * inputs + o / groupOutputs * groupInputs + i,
                  ((o * groupInputs + i) * kernel + ky) * kernel + kx,
                  result.row(n, y, x) * outputs + o)
              }
            }
          }
        }
      }
    }
  }

  /// - Parameters:
  ///   - input: [rows][inputs]
  ///   - weights: [outputs][inputs / groups][kernel][kernel]
  ///   - bias: [outputs]
  /// - Returns: [output rows][outputs]
  public static func convolutionForward(
    _ convolution: Convolution, grid: Grid, input: [Double], weights: [Double], bias: [Double]? = nil
  ) -> [Double] {
    var output = [Double](repeating: 0, count: convolution.outputGrid(grid).rows * convolution.outputs)
    if let bias { for i in output.indices { output[i] = bias[i % convolution.outputs] } }
    convolution.forEachProduct(grid) { i, w, o in output[o] += input[i] * weights[w] }
    return output
  }

  /// The gradients of what `convolutionForward` takes, in its shapes.
  public static func convolutionBackward(
    _ convolution: Convolution, grid: Grid, input: [Double], weights: [Double], outputGradient: [Double]
  ) -> (input: [Double], weights: [Double], bias: [Double]) {
    var inputGradient = [Double](repeating: 0, count: input.count)
    var weightGradient = [Double](repeating: 0, count: weights.count)
    var biasGradient = [Double](repeating: 0, count: convolution.outputs)
    convolution.forEachProduct(grid) { i, w, o in
      inputGradient[i] += weights[w] * outputGradient[o]
      weightGradient[w] += input[i] * outputGradient[o]
    }
    for i in outputGradient.indices { biasGradient[i % convolution.outputs] += outputGradient[i] }
    return (inputGradient, weightGradient, biasGradient)
  }

  static func pairs(_ first: Int, _ second: Int) -> [(Int, Int)] {
    (0..<first).flatMap { a in (0..<second).map { b in (a, b) } }
  }
}
