import Configuration
import Foundation
import SystemText

/// Small files of text that people write: configurations, themes, settings.
enum TextFile {
  /// More than any of them; what is longer is cut here and refused by its reader.
  private static let limit = 1 << 20

  /// Reads a file whole.
  ///
  /// - Parameters:
  ///   - path: as the kernel takes it.
  ///   - what: for errors: "the theme".
  ///   - takesPipes: whether a pipe with a writer will do, as the shell's `<(...)` makes; one without would be waited for.
  /// - Throws: `Failure` for what cannot be read, `ConfigurationError` for what is not UTF-8.
  static func read(_ path: String, _ what: String, takesPipes: Bool = false) throws -> String {
    // Examined before it is opened, as opening alone can do something to a device.
    var facts = stat()
    guard retrying({ path.withSystemPath { stat($0, &facts) } }) == 0 else { throw failure(path, what, errno) }
    let kind = facts.st_mode & S_IFMT
    let isPipe = kind == S_IFIFO && takesPipes
    guard isPipe || kind == S_IFREG || kind == S_IFDIR else {
      throw Failure(.missingInput, "\(path): \(what) is not an ordinary file; name one, or put one there")
    }
    let descriptor = retrying { path.withSystemPath { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) } }
    guard descriptor >= 0 else { throw failure(path, what, errno) }
    defer { close(descriptor) }
    let bytes = try contents(of: descriptor, path, what)
    // What a writer left stays in a pipe; a pipe that was never written to ends at once.
    guard !isPipe || !bytes.isEmpty else {
      throw Failure(.missingInput, "\(path): \(what) is a pipe that nobody writes to; name a file, or a pipe with a writer as <(...) makes")
    }
    return try text(bytes, of: path)
  }

  private static func contents(of descriptor: Int32, _ path: String, _ what: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < limit {
      let count = retrying { Int32(Foundation.read(descriptor, &buffer, buffer.count)) }
      if count == 0 { break }
      if count < 0 {
        guard errno == EAGAIN else { throw failure(path, what, errno) }
        // A pipe whose writer has not come to it yet.
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&wait, 1, -1)
        continue
      }
      bytes += buffer[..<Int(count)]
    }
    return bytes
  }

  /// What a file holds, as text.
  ///
  /// - Throws: `ConfigurationError` with the line for what is not UTF-8.
  static func text(_ bytes: [UInt8], of path: String) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError("\(path), line \(lineOfFirstFault(bytes))", "is not UTF-8; save the file as UTF-8")
    }
    return text
  }

  private static func failure(_ path: String, _ what: String, _ code: Int32) -> Failure {
    Failure(.missingInput, "\(path): \(what) cannot be read: \(String(cString: strerror(code))); check the path and its permissions")
  }

  /// Calls again what a signal interrupted.
  private static func retrying(_ call: () -> Int32) -> Int32 {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  private static func lineOfFirstFault(_ bytes: [UInt8]) -> Int {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
  }
}
