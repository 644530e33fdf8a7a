import NeuralNetwork

extension ParameterStore {
  /// The name of the first tensor with a value that is not a finite number, running statistics included; nil without one.
  public var firstNonFiniteTensor: String? {
    zip(parameters.indices, parameters).first { index, _ in !values(index).allSatisfy(\.isFinite) }?.1.name
  }
}

extension Prediction {
  /// Whether every logit is a finite number.
  public var isFinite: Bool { logits.allSatisfy(\.isFinite) }
}
