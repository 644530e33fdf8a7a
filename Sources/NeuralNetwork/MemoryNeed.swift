import Kernels
import Tensors

/// Bytes that a piece of work holds at the same time, by what they are for.
public struct MemoryNeed: Sendable, Hashable {
  /// Weights; while training also gradients and the optimizer's state.
  public var numbers = 0
  /// Activations of the largest plan, and the threads' scratch memory.
  public var activations = 0
  /// Prepared images.
  public var batches = 0
  /// Images while they are decoded.
  public var decoding = 0

  public init(numbers: Int = 0, activations: Int = 0, batches: Int = 0, decoding: Int = 0) {
    self.numbers = numbers
    self.activations = activations
    self.batches = batches
    self.decoding = decoding
  }

  /// What the process takes beside: stacks, logs, the dashboard.
  static let process = 48 << 20

  public var total: Int {
    [numbers, activations, batches, decoding].reduce(0) { sum, bytes in
      let (result, isTooMuch) = sum.addingReportingOverflow(bytes)
      return isTooMuch ? .max : result
    }
  }

  /// "weights, gradients and optimizer state 7200 MB, ...", largest first.
  var parts: String {
    [
      ("weights, gradients and optimizer state", numbers), ("activations", activations), ("batches", batches), ("decoding", decoding),
    ].filter { $0.1 >> 20 > 0 }.sorted { $0.1 > $1.1 }.map { "\($0.0) \($0.1 >> 20) MB" }.joined(separator: ", ")
  }

  /// What the user can change.
  var cure: String {
    numbers > total / 2
      ? "use fewer classes or a smaller model, or allow this process more memory"
      : "choose a smaller --batch-size or --image-size, or allow this process more memory"
  }
}

extension Engine {
  /// Checks whether so much memory can be had now. To be called before any of it is touched.
  ///
  /// - Parameter mapped: bytes of `need` whose addresses this process has taken already.
  /// - Throws: `PlanError.memory`
  public func checkMemory(_ need: MemoryNeed, mapped: Int = 0) throws {
    guard need.total <= availableMemory(mapped: mapped) else {
      throw PlanError.memory(need, available: availableMemory(mapped: mapped))
    }
  }

  /// Bytes that work may hold, those that this process has mapped already but not touched included.
  public func availableMemory(mapped: Int = 0) -> Int {
    let limits = limits()
    let addresses = limits.availableAddressSpace.map { $0 + mapped } ?? .max
    return max(0, min(limits.freeMemory, addresses) - MemoryNeed.process)
  }
}
