import Tensors
import Testing

@Suite struct ArenaTests {
  /// With addresses to spare one reservation serves all plans, and its base does not move.
  @Test func plansShareOneReservation() throws {
    let arena = Arena(SystemLimits(processors: 1, memoryLimit: 1 << 30, freeMemory: 1 << 30))
    let small = try #require(arena.memory(forBytes: 1000)), large = try #require(arena.memory(forBytes: 1 << 30))
    #expect(small.base == large.base && large.byteCount >= 1 << 30)
  }

  /// Under a limit of address space only what plans need is mapped; plans that came earlier keep their memory.
  @Test func scarceAddressesAreTakenOnDemand() throws {
    let arena = Arena(SystemLimits(processors: 1, memoryLimit: 1 << 30, freeMemory: 1 << 30, availableAddressSpace: 1 << 28))
    let first = try #require(arena.memory(forBytes: 1 << 20))
    first.base.storeBytes(of: 7, as: UInt8.self)
    #expect(first.byteCount == 1 << 20)
    #expect(arena.memory(forBytes: 1 << 19)?.base == first.base)
    let second = try #require(arena.memory(forBytes: 1 << 22))
    #expect(second.base != first.base && second.byteCount == 1 << 22)
    #expect(first.base.load(as: UInt8.self) == 7)
    #expect(arena.memory(forBytes: 1 << 20)?.base == second.base)
    // More than an address can be.
    #expect(arena.memory(forBytes: 1 << 60) == nil)
  }
}
