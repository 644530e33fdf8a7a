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
