import CKernels
import Glibc

/// Threads that share the chunks of one piece of work at a time.
///
/// Chunks are claimed in any order by any worker, so work whose result depends on the number of threads is wrong by
/// definition: chunk bounds and the order in which partial sums are combined must follow from the problem alone.
public final class WorkerPool: @unchecked Sendable {
  /// A chunk of work: the chunk's index and the worker's scratch memory.
  public typealias Body = (_ chunk: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void

  /// How many threads work, the caller of `run` included.
  public let threads: Int

  // The threads own the crew and never the pool: a reference to the pool that a thread held for a moment could be its last,
  // and the pool would end on a thread that it has to wait for.
  private let crew: WorkerCrew
  private var workers: [pthread_t] = []
  private var scratchBytes = 0

  /// - Parameter threads: at least 1; with 1 all work runs on the caller's thread.
  public init(threads: Int) {
    precondition(threads >= 1, "a worker pool needs at least one thread")
    self.threads = threads
    crew = WorkerCrew(threads: threads)
    reserveScratch(floats: 1 << 16)
    for worker in stride(from: 1, to: threads, by: 1) {
      var thread = pthread_t()
      let error = pthread_create(
        &thread, nil,
        { argument in
          let start = Unmanaged<WorkerStart>.fromOpaque(argument!).takeRetainedValue()
          start.crew.work(as: start.worker)
          return nil
        }, Unmanaged.passRetained(WorkerStart(crew: crew, worker: worker)).toOpaque())
      precondition(error == 0, "the system refused to start worker thread \(worker) (error \(error))")
      workers.append(thread)
    }
  }

  deinit {
    crew.stop()
    for thread in workers { pthread_join(thread, nil) }
  }

  /// Gives every worker at least `floats` of scratch memory. Not to be called while work runs.
  public func reserveScratch(floats: Int) {
    let bytes = (floats + 64) * MemoryLayout<Float>.stride
    guard bytes > scratchBytes else { return }
    crew.replaceScratch(bytes: bytes)
    scratchBytes = bytes
  }

  /// Runs `body` for every chunk in 0 ..< `chunks` and returns when all are done. One caller at a time.
  ///
  /// Nothing keeps `body`, or what it holds, beyond the call.
  public func run(chunks: Int, _ body: Body) {
    precondition(chunks <= WorkerCrew.mostChunks, "a piece of work has at most a million chunks")
    if chunks <= 1 || threads == 1 {
      let memory = crew.scratch(of: 0)
      for chunk in 0..<chunks { body(chunk, memory) }
      return
    }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { crew.run(chunks: chunks, $0) }
    }
  }
}

private final class WorkerStart {
  let crew: WorkerCrew
  let worker: Int
  init(crew: WorkerCrew, worker: Int) {
    self.crew = crew
    self.worker = worker
  }
}
