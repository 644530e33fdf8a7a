import Foundation

/// The thread that starts all programs on pseudo-terminals. It lives as long as the process.
///
/// The kernel kills such a program when the thread that started it ends. Tests run on threads that come and go.
final class SpawningThread: Sendable {
  static let shared = SpawningThread()

  private let requests = DispatchSemaphore(value: 0)
  private let queue = Requests()

  private final class Requests: @unchecked Sendable {  // `waiting` is guarded by `lock`
    let lock = NSLock()
    var waiting: [@Sendable () -> Void] = []
  }

  private init() {
    let (requests, queue) = (requests, queue)
    let thread = Thread {
      while true {
        requests.wait()
        let request = queue.lock.withLock { queue.waiting.removeFirst() }
        request()
      }
    }
    thread.name = "spawner"
    thread.start()
  }

  /// Runs `body` there and waits for its result.
  func run(_ body: @escaping @Sendable () -> pid_t) -> pid_t {
    let done = DispatchSemaphore(value: 0)
    let answer = Answer()
    queue.lock.withLock {
      queue.waiting.append {
        answer.value = body()
        done.signal()
      }
    }
    requests.signal()
    done.wait()
    return answer.value
  }

  /// Written before `done` is signalled, read after.
  private final class Answer: @unchecked Sendable { var value: pid_t = -1 }
}
