import Kernels
import Synchronization

/// How gradients become steps.
public enum OptimizerKind: Sendable, Hashable {
  /// g += decay * p; v = momentum * v + g; p -= rate * v: PyTorch's SGD and Paddle's Momentum with L2Decay. The decay is on
  /// every trainable parameter.
  case sgd(momentum: Float, decay: Float)
  /// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW.
  case adamW(beta1: Float, beta2: Float, epsilon: Float, decay: Float)

  /// Names of the arrays that the optimizer keeps, each as long as all trainable parameters.
  public var stateNames: [String] {
    switch self {
    case .sgd: ["velocity"]
    case .adamW: ["first_moment", "second_moment"]
    }
  }
}

/// Moves the trainable parameters of a store along their gradients.
public final class Optimizer: @unchecked Sendable {
  /// A part of the parameters with settings of its own.
  public struct Group: Sendable {
    /// Within `ParameterStore.allTrainable`.
    public var range: Range<Int>
    /// Multiplies the learning rate; 0 leaves the parameters as they are.
    public var rateFactor: Float
    /// Multiplies the weight decay.
    public var decayFactor: Float
    public init(range: Range<Int>, rateFactor: Float = 1, decayFactor: Float = 1) {
      self.range = range
      self.rateFactor = rateFactor
      self.decayFactor = decayFactor
    }
  }

  public let kind: OptimizerKind
  /// Steps done.
  public var stepCount = 0
  /// The optimizer's memory by name, each as long as `ParameterStore.allTrainable` and cut by the same ranges.
  public let state: [(name: String, values: UnsafeMutableBufferPointer<Float>)]
  private let memory: [ZeroedFloats]
  private let store: ParameterStore
  private let engine: Engine
  private let groups: [Group]
  private static let chunk = 32768

  /// - Parameter groups: nil: all parameters alike.
  public init(_ kind: OptimizerKind, store: ParameterStore, engine: Engine, groups: [Group]? = nil) {
    self.kind = kind
    self.store = store
    self.engine = engine
    self.groups = groups ?? [Group(range: 0..<store.trainableCount)]
    memory = kind.stateNames.map { _ in ZeroedFloats(count: store.trainableCount) }
    state = zip(kind.stateNames, memory).map { ($0, $1.buffer) }
  }

  /// One step with the gradients that stand in the store.
  public func step(learningRate: Float) {
    stepCount += 1
    for group in groups where group.rateFactor != 0 {
      let chunks = (group.range.count + Self.chunk - 1) / Self.chunk
      let rate = learningRate * group.rateFactor
      engine.pool.run(chunks: chunks) { [self] chunk, _ in
        let begin = group.range.lowerBound + chunk * Self.chunk
        update(begin..<min(begin + Self.chunk, group.range.upperBound), rate: rate, decayFactor: group.decayFactor)
      }
    }
    store.didChange()
  }

  /// Whether every gradient in the store is a finite number: a loss may be one where they are not.
  public func hasFiniteGradients() -> Bool {
    let chunks = (store.trainableCount + Self.chunk - 1) / Self.chunk
    let isSpoilt = Atomic<Bool>(false)
    engine.pool.run(chunks: chunks) { [store] chunk, _ in
      let begin = chunk * Self.chunk
      let gradients = store.allGradients[begin..<min(begin + Self.chunk, store.trainableCount)]
      // The exponent's bits are all set in infinities and NaNs only; whole numbers have a maximum that is a vector's.
      let largest = gradients.reduce(0) { max($0, $1.bitPattern & 0x7fff_ffff) }
      if largest >= Float.infinity.bitPattern { isSpoilt.store(true, ordering: .relaxed) }
    }
    return !isSpoilt.load(ordering: .relaxed)
  }

  private func update(_ range: Range<Int>, rate: Float, decayFactor: Float) {
    let values = store.allTrainable.baseAddress! + range.lowerBound
    let gradient = UnsafePointer(store.allGradients.baseAddress! + range.lowerBound)
    let first = state[0].values.baseAddress! + range.lowerBound
    switch kind {
    case .sgd(let momentum, let decay):
      engine.kernels.sgd(
        SGD(
          values: values, velocity: first, gradient: gradient, count: Int64(range.count), learning_rate: rate, momentum: momentum,
          decay: decay * decayFactor))
    case .adamW(let beta1, let beta2, let epsilon, let decay):
      engine.kernels.adamW(
        AdamW(
          values: values, first: first, second: state[1].values.baseAddress! + range.lowerBound, gradient: gradient,
          count: Int64(range.count), learning_rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay * decayFactor,
          first_correction: Float(1 - power(Double(beta1), stepCount)), second_correction: Float(1 - power(Double(beta2), stepCount))))
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0, square = base, left = exponent
    while left > 0 {
      if left & 1 == 1 { result *= square }
      square *= square
      left >>= 1
    }
    return result
  }
}
