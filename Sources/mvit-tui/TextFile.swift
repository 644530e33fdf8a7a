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
  ///   - takesPipes: whether a pipe will do, as the shell's `<(...)` makes; without a writer a pipe would be waited for.
  /// - Throws: `Failure` for what cannot be read, `ConfigurationError` for what is not UTF-8.
  static func read(_ path: String, _ what: String, takesPipes: Bool = false) throws -> String {
    let descriptor = retrying { path.withSystemPath { open($0, O_RDONLY | O_CLOEXEC | (takesPipes ? 0 : O_NONBLOCK)) } }
    guard descriptor >= 0 else { throw failure(path, what, errno) }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw failure(path, what, errno) }
    guard takesPipes || facts.st_mode & S_IFMT == S_IFREG || facts.st_mode & S_IFMT == S_IFDIR else {
      throw Failure(.missingInput, "\(path): \(what) is not an ordinary file; put one there or take it away")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < limit {
      let count = retrying { Int32(Foundation.read(descriptor, &buffer, buffer.count)) }
      guard count >= 0 else { throw failure(path, what, errno) }
      if count == 0 { break }
      bytes += buffer[..<Int(count)]
    }
    return try text(bytes, of: path)
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
