import Foundation
import PseudoTerminal
import Terminal
import Testing

/// A test runner that is killed leaves none of its programs behind.
@Suite(.serialized) struct OrphanTests {
  /// A program that would outlive its terminal, and one that ends with it.
  @Test(arguments: [["/bin/sh", "-c", "trap '' HUP; echo deaf; exec sleep 600"], ["terminal-probe", "keys"]])
  func programsEndWithAKilledParent(_ program: [String]) throws {
    var program = program
    if program[0] == "terminal-probe" { program[0] = PseudoTerminal.builtProgram(program[0]) }
    // Its reading end reports when the last process that holds it is gone.
    let pipe = FileManager.default.temporaryDirectory.appendingPathComponent("orphan-\(UUID().uuidString)").path
    try #require(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    let end = open(pipe, O_RDONLY | O_NONBLOCK)
    defer { close(end) }
    let parent = Process()
    parent.executableURL = URL(fileURLWithPath: "/bin/bash")
    parent.arguments = ["-c", "exec \"$0\" parent \"$@\" 9>\(pipe)", PseudoTerminal.builtProgram("terminal-probe")] + program
    parent.environment = ["TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"]
    let output = Pipe()
    parent.standardOutput = output
    try parent.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let child = try #require(pid_t(line.trimmingPrefix("started ").trimmingCharacters(in: .whitespacesAndNewlines)), "\(line)")
    // What fails must not stay behind either.
    defer { kill(child, SIGKILL) }
    kill(parent.processIdentifier, SIGKILL)
    var wait = pollfd(fd: end, events: 0, revents: 0)
    // Foundation waits for the whole family of a process, so it is asked only once that is gone.
    try #require(poll(&wait, 1, 30_000) == 1, "\(program[0]) lives on without its parent")
    parent.waitUntilExit()
  }

  /// Even while it shows what no key has ended.
  @Test func theProbeEndsWithItsTerminalWhateverItShows() throws {
    let terminal = try startProbe()
    try terminal.wait(forText: "ready")
    terminal.type("r")
    try terminal.wait(for: "a random screen") { !$0.text.contains("ready") }
    terminal.hangUp()
    #expect(try terminal.waitForExitWithoutReading(seconds: 30) == .code(9))
  }
}
