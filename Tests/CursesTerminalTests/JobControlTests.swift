import Foundation
import PseudoTerminal
import Terminal
import Testing

/// Ctrl-Z and fg under a real shell with job control.
@Suite(.serialized) struct JobControlTests {
  @Test func stoppedAndContinuedTwentyTimes() throws {
    let shell = try PseudoTerminal(
      "/bin/bash", ["--norc", "--noprofile", "-i"],
      environment: [
        "TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PS1": "shell> ", "HISTFILE": "", "INPUTRC": "/dev/null",
      ])
    try shell.wait(forText: "shell>")
    shell.type("bind 'set enable-bracketed-paste off'; clear; \(PseudoTerminal.builtProgram("terminal-probe")) keys\n")
    try shell.wait(forText: "ready")
    let raw = shell.modes
    for round in 1...20 {
      shell.type("\u{1A}")
      try shell.wait(for: "the shell after stop \(round)") { !$0.isAlternate && $0.isCursorVisible && $0.text.contains("Stopped") }
      shell.type("clear; fg\n")
      try shell.wait(for: "the screen after fg \(round)") {
        $0.isAlternate && $0.text.components(separatedBy: "resumed").count == round + 1
      }
      #expect(shell.modes == raw)
      #expect(!shell.screen.isCursorVisible)
    }
    shell.type("q")
    try shell.wait(forText: "the end")
    shell.type("exit 5\n")
    #expect(try shell.waitForExit() == .code(5))
    #expect(shell.screen.unknown.isEmpty)
  }
}
