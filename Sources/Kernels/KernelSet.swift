import CKernels
import Tensors

/// The engine's loops for one instruction set.
public struct KernelSet: @unchecked Sendable {
  /// "avx512", "avx2", "neon" or "portable".
  public let name: String
  let table: UnsafePointer<ck_kernels>

  /// All paths, best first; not every build or machine has all.
  public static let names = ["avx512", "avx2", "neon", "portable"]

  /// The paths that this machine can run, best first.
  public static let available: [String] = names.filter { ck_kernels_named($0) != nil }

  /// The fastest path of this machine.
  public static let best = KernelSet(unchecked: available[0])

  /// - Throws: `KernelSetError` when this machine or build has no such path.
  public static func named(_ name: String) throws -> KernelSet {
    guard available.contains(name) else { throw KernelSetError(name: name) }
    return KernelSet(unchecked: name)
  }

  private init(unchecked name: String) {
    self.name = name
    table = ck_kernels_named(name)!
  }
}

/// A kernel path that cannot be had.
public struct KernelSetError: Error, CustomStringConvertible {
  let name: String
  public var description: String {
    "--kernels \(name): this machine has no such kernels; choose one of \(KernelSet.available.joined(separator: ", "))"
  }
}

/// A kernel bound to its arguments: what the worker pool runs.
public struct Work {
  public let chunks: Int
  /// Floats of scratch memory that a worker needs.
  public let scratch: Int
  public let body: WorkerPool.Body

  public init(chunks: Int, scratch: Int = 0, body: @escaping WorkerPool.Body) {
    self.chunks = chunks
    self.scratch = scratch
    self.body = body
  }

  /// Work in one chunk on the caller's thread.
  public init(_ body: @escaping () -> Void) {
    self.init(chunks: 1) { _, _ in body() }
  }
}

/// Arguments at an address that does not move, for the C side; whoever holds the box may change them between runs.
public final class ArgumentBox<Arguments> {
  public let pointer: UnsafeMutablePointer<Arguments>
  public init(_ arguments: Arguments) {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: arguments)
  }
  deinit {
    pointer.deinitialize(count: 1)
    pointer.deallocate()
  }
}
