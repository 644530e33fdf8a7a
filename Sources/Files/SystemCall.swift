import Glibc

/// The system calls through which this room reaches a disk: each is made again after a signal, and each can be made to fail.
package enum SystemCall: String, CaseIterable, Sendable {
  case open, status, list, read, write, truncate, flush, makeFolder, link, readLink, rename, remove, removeFolder

  /// An `errno` with which a call fails without being made; nil lets the call through.
  package typealias Fault = @Sendable (_ call: SystemCall, _ path: String) -> Int32?

  /// Set by tests for the length of a task; called before every call.
  @TaskLocal package static var fault: Fault?

  /// The `errno` of a call that failed.
  struct Failure: Error { let code: Int32 }

  /// Makes a call whose result is negative on failure, until no signal interrupts it.
  @discardableResult
  func perform(_ path: String, _ body: () -> Int) throws(Failure) -> Int {
    while true {
      if let code = injected(path) {
        if code == EINTR { continue }
        throw Failure(code: code)
      }
      let result = body()
      if result >= 0 { return result }
      let code = errno
      if code != EINTR { throw Failure(code: code) }
    }
  }

  @discardableResult
  func perform(_ path: String, _ body: () -> Int32) throws(Failure) -> Int32 {
    Int32(try perform(path) { () -> Int in Int(body()) })
  }

  private func injected(_ path: String) -> Int32? { Self.fault.flatMap { $0(self, path) } }
}
