import Foundation

extension Reference {
  /// The activation at `x`.
  public static func activate(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .linear: x
    case .silu: x / (1 + exp(-x))
    case .relu6: x.isNaN ? x : min(max(x, 0), 6)
    }
  }

  /// The activation's derivative at `x`; zero at ReLU6's two kinks.
  public static func slope(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .linear: return 1
    case .silu:
      let sigmoid = 1 / (1 + exp(-x))
      return sigmoid * (1 + x * (1 - sigmoid))
    case .relu6: return x > 0 && x < 6 ? 1 : 0
    }
  }

  public static func activationForward(_ activation: Activation, input: [Double]) -> [Double] { input.map { activate(activation, $0) } }

  public static func activationBackward(_ activation: Activation, input: [Double], outputGradient: [Double]) -> [Double] {
    zip(input, outputGradient).map { slope(activation, $0) * $1 }
  }
}
