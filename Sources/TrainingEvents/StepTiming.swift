/// What one layer takes in a step, on average.
public struct StepTiming: Sendable, Hashable {
  public var layer: String
  public var forwardNanoseconds: UInt64
  public var backwardNanoseconds: UInt64
  /// Floating-point operations of both passes.
  public var operations: Double
  /// Bytes that both passes must move at least.
  public var bytes: Double

  public init(layer: String, forwardNanoseconds: UInt64, backwardNanoseconds: UInt64, operations: Double, bytes: Double) {
    self.layer = layer
    self.forwardNanoseconds = forwardNanoseconds
    self.backwardNanoseconds = backwardNanoseconds
    self.operations = operations
    self.bytes = bytes
  }
}
