import Foundation
import Tensors

/// The numbers of a network: all parameters in one allocation, their gradients in another; a name is a slice of them.
///
/// Trainable parameters come first, in the network's order, running statistics after; gradients and optimizer states cover
/// the trainable part. Slices are in the canonical layout of their names, each starting on a cache line (the gap is zero
/// and stays zero).
public final class ParameterStore: @unchecked Sendable {
  public let parameters: [Parameter]
  /// Floats from the first trainable parameter to the end of the last.
  public let trainableCount: Int
  /// Rises whenever values change: what was derived from them (packed, folded) is then stale.
  public private(set) var version = 0

  private let offsets: [Int]
  private let valueFloats: ZeroedFloats
  /// Taken when first asked for: an evaluation has no gradients.
  private lazy var gradientFloats = ZeroedFloats(count: trainableCount)
  private var values: UnsafeMutableBufferPointer<Float> { valueFloats.buffer }
  private var gradients: UnsafeMutableBufferPointer<Float> { gradientFloats.buffer }

  /// Parameters start at zero: see `initialize` and `values`.
  public init(_ network: Network) {
    parameters = network.parameters
    let layout = Layout(network)
    offsets = layout.offsets
    trainableCount = layout.trainable
    valueFloats = ZeroedFloats(count: layout.total)
  }

  /// Where parameters begin, and how many floats there are of each kind.
  private struct Layout {
    var offsets: [Int]
    var total = 0
    var trainable = 0

    init(_ network: Network) {
      offsets = [Int](repeating: 0, count: network.parameters.count)
      for isTrainable in [true, false] {
        for (index, parameter) in network.parameters.enumerated() where parameter.isTrainable == isTrainable {
          offsets[index] = total
          total += (parameter.count + 15) / 16 * 16
        }
        if isTrainable { trainable = total }
      }
    }
  }

  /// Bytes of the numbers of `network`: weights and running statistics, and what `optimizer` needs to train them, if any.
  public static func byteCount(_ network: Network, trainedBy optimizer: OptimizerKind?) -> Int {
    let layout = Layout(network)
    let arrays = optimizer.map { 1 + $0.stateNames.count } ?? 0
    return ZeroedFloats.byteCount(layout.total) + arrays * ZeroedFloats.byteCount(layout.trainable)
  }

  /// Parameter `index` of the network.
  public func values(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[offsets[index]..<offsets[index] + parameters[index].count])
  }

  /// Its gradient; running statistics have none.
  public func gradients(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    precondition(parameters[index].isTrainable, "\(parameters[index].name) has no gradient")
    return UnsafeMutableBufferPointer(rebasing: gradients[offsets[index]..<offsets[index] + parameters[index].count])
  }

  /// The slice of a trainable parameter within `allTrainable`, `allGradients` and optimizer states.
  public func range(_ index: Int) -> Range<Int> { offsets[index]..<offsets[index] + parameters[index].count }

  public var allTrainable: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(rebasing: values[..<trainableCount]) }
  public var allGradients: UnsafeMutableBufferPointer<Float> { gradients }

  public func index(of name: String) -> Int? { parameters.firstIndex { $0.name == name } }

  /// To be called after values were written.
  public func didChange() { version += 1 }

  /// Draws every parameter by its initializer; the draws depend on the seed and the parameter's position only. `pool` shares the
  /// work.
  public func initialize(seed: UInt64, on pool: WorkerPool? = nil) {
    let piece = 1 << 15
    let pieces = parameters.indices.flatMap { index in
      stride(from: 0, to: parameters[index].count, by: piece).map { (index, $0..<min($0 + piece, parameters[index].count)) }
    }
    let drawPiece = { (piece: Int) in
      let (index, range) = pieces[piece]
      self.draw(range, of: index, CounterRandom(seed: seed, purpose: .initialization, UInt64(index)))
    }
    if let pool {
      pool.run(chunks: pieces.count) { piece, _ in drawPiece(piece) }
    } else {
      pieces.indices.forEach(drawPiece)
    }
    didChange()
  }

  private func draw(_ range: Range<Int>, of index: Int, _ random: CounterRandom) {
    let target = values(index)
    switch parameters[index].initializer {
    case .constant(let value): for i in range { target[i] = value }
    case .uniform(let bound):
      for i in range { target[i] = Float((2 * random.uniformDouble(UInt64(i)) - 1) * bound) }
    case .normal(let deviation):
      for i in range { target[i] = Float(deviation * random.normal(UInt64(i))) }
    case .truncatedNormal(let deviation):
      for i in range {
        let stream = random.stream(UInt64(i))
        var draw = stream.normal(0), attempt: UInt64 = 0
        while abs(draw) > 2 {
          attempt += 1
          draw = stream.normal(attempt)
        }
        target[i] = Float(deviation * draw)
      }
    }
  }
}

extension CounterRandom {
  /// A standard normal draw (Box and Muller).
  fileprivate func normal(_ counter: UInt64) -> Double {
    let radius = (-2 * log(1 - uniformDouble(2 * counter))).squareRoot()
    return radius * cos(2 * .pi * uniformDouble(2 * counter + 1))
  }
}

/// Zeroed floats on a page boundary, with a cache line of slack after them.
final class ZeroedFloats: Sendable {
  private let memory: MappedMemory
  private let count: Int

  init(count: Int) {
    memory = MappedMemory(required: Self.byteCount(count))
    self.count = count
  }

  static func byteCount(_ count: Int) -> Int { (count + 32) * MemoryLayout<Float>.stride }

  /// Valid as long as this object lives.
  var buffer: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: memory.base.assumingMemoryBound(to: Float.self), count: count)
  }
}
