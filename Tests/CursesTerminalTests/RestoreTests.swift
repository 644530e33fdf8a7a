import Foundation
import PseudoTerminal
import Terminal
import Testing

/// Whatever ends the program, the terminal is as it was before.
@Suite(.serialized) struct RestoreTests {
  /// Starts the probe, ends it by `ending`, and compares the terminal with what it was.
  private func check(_ expected: PseudoTerminal.Exit, _ ending: (PseudoTerminal) -> Void) throws {
    let terminal = try startProbe()
    let before = terminal.modesBefore
    try #require(!before.isEmpty)
    try terminal.wait(forText: "ready")
    #expect(terminal.screen.isAlternate)
    #expect(!terminal.screen.isCursorVisible)
    #expect(terminal.modes != before)
    ending(terminal)
    #expect(try terminal.waitForExit() == expected)
    #expect(terminal.modes == before)
    #expect(!terminal.screen.isAlternate)
    #expect(terminal.screen.isCursorVisible)
    #expect(terminal.screen.privateModes.isEmpty)
    #expect(terminal.screen.unknown.isEmpty)
  }

  @Test func normalEnd() throws { try check(.code(0)) { $0.type("q") } }
  @Test func endWithAnError() throws { try check(.code(65)) { $0.type("e") } }
  @Test func exitFromTheMiddle() throws { try check(.code(3)) { $0.type("x") } }

  @Test(arguments: [SIGINT, SIGTERM]) func signals(_ number: Int32) throws {
    try check(.code(128 + number)) { $0.send(number) }
  }

  /// Of a terminal that lives on.
  @Test func aHangUpFromOutside() throws { try check(.code(9)) { $0.send(SIGHUP) } }

  @Test func abort() throws { try check(.signal(SIGABRT)) { $0.type("a") } }
  @Test func segmentationFault() throws { try check(.signal(SIGSEGV)) { $0.type("s") } }

  @Test(arguments: [SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGFPE]) func trapsFromOutside(_ number: Int32) throws {
    try check(.signal(number)) { $0.send(number) }
  }

  @Test func aTrapOfSwift() throws {
    let terminal = try startProbe()
    let before = terminal.modesBefore
    try terminal.wait(forText: "ready")
    terminal.type("t")
    let exit = try terminal.waitForExit()
    // An index out of range is SIGILL on x86-64 and SIGTRAP elsewhere.
    #expect(exit == .signal(SIGILL) || exit == .signal(SIGTRAP))
    #expect(terminal.modes == before)
    #expect(!terminal.screen.isAlternate)
    #expect(terminal.screen.isCursorVisible)
  }

  @Test func whatIsPrintedAfterwardsStandsOnTheOrdinaryScreen() throws {
    let terminal = try startProbe()
    try terminal.wait(forText: "ready")
    terminal.type("q")
    _ = try terminal.waitForExit()
    #expect(terminal.screen.text.contains("the end"))
    #expect(!terminal.screen.text.contains("ready"))
  }

  @Test func aTerminalThatTakesNoOutputDoesNotHoldTheEndUp() throws {
    let terminal = try startProbe(size: Size(width: 300, height: 100))
    try terminal.wait(forText: "ready")
    // 200 frames of 30,000 changed cells, none of them read: all but a few must be skipped.
    terminal.type("fx")
    #expect(try terminal.waitForExitWithoutReading() == .code(3))
  }
}
