import CKernels
import Glibc
import Synchronization

/// Threads that share the chunks of one piece of work at a time.
///
/// Chunks are claimed in any order by any worker, so work whose result depends on the number of threads is wrong by
/// definition: chunk bounds and the order in which partial sums are combined must follow from the problem alone.
///
/// A job is one atomic word, (generation, chunks, next chunk): a claim is a compare-and-swap on it, so that a worker that
/// wakes up late finds either an unclaimed chunk of a job that therefore still runs, or nothing. Between jobs workers spin
/// for about 50 microseconds, as the next job of a training step is usually nearer than a wake-up, then sleep.
public final class WorkerPool: @unchecked Sendable {
  /// A chunk of work: the chunk's index and the worker's scratch memory.
  public typealias Body = (_ chunk: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void

  /// How many threads work, the caller of `run` included.
  public let threads: Int

  private static let chunkBits = UInt64(20)
  private static let chunkMask = (UInt64(1) << 20) - 1
  private static let spins = 4000

  private let job = Atomic<UInt64>(0)
  private let completed = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private var body: Body = { _, _ in }
  private var generation: UInt64 = 0
  private var scratch: [UnsafeMutableRawPointer] = []
  private var scratchBytes = 0
  private var workers: [pthread_t] = []
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// - Parameter threads: at least 1; with 1 all work runs on the caller's thread.
  public init(threads: Int) {
    precondition(threads >= 1, "a worker pool needs at least one thread")
    self.threads = threads
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
    reserveScratch(floats: 1 << 16)
    for worker in stride(from: 1, to: threads, by: 1) {
      // The thread holds the pool without owning it: deinit joins the threads before the pool goes.
      let start = Unmanaged.passRetained(WorkerStart(pool: Unmanaged.passUnretained(self), worker: worker))
      var thread = pthread_t()
      let error = pthread_create(
        &thread, nil,
        { argument in
          let start = Unmanaged<WorkerStart>.fromOpaque(argument!).takeRetainedValue()
          start.pool._withUnsafeGuaranteedRef { $0.work(as: start.worker) }
          return nil
        }, start.toOpaque())
      precondition(error == 0, "the system refused to start worker thread \(worker) (error \(error))")
      workers.append(thread)
    }
  }

  deinit {
    stopping.store(true, ordering: .sequentiallyConsistent)
    pthread_mutex_lock(lock)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(lock)
    for thread in workers { pthread_join(thread, nil) }
    for memory in scratch { free(memory) }
    pthread_cond_destroy(wake)
    pthread_mutex_destroy(lock)
    wake.deallocate()
    lock.deallocate()
  }

  /// Gives every worker at least `floats` of scratch memory. Not to be called while work runs.
  public func reserveScratch(floats: Int) {
    let bytes = (floats + 64) * MemoryLayout<Float>.stride
    guard bytes > scratchBytes else { return }
    for memory in scratch { free(memory) }
    scratchBytes = bytes
    scratch = (0..<threads).map { _ in
      var memory: UnsafeMutableRawPointer?
      precondition(posix_memalign(&memory, 4096, bytes) == 0, "out of memory: \(bytes) bytes of scratch for a worker")
      memset(memory!, 0, bytes)
      return memory!
    }
  }

  /// Runs `body` for every chunk in 0 ..< `chunks` and returns when all are done. One caller at a time.
  public func run(chunks: Int, _ body: @escaping Body) {
    precondition(chunks < 1 << 20, "a piece of work has at most a million chunks")
    if chunks <= 1 || threads == 1 {
      let memory = scratch[0].assumingMemoryBound(to: Float.self)
      for chunk in 0..<chunks { body(chunk, memory) }
      return
    }
    self.body = body
    completed.store(0, ordering: .relaxed)
    generation += 1
    job.store(generation << (2 * Self.chunkBits) | UInt64(chunks) << Self.chunkBits, ordering: .sequentiallyConsistent)
    if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
      pthread_mutex_lock(lock)
      pthread_cond_broadcast(wake)
      pthread_mutex_unlock(lock)
    }
    claimChunks(as: 0)
    var spins = 0
    while completed.load(ordering: .acquiring) < chunks {
      spins += 1
      // More threads than cores: the worker that is waited for may want this core.
      if spins > Self.spins { sched_yield() } else { ck_spin_hint() }
    }
  }

  private func claimChunks(as worker: Int) {
    while true {
      let seen = job.load(ordering: .acquiring)
      let chunks = seen >> Self.chunkBits & Self.chunkMask
      let next = seen & Self.chunkMask
      guard next < chunks else { return }
      guard job.compareExchange(expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing).exchanged else { continue }
      // The claim keeps the job alive until `completed` says otherwise: `body` and `scratch` are this job's. Neither may be
      // read before it, as they change between jobs.
      body(Int(next), scratch[worker].assumingMemoryBound(to: Float.self))
      completed.wrappingAdd(1, ordering: .releasing)
    }
  }

  private var hasWork: Bool {
    let seen = job.load(ordering: .sequentiallyConsistent)
    return seen & Self.chunkMask < seen >> Self.chunkBits & Self.chunkMask
  }

  private func work(as worker: Int) {
    while !stopping.load(ordering: .relaxed) {
      claimChunks(as: worker)
      var spins = 0
      while !hasWork && !stopping.load(ordering: .relaxed) {
        spins += 1
        if spins < Self.spins {
          ck_spin_hint()
          continue
        }
        pthread_mutex_lock(lock)
        sleeping.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while !hasWork && !stopping.load(ordering: .sequentiallyConsistent) { pthread_cond_wait(wake, lock) }
        sleeping.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(lock)
        spins = 0
      }
    }
  }
}

private final class WorkerStart {
  let pool: Unmanaged<WorkerPool>
  let worker: Int
  init(pool: Unmanaged<WorkerPool>, worker: Int) {
    self.pool = pool
    self.worker = worker
  }
}
