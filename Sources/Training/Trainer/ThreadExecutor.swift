import Foundation

/// An actor's executor that is one thread of its own, on which work may block and compute for hours: the few threads that
/// all other actors share stay free.
final class ThreadExecutor: SerialExecutor, @unchecked Sendable {  // `jobs` and `isEnding` are guarded by `condition`
  private let condition = NSCondition()
  private var jobs: [UnownedJob] = []
  private var isEnding = false

  init(name: String) {
    // The thread holds the executor until `end`.
    let thread = Thread { [self] in work() }
    thread.name = name
    thread.stackSize = 8 << 20
    thread.start()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.lock()
    jobs.append(job)
    condition.signal()
    condition.unlock()
  }

  /// Lets the thread end after the jobs that are there.
  func end() {
    condition.lock()
    isEnding = true
    condition.signal()
    condition.unlock()
  }

  private func work() {
    while let job = next() { job.runSynchronously(on: asUnownedSerialExecutor()) }
  }

  private func next() -> UnownedJob? {
    condition.lock()
    defer { condition.unlock() }
    while jobs.isEmpty && !isEnding { condition.wait() }
    return jobs.isEmpty ? nil : jobs.removeFirst()
  }
}
