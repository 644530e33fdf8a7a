import CProcess
import Glibc

/// Threads that share the chunks of one piece of work at a time.
///
/// Chunks are claimed in any order by any worker, so work whose result depends on the number of threads is wrong by
/// definition: chunk bounds and the order in which partial sums are combined must follow from the problem alone.
public final class WorkerPool: @unchecked Sendable {
  /// A chunk of work: the chunk's index and the worker's scratch memory.
  public typealias Body = (_ chunk: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void

  /// How many threads work, the caller of `run` included; the system may allow fewer than were asked for.
  public let threads: Int
  /// How many threads were asked for.
  public let requestedThreads: Int

  // The threads own the crew and never the pool: a reference to the pool that a thread held for a moment could be its last,
  // and the pool would end on a thread that it has to wait for.
  private let crew = WorkerCrew()
  private var workers: [pthread_t] = []
  private var bytesPerWorker = 0

  /// Kernels keep their arrays in scratch memory, so that a worker's stack stays small.
  private static let stackBytes = 1 << 20
  /// Scratch memory that every worker has from the start.
  private static let leastFloats = 1 << 16
  /// Threads given back where the system refuses more: loaders and the dashboard need some too.
  private static let sparedThreads = 8

  /// - Parameters:
  ///   - threads: at least 1; with 1 all work runs on the caller's thread. Sums do not depend on it, so a pool that gets fewer
  ///     threads works with those.
  ///   - limits: what this process may use; under a limit of address space threads take an eighth of it at most.
  public init(threads: Int, limits: SystemLimits = .read()) {
    precondition(threads >= 1, "a worker pool needs at least one thread")
    requestedThreads = threads
    let bytesOfThread = Self.stackBytes + Self.leastFloats * MemoryLayout<Float>.stride
    let affordable = limits.availableMemory / 8 / bytesOfThread
    let wanted = max(1, min(threads, affordable))
    for worker in stride(from: 1, to: wanted, by: 1) {
      guard let thread = Self.start(worker, of: crew) else { break }
      workers.append(thread)
    }
    let isShort = workers.count + 1 < wanted
    self.threads = isShort ? max(1, workers.count + 1 - Self.sparedThreads) : wanted
    crew.begin(threads: self.threads)
    while workers.count >= self.threads { pthread_join(workers.removeLast(), nil) }
    let bytes = Self.bytesPerWorker(floats: Self.leastFloats)
    crew.replaceScratch(MappedMemory(required: self.threads * bytes), bytesPerWorker: bytes)
    bytesPerWorker = bytes
  }

  /// What there is to say of a pool that has fewer threads than were asked for.
  public var shortage: String? {
    guard threads < requestedThreads else { return nil }
    return "\(requestedThreads) threads were asked for and the limits of this process allow \(threads); the results are the same, "
      + "--threads \(threads) says so without this warning"
  }

  /// Starts a thread that waits for `WorkerCrew.begin`; nil if the system refuses it.
  private static func start(_ worker: Int, of crew: WorkerCrew) -> pthread_t? {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)
    var thread = pthread_t()
    let start = Unmanaged.passRetained(WorkerStart(crew: crew, worker: worker))
    cprocess_expect_thread_refusal(true)
    defer { cprocess_expect_thread_refusal(false) }
    let error = pthread_create(
      &thread, &attributes,
      { argument in
        let start = Unmanaged<WorkerStart>.fromOpaque(argument!).takeRetainedValue()
        if start.crew.isAdmitted(start.worker) { start.crew.work(as: start.worker) }
        return nil
      }, start.toOpaque())
    guard error == 0 else {
      start.release()
      return nil
    }
    return thread
  }

  deinit {
    crew.stop()
    for thread in workers { pthread_join(thread, nil) }
  }

  /// Bytes that `reserveScratch` takes.
  public func scratchBytes(floats: Int) -> Int { threads * Self.bytesPerWorker(floats: floats) }

  private static func bytesPerWorker(floats: Int) -> Int {
    let page = 4096
    return ((floats + 64) * MemoryLayout<Float>.stride + page - 1) / page * page
  }

  /// Gives every worker at least `floats` of scratch memory. Not to be called while work runs.
  ///
  /// - Returns: whether the system grants it.
  @discardableResult
  public func reserveScratch(floats: Int) -> Bool {
    let bytes = Self.bytesPerWorker(floats: floats)
    guard bytes > bytesPerWorker else { return true }
    guard let memory = MappedMemory(addressSpace: threads * bytes) else { return false }
    crew.replaceScratch(memory, bytesPerWorker: bytes)
    bytesPerWorker = bytes
    return true
  }

  /// Runs `body` for every chunk in 0 ..< `chunks` and returns when all are done. One caller at a time.
  ///
  /// Nothing keeps `body`, or what it holds, beyond the call.
  public func run(chunks: Int, _ body: Body) {
    if chunks <= 1 || threads == 1 {
      let memory = crew.scratch(of: 0)
      for chunk in 0..<chunks { body(chunk, memory) }
      return
    }
    if chunks <= WorkerCrew.mostChunks { return share(chunks: chunks, body) }
    // More than a job's word can count: one job after the other.
    for first in stride(from: 0, to: chunks, by: WorkerCrew.mostChunks) {
      share(chunks: min(WorkerCrew.mostChunks, chunks - first)) { chunk, scratch in body(first + chunk, scratch) }
    }
  }

  private func share(chunks: Int, _ body: Body) {
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
