import Foundation

extension Reference {
  /// The shape of a multi-head self-attention over sequences of tokens.
  public struct Attention: Sendable, Hashable {
    public var sequences: Int
    public var tokens: Int
    public var heads: Int
    public var headChannels: Int
    public var scale: Double

    public init(sequences: Int, tokens: Int, heads: Int, headChannels: Int, scale: Double) {
      self.sequences = sequences
      self.tokens = tokens
      self.heads = heads
      self.headChannels = headChannels
      self.scale = scale
    }

    public var inner: Int { heads * headChannels }

    /// Where the channels of part 0 (q), 1 (k) or 2 (v) begin in qkv [sequences][tokens][3][heads][headChannels].
    func index(_ part: Int, _ sequence: Int, _ head: Int, _ token: Int) -> Int {
      ((sequence * tokens + token) * 3 + part) * inner + head * headChannels
    }
    func outputIndex(_ sequence: Int, _ head: Int, _ token: Int) -> Int { (sequence * tokens + token) * inner + head * headChannels }
  }

  /// softmax(scale Q K^T) V of each head.
  ///
  /// - Parameter qkv: [sequences][tokens][3][heads][headChannels]
  /// - Returns: the output, [sequences][tokens][heads][headChannels], and the logarithm of each softmax's denominator,
  ///   [sequences][heads][tokens]
  public static func attentionForward(_ shape: Attention, qkv: [Double]) -> (output: [Double], logSums: [Double]) {
    var output = [Double](repeating: 0, count: shape.sequences * shape.tokens * shape.inner)
    var logSums: [Double] = []
    for (sequence, head) in pairs(shape.sequences, shape.heads) {
      for query in 0..<shape.tokens {
        let (probabilities, logSum) = attentionRow(shape, qkv, sequence, head, query)
        logSums.append(logSum)
        let to = shape.outputIndex(sequence, head, query)
        for key in 0..<shape.tokens {
          let value = shape.index(2, sequence, head, key)
          for c in 0..<shape.headChannels { output[to + c] += probabilities[key] * qkv[value + c] }
        }
      }
    }
    return (output, logSums)
  }

  /// The gradient of qkv, in its shape.
  public static func attentionBackward(_ shape: Attention, qkv: [Double], outputGradient: [Double]) -> [Double] {
    var gradient = [Double](repeating: 0, count: qkv.count)
    for (sequence, head) in pairs(shape.sequences, shape.heads) {
      for query in 0..<shape.tokens {
        let (probabilities, _) = attentionRow(shape, qkv, sequence, head, query)
        let (from, q) = (shape.outputIndex(sequence, head, query), shape.index(0, sequence, head, query))
        var probabilityGradient = [Double](repeating: 0, count: shape.tokens)
        for key in 0..<shape.tokens {
          let value = shape.index(2, sequence, head, key)
          for c in 0..<shape.headChannels {
            probabilityGradient[key] += outputGradient[from + c] * qkv[value + c]
            gradient[value + c] += outputGradient[from + c] * probabilities[key]
          }
        }
        let mean = zip(probabilities, probabilityGradient).reduce(0) { $0 + $1.0 * $1.1 }
        for key in 0..<shape.tokens {
          let k = shape.index(1, sequence, head, key)
          let score = shape.scale * probabilities[key] * (probabilityGradient[key] - mean)
          for c in 0..<shape.headChannels {
            gradient[q + c] += score * qkv[k + c]
            gradient[k + c] += score * qkv[q + c]
          }
        }
      }
    }
    return gradient
  }

  private static func attentionRow(
    _ shape: Attention, _ qkv: [Double], _ sequence: Int, _ head: Int, _ query: Int
  ) -> (probabilities: [Double], logSum: Double) {
    let q = shape.index(0, sequence, head, query)
    let scores = (0..<shape.tokens).map { key in
      let k = shape.index(1, sequence, head, key)
      return shape.scale * (0..<shape.headChannels).reduce(0) { $0 + qkv[q + $1] * qkv[k + $1] }
    }
    let largest = scores.max() ?? 0
    let logSum = largest + log(scores.reduce(0) { $0 + exp($1 - largest) })
    return (scores.map { exp($0 - logSum) }, logSum)
  }

  /// The published unfold as an index map: the row of each token, [images][4 pixel positions][patches], for patches of 2x2.
  public static func patchRows(_ grid: Grid) -> [Int] {
    var rows: [Int] = []
    for n in 0..<grid.images {
      for (dy, dx) in pairs(2, 2) {
        for (y, x) in pairs(grid.height / 2, grid.width / 2) { rows.append(grid.row(n, 2 * y + dy, 2 * x + dx)) }
      }
    }
    return rows
  }
}
