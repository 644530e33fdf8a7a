import Foundation

/// Bytes to a terminal that may not take them: what does not go out in time waits, nobody else does.
struct TerminalOutput {
  let fd: Int32
  /// What the terminal has not taken yet. Must go out before anything else, or sequences would be cut in the middle.
  private var waiting: ArraySlice<UInt8> = []
  private(set) var isLost = false

  init(fd: Int32) { self.fd = fd }

  var isWaiting: Bool { !waiting.isEmpty }

  /// Writes for at most `patience` milliseconds.
  mutating func write(_ bytes: [UInt8], patience: Int32) {
    waiting += bytes
    flush(patience: patience)
  }

  /// Goes on with what waits, for at most `patience` milliseconds.
  mutating func flush(patience: Int32) {
    let deadline = ContinuousClock.now + .milliseconds(Int(patience))
    while !waiting.isEmpty && !isLost {
      let count = waiting.withUnsafeBytes { Foundation.write(fd, $0.baseAddress, $0.count) }
      if count > 0 {
        waiting = waiting.dropFirst(count)
      } else if errno == EINTR {
        continue
      } else if errno == EAGAIN {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { return }
        var wait = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, left.milliseconds)
      } else {
        isLost = true
        waiting = []
      }
    }
    if waiting.isEmpty { waiting = [] }  // An empty slice would keep its whole array.
  }

  /// Forgets what waits: the terminal is set up anew.
  mutating func discard() { waiting = [] }
}
