import Foundation
import PseudoTerminal
import Terminal
import Testing

/// Ctrl-Z and fg under a real shell with job control.
@Suite(.serialized) struct JobControlTests {
  private func startShell() throws -> PseudoTerminal {
    let shell = try PseudoTerminal(
      "/bin/bash", ["--norc", "--noprofile", "-i"],
      environment: [
        "TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PS1": "shell> ", "HISTFILE": "", "INPUTRC": "/dev/null",
      ])
    try shell.wait(forText: "shell>")
    return shell
  }

  private func startProbe(under shell: PseudoTerminal, _ redirection: String = "") throws {
    shell.type(
      "bind 'set enable-bracketed-paste off'; clear; \(PseudoTerminal.builtProgram("terminal-probe")) keys \(redirection)\n")
    try shell.wait(forText: "ready")
  }

  /// With the shell that tells the job of it, and with a job that hears nothing and only finds its terminal gone.
  @Test(arguments: ["", "bg; disown -h; clear; echo forgotten\n"]) func aWindowClosedOverAStoppedJobEndsIt(leaving: String) throws {
    // Its reading end tells when the last who holds it is gone.
    let pipe = FileManager.default.temporaryDirectory.appendingPathComponent("probe-\(UUID().uuidString)").path
    try #require(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    let end = open(pipe, O_RDONLY | O_NONBLOCK)
    defer { close(end) }
    let shell = try startShell()
    try startProbe(under: shell, "9>\(pipe)")
    shell.type("\u{1A}")
    try shell.wait(for: "the shell") { !$0.isAlternate && $0.text.contains("Stopped") }
    shell.type(leaving)
    if !leaving.isEmpty { try shell.wait(forText: "forgotten\nshell>") }
    shell.hangUp()
    var wait = pollfd(fd: end, events: 0, revents: 0)
    #expect(poll(&wait, 1, 60_000) == 1, "the program lives on without a terminal")
  }

  @Test func stoppedAndContinuedTwentyTimes() throws {
    let shell = try startShell()
    try startProbe(under: shell)
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
