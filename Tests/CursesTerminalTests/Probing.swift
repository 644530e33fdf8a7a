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
  func wait(forText text: String) throws { try wait(for: "\"\(text)\"") { $0.text.contains(text) } }
}
