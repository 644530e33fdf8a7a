import CProcess
import Glibc
import Testing

/// The allocation functions that stand before glibc's: what glibc promises holds for them too. This process is not armed, so that a
/// refusal returns.
@Suite struct AllocationTests {
  /// No optimizer knows it.
  private let two = getpid() > 0 ? 2 : 1

  @Test func aProductThatOverflowsIsRefused() {
    errno = 0
    #expect(calloc(Int.max, 2 * two) == nil && errno == ENOMEM)
    errno = 0
    #expect(calloc(1 << 33, 1 << 33) == nil && errno == ENOMEM)
    errno = 0
    #expect(malloc(Int.max * (two - 1)) == nil && errno == ENOMEM)
  }

  @Test func alignmentsAreKeptOrRefused() {
    var memory: UnsafeMutableRawPointer?
    for shift in 3...16 {
      #expect(posix_memalign(&memory, 1 << shift, 100) == 0)
      #expect(memory.map { Int(bitPattern: $0) % (1 << shift) } == 0)
      free(memory)
      let aligned = aligned_alloc(1 << shift, 1 << shift)
      #expect(aligned.map { Int(bitPattern: $0) % (1 << shift) } == 0)
      free(aligned)
    }
    errno = 0
    #expect(posix_memalign(&memory, 24 * two, 8) == EINVAL && posix_memalign(&memory, 4, 8) == EINVAL && errno == 0)
    #expect(aligned_alloc(3 * two, 8) == nil && errno == EINVAL)
    errno = 0
    #expect(posix_memalign(&memory, 64, Int.max - 64) == ENOMEM && errno == 0)
  }

  @Test func aRefusedGrowthLeavesTheOldMemory() throws {
    let old = try #require(malloc(3 * two))
    old.storeBytes(of: 0x5A, as: UInt8.self)
    #expect(realloc(old, Int.max) == nil)
    #expect(old.load(as: UInt8.self) == 0x5A)
    free(old)
    let zeroed = try #require(calloc(1000, 8 * two))
    #expect((0..<16_000).allSatisfy { zeroed.load(fromByteOffset: $0, as: UInt8.self) == 0 })
    free(zeroed)
  }

  /// A child of any thread may allocate at once, whichever locks the other threads of its parent held.
  @Test func threadsAllocateWhileOthersStartProcesses() async throws {
    await withTaskGroup(of: Bool.self) { group in
      for worker in 0..<4 {
        group.addTask {
          (0..<20_000).allSatisfy { turn in
            let memory = malloc(1 + (turn * 37 + worker) % 5000)
            defer { free(memory) }
            return memory != nil
          }
        }
      }
      group.addTask {
        (0..<50).allSatisfy { _ in
          // `popen` forks, and its shell allocates.
          guard let stream = popen("exit 0", "r") else { return false }
          return pclose(stream) == 0
        }
      }
      for await isDone in group { #expect(isDone) }
    }
  }
}
