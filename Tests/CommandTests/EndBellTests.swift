import Foundation
import PseudoTerminal
import Terminal
import TestImages
import Testing

/// What a terminal gets at a run's end: the bell, the command's words, the next commands.
@Suite struct EndBellTests: DashboardBench {
  let folder: TestFolder
  let data: String

  init() throws { (folder, data) = try Self.make() }

  @Test func theDashboardRingsOnceAndShowsTheCommandsWords() throws {
    let arguments = train("a", epochs: 1, adding: ["--bell", "bell", "--on-end", "echo said-$MVIT_OUTCOME"])
    let terminal = try start(arguments, size: Size(width: 120, height: 40))
    try wait(terminal, "■ finished")
    terminal.type("l")
    try wait(terminal, "said-finished")
    try terminal.wait(for: "the bell") { $0.bells > 0 }
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
    #expect(terminal.screen.bells == 1)
    let text = terminal.screen.text
    #expect(text.contains("done; the run is in") && text.contains("mvit-tui predict --run") && !text.contains("said-finished"), "\(text)")
    // The run's lock is released by then, and its files may be another process's.
    let log = try String(contentsOfFile: folder.path + "/a/console.log", encoding: .utf8)
    #expect(!log.contains("said"), "\(log)")
  }

  @Test func linesRingWhereTheyGoToATerminal() throws {
    for (bell, count) in [("bell", 1), ("notify", 1), ("none", 0)] {
      let terminal = try start(train(bell, epochs: 1, adding: ["--no-ui", "--bell", bell]))
      #expect(try terminal.waitForExit() == .code(0))
      #expect(terminal.screen.bells == count && terminal.screen.text.contains("mvit-tui report"), "\(bell)")
    }
  }

  /// The dashboard closes at the first signal, the command is killed at the second.
  @Test func twoSignalsEndADashboardWhoseCommandHangs() throws {
    let terminal = try start(train("c", epochs: 1, adding: ["--on-end", "echo hanging; sleep 100000 & wait"]))
    try wait(terminal, "■ finished")
    terminal.type("l")
    try wait(terminal, "hanging")
    terminal.send(SIGINT)
    try terminal.wait(for: "the ordinary screen") { !$0.isAlternate }
    terminal.send(SIGINT)
    #expect(try terminal.waitForExit() == .code(130))
  }
}
