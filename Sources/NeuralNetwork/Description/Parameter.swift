/// One named tensor of a network: a trained parameter or a running statistic.
public struct Parameter: Sendable, Hashable {
  /// What the tensor is to its layer.
  public enum Role: Sendable, Hashable {
    case weight, bias, normWeight, normBias, runningMean, runningVariance
  }

  /// How the tensor begins.
  public enum Initializer: Sendable, Hashable {
    case constant(Float)
    /// Normal with mean 0.
    case normal(deviation: Double)
    /// Normal with mean 0, cut at two deviations on either side and redrawn.
    case truncatedNormal(deviation: Double)
    /// Uniform in ±bound.
    case uniform(bound: Double)
  }

  /// Canonical name, as the framework that defines the model calls it.
  public let name: String
  /// Shape as that framework stores it, e.g. [out, in, 3, 3].
  public let shape: [Int]
  public let role: Role
  public let initializer: Initializer

  public var count: Int { shape.reduce(1, *) }
  /// Whether an optimizer moves it; running statistics follow the data instead.
  public var isTrainable: Bool { role != .runningMean && role != .runningVariance }
}
