import Synchronization
import Tensors
import Testing

@Suite struct WorkerPoolTests {
  @Test(arguments: [1, 2, 3, 8])
  func everyChunkRunsOnce(threads: Int) {
    let pool = WorkerPool(threads: threads)
    for chunks in [0, 1, 2, 7, 1000] {
      let counts = UnsafeMutablePointer<Int32>.allocate(capacity: max(chunks, 1))
      defer { counts.deallocate() }
      for round in 1...50 {
        counts.update(repeating: 0, count: chunks)
        pool.run(chunks: chunks) { chunk, _ in counts[chunk] += 1 }
        #expect((0..<chunks).allSatisfy { counts[$0] == 1 }, "round \(round) of \(chunks) chunks")
      }
    }
  }

  /// Attention over a batch of 65,536 images has 2^20 chunks, one more than a job's word counts.
  @Test(arguments: [1, 2])
  func moreChunksThanOneJobCounts(threads: Int) {
    let pool = WorkerPool(threads: threads)
    for chunks in [(1 << 20) - 1, 1 << 20, (1 << 21) + 5] {
      let counts = UnsafeMutablePointer<UInt8>.allocate(capacity: chunks)
      defer { counts.deallocate() }
      counts.update(repeating: 0, count: chunks)
      pool.run(chunks: chunks) { chunk, _ in counts[chunk] += 1 }
      #expect((0..<chunks).allSatisfy { counts[$0] == 1 }, "\(chunks) chunks")
    }
  }

  /// Sums do not depend on the number of threads, so that a pool works with those that the system allows.
  @Test func scarceAddressesMeanFewerThreads() throws {
    let limits = SystemLimits(processors: 2, memoryLimit: 1 << 30, freeMemory: 1 << 30, availableAddressSpace: 40 << 20)
    let pool = WorkerPool(threads: 1024, limits: limits)
    #expect((2...4).contains(pool.threads) && pool.requestedThreads == 1024)
    let shortage = try #require(pool.shortage)
    #expect(shortage.contains("1024 threads") && shortage.contains("--threads \(pool.threads)"))
    let done = Atomic<Int>(0)
    pool.run(chunks: 100) { _, _ in done.wrappingAdd(1, ordering: .relaxed) }
    #expect(done.load(ordering: .relaxed) == 100)
    #expect(WorkerPool(threads: 1, limits: limits).shortage == nil)
    let least = SystemLimits(processors: 1, memoryLimit: 1, freeMemory: 0, availableAddressSpace: 0)
    #expect(WorkerPool(threads: 3, limits: least).threads == 1)
  }

  /// A worker that slept through one job must find the next.
  @Test func workersWakeUp() {
    let pool = WorkerPool(threads: 2)
    for _ in 0..<20 {
      // Both chunks must be taken at the same time to finish: each waits for the other.
      let arrived = Atomic<Int>(0)
      pool.run(chunks: 2) { _, _ in
        arrived.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while arrived.load(ordering: .sequentiallyConsistent) < 2 {}
      }
      // Longer than a worker spins.
      var sum = 0.0
      for i in 1..<300_000 { sum += 1 / Double(i) }
      #expect(sum > 1)
    }
  }

  /// Scratch that grows between two jobs: a worker that still lingers in the first must not bring its old memory to the second.
  @Test func grownScratchReachesEveryWorker() {
    let pool = WorkerPool(threads: 4)
    for step in 1...400 {
      let floats = (1 << 16) + step * 4096
      pool.reserveScratch(floats: floats)
      for _ in 0..<3 {
        pool.run(chunks: 8) { chunk, scratch in scratch[floats - 1] = Float(chunk) }
      }
    }
  }

  /// A pool may end while its threads are on their way from a job to sleep, or have hardly begun.
  @Test func poolsComeAndGo() {
    let done = Atomic<Int>(0)
    for round in 0..<3000 {
      let pool = WorkerPool(threads: 3)
      if round % 2 == 0 { pool.run(chunks: 4) { _, _ in done.wrappingAdd(1, ordering: .relaxed) } }
    }
    #expect(done.load(ordering: .relaxed) == 6000)
  }

  /// Work often holds the engine that owns the pool: kept, it would keep all of them for ever.
  @Test func nothingOfAJobIsKept() {
    final class Held: Sendable {}
    let pool = WorkerPool(threads: 3)
    for _ in 0..<200 {
      weak var seen: Held?
      do {
        let held = Held()
        seen = held
        pool.run(chunks: 8) { _, _ in withExtendedLifetime(held) {} }
      }
      #expect(seen == nil)
    }
  }

  @Test func scratchIsEachWorkersOwn() {
    let pool = WorkerPool(threads: 4)
    pool.reserveScratch(floats: 1 << 20)
    let broken = Atomic<Int>(0)
    pool.run(chunks: 200) { chunk, scratch in
      for i in 0..<4096 { scratch[i * 255] = Float(chunk) }
      for i in 0..<4096 where scratch[i * 255] != Float(chunk) { broken.wrappingAdd(1, ordering: .relaxed) }
    }
    #expect(broken.load(ordering: .relaxed) == 0)
  }
}
