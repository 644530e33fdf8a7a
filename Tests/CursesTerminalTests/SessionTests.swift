import Foundation
import PseudoTerminal
import Terminal
import Testing

@Suite(.serialized) struct SessionTests {
  @Test func keysArriveAsTyped() throws {
    let terminal = try startProbe()
    try terminal.wait(forText: "ready 80x24")
    for (typed, shown) in [
      ("j", "key j"), ("é", "key é"), ("漢", "key 漢"), ("\u{1B}OA", "key ↑"), ("\u{1B}[B", "key ↓"), ("\u{1B}[5~", "key PgUp"),
      ("\u{1B}OF", "key End"), ("\u{3}", "key ^C"), ("\r", "key Enter"), ("\u{1B}", "key Esc"), ("\u{1B}[Z", "key Shift-Tab"),
    ] {
      terminal.type(typed)
      try terminal.wait(forText: shown)
    }
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
  }

  @Test func theWindowMayChangeItsSizeAsOftenAsItLikes() throws {
    let terminal = try startProbe()
    try terminal.wait(forText: "ready")
    for step in 0..<100 { terminal.resize(Size(width: 1 + step * 7 % 200, height: 1 + step * 5 % 70)) }
    terminal.resize(Size(width: 1, height: 1))
    terminal.resize(Size(width: 93, height: 31))
    try terminal.wait(forText: "size 93x31")
    // The whole of the new window is drawn: its last corner too.
    try terminal.wait(for: "the box's corner") { $0.grid[92, 30].glyph.scalar == "╯" }
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
  }

  /// Every frame is written as a difference to the one before; whatever is skipped, the last must stand there to the cell.
  @Test func anyFramesEndInTheLastOne() throws {
    let terminal = try startProbe(size: Size(width: 61, height: 17), adding: ["COLORTERM": "truecolor"])
    try terminal.wait(forText: "ready")
    terminal.type("r")
    let last = RandomScreen.grid(RandomScreen.count - 1, Size(width: 61, height: 17))
    // Where it never comes, the cells that differ say more than the failure of the wait.
    try? terminal.wait(for: "the last frame", seconds: 10) { $0.grid == last }
    for y in 0..<last.size.height {
      for x in 0..<last.size.width where terminal.screen.grid[x, y] != last[x, y] {
        Issue.record("column \(x), row \(y) shows \(terminal.screen.grid[x, y]) in place of \(last[x, y])")
      }
    }
    #expect(terminal.screen.unknown.isEmpty)
    #expect(terminal.screen.privateModes.subtracting([1]).isEmpty)
    // The first key ends the show, the second the program.
    terminal.type("jq")
    #expect(try terminal.waitForExit() == .code(0))
  }

  /// No key follows: the line itself must wake the loop.
  @Test func printsDoNotReachTheScreen() throws {
    let terminal = try startProbe()
    try terminal.wait(forText: "ready")
    terminal.type("oj")
    try terminal.wait(forText: "key j")
    try terminal.wait(forText: "captured: printed while the screen is up", seconds: 30)
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
  }

  /// A line that another process writes arrives while the loop sleeps, before which nothing else happens.
  @Test func aLineFromOutsideWakesTheLoop() throws {
    let terminal = try startProbe()
    try terminal.wait(forText: "ready")
    try terminal.waitUntilItSleeps()
    for number in 1...3 {
      let output = try #require(FileHandle(forWritingAtPath: "/proc/\(terminal.process)/fd/1"))
      try output.write(contentsOf: Data("line \(number) from outside\n".utf8))
      try output.close()
      try terminal.wait(forText: "captured: line \(number) from outside", seconds: 30)
    }
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
  }

  @Test func aLostTerminalIsToldAndEndsNothingByItself() throws {
    let terminal = try startProbe()
    try terminal.wait(forText: "ready")
    terminal.hangUp()
    #expect(try terminal.waitForExitWithoutReading() == .code(9))
  }

  @Test func theProcessUsesNoTimeWhileNothingHappens() throws {
    let terminal = try startProbe()
    try terminal.wait(forText: "ready")
    let before = try #require(processorTime(terminal.process))
    // Nothing is typed for this long; the wait fails as it should.
    try? terminal.wait(for: "nothing", seconds: 1) { _ in false }
    let after = try #require(processorTime(terminal.process))
    // In ticks of a hundredth of a second of processor time: a loop that spins would use about a hundred.
    #expect(after - before <= 5)
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
  }

  /// User and system time in ticks, from /proc.
  private func processorTime(_ process: pid_t) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return nil }
    let fields = text.drop { $0 != ")" }.split(separator: " ")
    guard fields.count > 14, let user = Int(fields[12]), let system = Int(fields[13]) else { return nil }
    return user + system
  }
}
