import Foundation
import PseudoTerminal
import Terminal
import TestImages
import Testing

/// Signals, and the keys that mean the same, at every stage of a run under the dashboard.
@Suite struct DashboardSignalTests: DashboardBench {
  let folder: TestFolder
  let data: String

  init() throws { (folder, data) = try Self.make() }

  private func expectOrdinaryScreen(_ terminal: PseudoTerminal, _ modes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(terminal.modes == modes, sourceLocation: sourceLocation)
    #expect(!terminal.screen.isAlternate && terminal.screen.isCursorVisible, sourceLocation: sourceLocation)
  }

  @Test(arguments: [SIGINT, SIGTERM]) func aSignalAfterTheRunsEndClosesTheDashboard(number: Int32) throws {
    let terminal = try start(train("a", epochs: 1))
    let modes = terminal.modes
    try wait(terminal, "■ finished")
    terminal.send(number)
    #expect(try terminal.waitForExit() == .code(128 + number))
    expectOrdinaryScreen(terminal, modes)
    #expect(terminal.screen.text.contains("done; the run is in"))
  }

  /// A step of several seconds: the signals come long before its end.
  @Test func theThirdSignalLeavesTheTerminalAsItWas() throws {
    let step = ["--model", "mobilevit_s", "--image-size", "384", "--batch-size", "16"]
    let terminal = try start(["train", "--data", data, "--epochs", "1", "--threads", "1", "--run", folder.path + "/b"] + step)
    let modes = terminal.modes
    try wait(terminal, "● training")
    terminal.type("l")
    terminal.send(SIGINT)
    try wait(terminal, "stopping after this step")
    terminal.send(SIGINT)
    try wait(terminal, "still at it")
    terminal.send(SIGINT)
    #expect(try terminal.waitForExit() == .code(130))
    expectOrdinaryScreen(terminal, modes)
  }

  /// Standard error is captured under the dashboard: the sentence must reach the terminal all the same, on its ordinary screen.
  @Test func aLackOfMemoryRestoresTheTerminalAndIsReported() throws {
    let photos = try folder.makeDataSet("photos", train: 12, eval: 2, size: 256)
    let flags = "--model mobilevit_xxs --image-size 256 --batch-size 4 --epochs 100000 --threads 1"
    let line = "ulimit -Sv 4000000; exec '\(Program.path)' train --data '\(photos)' --run '\(folder.path)/m' \(flags)"
    let terminal = try PseudoTerminal("/bin/bash", ["-c", line], environment: environment, size: Size(width: 100, height: 30))
    let modes = terminal.modes
    try wait(terminal, "● training")
    let limited = try Program.bash("prlimit --pid \(terminal.process) --as=1048576:")
    #expect(limited.code == 0, "\(limited.errors)")
    #expect(try terminal.waitForExit() == .code(70))
    expectOrdinaryScreen(terminal, modes)
    #expect(terminal.screen.text.contains("mvit-tui: memory ran out: the system refused "), "\(terminal.screen.text)")
  }

  @Test func stoppedAndContinuedWhileItTrains() throws {
    let shell = try PseudoTerminal(
      "/bin/bash", ["--norc", "--noprofile", "-i"],
      environment: environment.merging(["PS1": "shell> ", "HISTFILE": "", "INPUTRC": "/dev/null"]) { $1 },
      size: Size(width: 100, height: 30))
    try wait(shell, "shell>")
    let command = ([Program.path] + train("e", epochs: 100_000)).joined(separator: " ")
    shell.type("bind 'set enable-bracketed-paste off'; clear; \(command)\n")
    try wait(shell, "● training")
    for round in 1...3 {
      shell.type("\u{1A}")
      try shell.wait(for: "the shell after stop \(round)") { !$0.isAlternate && $0.isCursorVisible && $0.text.contains("Stopped") }
      shell.type("clear; fg\n")
      try shell.wait(for: "training after fg \(round)") { $0.isAlternate && $0.text.contains("● training") }
    }
    // It trains on: a checkpoint is made when one is asked for.
    shell.type("k")
    try wait(shell, "checkpoint saved")
    shell.type("\u{3}")
    try shell.wait(for: "the shell after the end") { !$0.isAlternate && $0.text.contains("shell>") }
    shell.type("echo code $?\n")
    try wait(shell, "code 130")
  }

  /// Nobody reads what the dashboard writes: the run goes to its end, and its own files tell so.
  @Test func trainingGoesOnWhileTheTerminalIsNotRead() throws {
    let terminal = try start(train("f", epochs: 60), size: Size(width: 200, height: 60))
    try wait(terminal, "● training")
    let events = folder.path + "/f/events.jsonl"
    func isOver() -> Bool { (try? String(contentsOfFile: events, encoding: .utf8))?.contains("\"event\":\"end\"") ?? false }
    #expect(try terminal.waitWithoutReading(until: isOver))
    try wait(terminal, "■ finished")
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
  }

  @Test func aHangUpOfALivingTerminalLeavesItUsableWhileTheRunGoesOn() throws {
    let terminal = try start(train("c", epochs: 100_000))
    let modes = terminal.modes
    try wait(terminal, "● training")
    terminal.send(SIGHUP)
    try terminal.wait(for: "the ordinary screen") { !$0.isAlternate && $0.isCursorVisible && terminal.modes == modes }
    terminal.send(SIGTERM)
    #expect(try terminal.waitForExit() == .code(143))
  }

  @Test func aHangUpEndsWatching() throws {
    let terminal = try start(["watch", folder.path])
    let modes = terminal.modes
    try wait(terminal, "watching")
    terminal.send(SIGHUP)
    #expect(try terminal.waitForExit() == .code(129))
    expectOrdinaryScreen(terminal, modes)
  }

  @Test func controlCSavesAndEnds() throws {
    let terminal = try start(train("d", epochs: 100_000))
    let modes = terminal.modes
    try wait(terminal, "● training")
    terminal.type("\u{3}")
    #expect(try terminal.waitForExit() == .code(130))
    expectOrdinaryScreen(terminal, modes)
    #expect(try !model("d").isEmpty)
  }

  @Test func controlCLeavesARunThatIsWatched() throws {
    let terminal = try start(["watch", folder.path])
    let modes = terminal.modes
    try wait(terminal, "watching")
    terminal.type("?\u{3}")
    #expect(try terminal.waitForExit() == .code(130))
    expectOrdinaryScreen(terminal, modes)
  }
}
