import Dispatch
import Synchronization
import Tensors

/// What this machine can do at most, measured: the two lines of its roofline (Williams, Waterman, Patterson 2009).
public struct MachineLimits: Sendable {
  /// Floating-point operations a second, from registers, on all threads of the pool.
  public let flopsPerSecond: Double
  /// Bytes a second from and to memory, two reads a write, on all threads of the pool.
  public let bytesPerSecond: Double

  /// Well beyond any cache's share of a thread.
  private static let floatsRead = 32 << 20

  /// Bytes that are held while the machine is measured.
  public static let byteCount = floatsRead / 2 * 3 * MemoryLayout<Float>.stride

  /// Measures for about a third of a second.
  public init(_ pool: WorkerPool, _ kernels: KernelSet) {
    let table = kernels.table.pointee
    flopsPerSecond = Self.best(of: 5) {
      let done = Atomic<Int>(0)
      pool.run(chunks: pool.threads) { _, scratch in
        scratch[0] = 0.5
        done.wrappingAdd(Int(table.multiply_add_loop(2_000_000, scratch)), ordering: .relaxed)
      }
      return Double(done.load(ordering: .relaxed))
    }
    let floats = Self.floatsRead
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: floats / 2 * 3)
    defer { memory.deallocate() }
    memory.update(repeating: 1, count: floats / 2 * 3)
    let pieces = 16, piece = floats / pieces
    let source = UnsafePointer(memory), target = memory + floats
    bytesPerSecond = Self.best(of: 5) {
      pool.run(chunks: pieces) { chunk, _ in
        _ = table.stream_loop(source + chunk * piece, target + chunk * piece / 2, Int64(piece))
      }
      return Double(floats) * 6
    }
  }

  /// The largest amount a second of `work`, which returns what it did.
  private static func best(of times: Int, _ work: () -> Double) -> Double {
    (0..<times).reduce(0) { best, _ in
      let begin = DispatchTime.now().uptimeNanoseconds
      let amount = work()
      return max(best, amount / (Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9))
    }
  }

  /// The least time that work of so many operations and bytes can take, in seconds.
  public func leastSeconds(flops: Double, bytes: Double) -> Double { max(flops / flopsPerSecond, bytes / bytesPerSecond) }
}
