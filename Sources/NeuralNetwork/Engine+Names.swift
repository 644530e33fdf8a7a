import Kernels
import Tensors

extension Engine {
  /// An engine on the kernels of this name.
  ///
  /// - Throws: `KernelSetError` when there are none of that name, or not for this processor.
  public convenience init(threads: Int, kernelsNamed name: String) throws {
    self.init(threads: threads, kernels: try KernelSet.named(name))
  }
}

extension StepContext {
  /// The context of step `step` (from 0) of a run with this seed.
  public init(seed: UInt64, step: Int) {
    self.init(dropout: CounterRandom(seed: seed, purpose: .dropout, UInt64(step)))
  }

  /// For evaluation, which draws nothing.
  public static let evaluation = StepContext(seed: 0, step: 0)
}
