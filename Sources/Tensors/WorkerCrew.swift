import CKernels
import Glibc
import Synchronization

/// What the threads of a `WorkerPool` share: the job at hand, the workers' scratch memory and the place where they sleep.
///
/// A job is one atomic word, (generation, chunks, next chunk): a claim is a compare-and-swap on it, so that a worker that
/// wakes up late finds either an unclaimed chunk of a job that therefore still runs, or nothing. Between jobs workers spin
/// for about 50 microseconds, as the next job of a training step is usually nearer than a wake-up, then sleep.
final class WorkerCrew: @unchecked Sendable {
  static let mostChunks = Int(chunkMask)
  private static let chunkBits = UInt64(20)
  private static let chunkMask = (UInt64(1) << chunkBits) - 1
  private static let spins = 4000

  private let job = Atomic<UInt64>(0)
  private let completed = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private var body: UnsafePointer<WorkerPool.Body>?
  private var generation: UInt64 = 0
  private var scratch: MappedMemory?
  /// Of `scratch`: a pointer is read without counting references.
  private var scratchBase: UnsafeMutableRawPointer?
  private var bytesPerWorker = 0
  /// Threads that work, the caller's included; 0 until that is known. Guarded by `lock`.
  private var admitted = 0
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
  }

  deinit {
    pthread_cond_destroy(wake)
    pthread_mutex_destroy(lock)
    wake.deallocate()
    lock.deallocate()
  }

  /// Gives each worker a part of `memory`, which must be zeroed. Not to be called while work runs.
  func replaceScratch(_ memory: MappedMemory, bytesPerWorker: Int) {
    scratch = memory
    scratchBase = memory.base
    self.bytesPerWorker = bytesPerWorker
  }

  func scratch(of worker: Int) -> UnsafeMutablePointer<Float> {
    (scratchBase! + worker * bytesPerWorker).assumingMemoryBound(to: Float.self)
  }

  /// Lets workers begin: those below `threads` work, the others leave.
  func begin(threads: Int) {
    pthread_mutex_lock(lock)
    admitted = threads
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(lock)
  }

  /// Waits for `begin`; returns whether `worker` is to work.
  func isAdmitted(_ worker: Int) -> Bool {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while admitted == 0 { pthread_cond_wait(wake, lock) }
    return worker < admitted
  }

  /// Runs a job with the caller as worker 0 and returns when all its chunks are done.
  func run(chunks: Int, _ body: UnsafePointer<WorkerPool.Body>) {
    self.body = body
    completed.store(0, ordering: .relaxed)
    generation += 1
    job.store(generation << (2 * Self.chunkBits) | UInt64(chunks) << Self.chunkBits, ordering: .sequentiallyConsistent)
    if sleeping.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
    claimChunks(as: 0)
    var spins = 0
    while completed.load(ordering: .acquiring) < chunks {
      spins += 1
      // More threads than cores: the worker that is waited for may want this core.
      if spins > Self.spins { sched_yield() } else { ck_spin_hint() }
    }
    self.body = nil
  }

  /// Claims and runs chunks until `stop`.
  func work(as worker: Int) {
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

  func stop() {
    stopping.store(true, ordering: .sequentiallyConsistent)
    wakeAll()
  }

  private func wakeAll() {
    pthread_mutex_lock(lock)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(lock)
  }

  private func claimChunks(as worker: Int) {
    while true {
      let seen = job.load(ordering: .acquiring)
      let chunks = seen >> Self.chunkBits & Self.chunkMask
      let next = seen & Self.chunkMask
      guard next < chunks else { return }
      guard job.compareExchange(expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing).exchanged else { continue }
      runChunk(Int(next), as: worker)
      // Streamed stores are ordered by nothing else.
      ck_stream_fence()
      completed.wrappingAdd(1, ordering: .releasing)
    }
  }

  // The claim keeps the job alive until `completed` says otherwise: `body` and `scratch` are this job's. Neither may be read
  // before it, as they change between jobs, nor held after it, as the caller goes on: hence a call of its own, at whose end
  // no reference is left.
  @inline(never)
  private func runChunk(_ chunk: Int, as worker: Int) {
    body!.pointee(chunk, scratch(of: worker))
  }

  private var hasWork: Bool {
    let seen = job.load(ordering: .sequentiallyConsistent)
    return seen & Self.chunkMask < seen >> Self.chunkBits & Self.chunkMask
  }
}
