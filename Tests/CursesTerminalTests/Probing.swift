import Foundation
import PseudoTerminal
import Terminal

/// The probe on a terminal of its own, ready for keys.
func startProbe(
  _ arguments: [String] = ["keys"], size: Size = Size(width: 80, height: 24), term: String = "xterm-256color",
  adding more: [String: String] = [:]
) throws -> PseudoTerminal {
  var environment = ["TERM": term, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"]
  environment.merge(more) { $1 }
  return try PseudoTerminal(PseudoTerminal.builtProgram("terminal-probe"), arguments, environment: environment, size: size)
}

extension PseudoTerminal {
  /// Waits for a text anywhere on the screen.
  func wait(forText text: String, seconds: Double = 240) throws {
    try wait(for: "\"\(text)\"", seconds: seconds) { $0.text.contains(text) }
  }

  /// Waits until the program's main thread sleeps in a system call; what it writes until then is read.
  func waitUntilItSleeps() throws {
    try wait(for: "the program to sleep", seconds: 60) { _ in processState(process) == "S" }
  }
}

/// The state letter of a process in /proc: "R" while it runs, "S" while it sleeps, "Z" when it has ended and nobody has asked how;
/// nil when there is none.
func processState(_ process: pid_t) -> Character? {
  guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
    let end = text.lastIndex(of: ")")
  else { return nil }
  return text[text.index(after: end)...].first { $0 != " " }
}
