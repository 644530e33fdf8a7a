import Tensors

extension Reference {
  /// Bilinear resize with half-pixel centres, as PyTorch's `interpolate(mode="bilinear", align_corners=False)`.
  ///
  /// - Parameter input: [images][height][width][channels]
  /// - Returns: [images][output height][output width][channels]
  public static func resizeForward(grid: Grid, output: Grid, channels: Int, input: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: output.rows * channels)
    forEachShare(grid, output) { from, to, share in
      for c in 0..<channels { result[to * channels + c] += share * input[from * channels + c] }
    }
    return result
  }

  /// The gradient of the input.
  public static func resizeBackward(grid: Grid, output: Grid, channels: Int, outputGradient: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: grid.rows * channels)
    forEachShare(grid, output) { from, to, share in
      for c in 0..<channels { result[from * channels + c] += share * outputGradient[to * channels + c] }
    }
    return result
  }

  /// Visits every input row that has a share in an output row.
  private static func forEachShare(_ grid: Grid, _ output: Grid, _ body: (_ from: Int, _ to: Int, _ share: Double) -> Void) {
    for n in 0..<output.images {
      for (y, x) in pairs(output.height, output.width) {
        for (sourceY, shareY) in axisShares(y, size: grid.height, outputSize: output.height) {
          for (sourceX, shareX) in axisShares(x, size: grid.width, outputSize: output.width) {
            body(grid.row(n, sourceY, sourceX), output.row(n, y, x), shareY * shareX)
          }
        }
      }
    }
  }

  private static func axisShares(_ index: Int, size: Int, outputSize: Int) -> [(Int, Double)] {
    let place = max((Double(index) + 0.5) * Double(size) / Double(outputSize) - 0.5, 0)
    let low = min(Int(place), size - 1)
    let share = place - Double(low)
    return low + 1 < size ? [(low, 1 - share), (low + 1, share)] : [(low, 1)]
  }

  /// The tutorial's reshape: `transpose(0, 3, 1, 2)` of an NCHW tensor, laid out flat: (n, h, w, c) goes to (n, w, c, h).
  public static func transposeForward(grid: Grid, channels: Int, input: [Double]) -> [Double] {
    var result = input
    for (n, y) in pairs(grid.images, grid.height) {
      for (x, c) in pairs(grid.width, channels) {
        result[((n * grid.width + x) * channels + c) * grid.height + y] = input[grid.row(n, y, x) * channels + c]
      }
    }
    return result
  }

  public static func transposeBackward(grid: Grid, channels: Int, outputGradient: [Double]) -> [Double] {
    var result = outputGradient
    for (n, y) in pairs(grid.images, grid.height) {
      for (x, c) in pairs(grid.width, channels) {
        result[grid.row(n, y, x) * channels + c] = outputGradient[((n * grid.width + x) * channels + c) * grid.height + y]
      }
    }
    return result
  }

  /// The mean over the pixels of an image, times a factor for each element (dropout).
  ///
  /// - Parameters:
  ///   - input: [images][pixels][channels]
  ///   - factors: [images][channels]
  /// - Returns: [images][channels]
  public static func meanPoolForward(grid: Grid, channels: Int, input: [Double], factors: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: grid.images * channels)
    for i in input.indices {
      let element = i / channels / grid.pixels * channels + i % channels
      result[element] += input[i] * factors[element] / Double(grid.pixels)
    }
    return result
  }

  public static func meanPoolBackward(grid: Grid, channels: Int, outputGradient: [Double], factors: [Double]) -> [Double] {
    (0..<grid.rows * channels).map { i in
      let element = i / channels / grid.pixels * channels + i % channels
      return outputGradient[element] * factors[element] / Double(grid.pixels)
    }
  }

  /// What dropout multiplies the elements by, [images][channels]: 0, or 1 / (1 - probability) for what is kept.
  public static func dropoutFactors(
    _ random: CounterRandom, imageBase: Int, images: Int, channels: Int, probability: Float
  ) -> [Double] {
    (0..<images * channels).map { i in
      random.uniform(UInt64(imageBase * channels + i)) < probability ? 0 : 1 / (1 - Double(probability))
    }
  }
}
