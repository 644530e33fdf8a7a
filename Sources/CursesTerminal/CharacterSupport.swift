import Foundation
import Terminal

/// Which characters the terminal shows.
enum CharacterSupport {
  static func symbols(environment: [String: String], terminal: String, fd: Int32) -> SymbolSet {
    // The console's font has neither braille nor quadrants.
    if terminal == "linux" || terminal.hasPrefix("vt") { return .ascii }
    switch isUTF8(environment) {
    case true?: return .braille
    case false?: return .ascii
    case nil: return showsUTF8(fd) ? .braille : .ascii
    }
  }

  /// What the locale says; nil where there is none (unset, C, POSIX), as in most containers, whose terminals mostly know UTF-8.
  static func isUTF8(_ environment: [String: String]) -> Bool? {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    if ["", "C", "POSIX"].contains(locale) { return nil }
    let name = locale.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }

  /// Asks the terminal itself: it writes a character of two bytes and reports where the cursor stands after it.
  ///
  /// - Parameter fd: in raw modes. What is typed meanwhile is lost.
  private static func showsUTF8(_ fd: Int32) -> Bool {
    let question: [UInt8] = Array("\ré\u{1B}[6n".utf8)
    guard write(fd, question, question.count) == question.count else { return false }
    defer { _ = write(fd, "\r  \r", 4) }
    var answer: [UInt8] = []
    let deadline = ContinuousClock.now + .milliseconds(300)
    while ContinuousClock.now < deadline {
      var wait = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, (deadline - .now).milliseconds) > 0 else { break }
      var buffer = [UInt8](repeating: 0, count: 64)
      let count = read(fd, &buffer, buffer.count)
      guard count > 0 else { break }
      answer += buffer.prefix(count)
      if let column = reportedColumn(answer) { return column == 2 }
    }
    return false
  }

  /// The column in a cursor report, `ESC [ row ; column R`.
  static func reportedColumn(_ bytes: [UInt8]) -> Int? {
    guard let end = bytes.lastIndex(of: UInt8(ascii: "R")), let start = bytes[..<end].lastIndex(of: 0x1B) else { return nil }
    let parts = bytes[(start + 1)..<end].dropFirst().split(separator: UInt8(ascii: ";"))
    return parts.count == 2 ? Int(String(decoding: parts[1], as: UTF8.self)) : nil
  }
}
