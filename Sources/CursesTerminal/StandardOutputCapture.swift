import CCurses
import Foundation

/// Takes what is written to file descriptors 1 and 2 away from the screen, line by line, until it is ended.
///
/// Begun before the terminal is taken over, so that no library's message lands in the middle of a picture.
public final class StandardOutputCapture: Sendable {
  private let savedOutput: Int32
  private let savedError: Int32
  private let finished = DispatchSemaphore(value: 0)

  /// - Parameter onLine: called on a thread of the capture's own, once for each line, without its end.
  /// - Throws: `TerminalError` where no pipe can be had.
  public init(onLine: @escaping @Sendable (String) -> Void) throws(TerminalError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .unusable("no pipe could be opened (\(String(cString: strerror(errno))))") }
    _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
    fflush(nil)
    ccurses_buffer_output_by_line()
    savedOutput = fcntl(1, F_DUPFD_CLOEXEC, 3)
    savedError = fcntl(2, F_DUPFD_CLOEXEC, 3)
    ccurses_keep_error(savedError)
    dup2(ends[1], 1)
    dup2(ends[1], 2)
    close(ends[1])
    let (reading, done) = (ends[0], finished)
    let thread = Thread {
      Self.relay(from: reading, onLine)
      done.signal()
    }
    thread.name = "output capture"
    thread.start()
  }

  /// Gives the descriptors back; returns when all that was written has been delivered.
  ///
  /// A child process that still holds the pipe keeps its lines coming; they are waited for at most a second.
  public func end() {
    fflush(nil)
    dup2(savedOutput, 1)
    dup2(savedError, 2)
    ccurses_keep_error(-1)
    close(savedOutput)
    close(savedError)
    _ = finished.wait(timeout: .now() + 1)
  }

  private static func relay(from fd: Int32, _ onLine: (String) -> Void) {
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(fd, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      for byte in buffer.prefix(count) {
        // A line without end must not grow for ever.
        if byte == UInt8(ascii: "\n") || line.count >= 16_384 {
          onLine(String(decoding: line, as: UTF8.self))
          line = []
        }
        if byte != UInt8(ascii: "\n") { line.append(byte) }
      }
    }
    if !line.isEmpty { onLine(String(decoding: line, as: UTF8.self)) }
    close(fd)
  }
}
