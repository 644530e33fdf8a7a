/// The one place where sums across images of a batch leave the machine.
///
/// Every such sum (batch-norm statistics forward and backward, parameter gradients, loss) is first combined over the chunks of
/// this process in a fixed order, then handed here. With several machines of equal batches a reduction replaces each array
/// by its sum (moments: by Chan's combination) over all of them, in a fixed order.
public protocol Reduction: AnyObject, Sendable {
  /// How many equal batches are combined.
  var peers: Int { get }
  /// Means [channels], then sums of squared deviations [channels], of `rows` values each.
  func moments(_ totals: UnsafeMutablePointer<Double>, channels: Int, rows: Int)
  func sum(_ totals: UnsafeMutablePointer<Double>, count: Int)
  func sum(_ gradients: UnsafeMutablePointer<Float>, count: Int)
}

/// One machine: what is here is the sum.
public final class LocalReduction: Reduction {
  public init() {}
  public var peers: Int { 1 }
  public func moments(_ totals: UnsafeMutablePointer<Double>, channels: Int, rows: Int) {}
  public func sum(_ totals: UnsafeMutablePointer<Double>, count: Int) {}
  public func sum(_ gradients: UnsafeMutablePointer<Float>, count: Int) {}
}
