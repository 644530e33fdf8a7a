import Foundation
import PseudoTerminal
import Terminal
import Testing

/// Kinds of terminals: what is said of those that will not do, and what is shown on those with less.
@Suite(.serialized) struct TerminalKindTests {
  @Test(arguments: [("nonsense", "not in the terminfo database"), ("dumb", "cannot place the cursor"), ("", "TERM is not set")])
  func unusableTerminals(_ term: String, _ reason: String) throws {
    let terminal = try startProbe(term: term)
    let before = terminal.modesBefore
    #expect(try terminal.waitForExit() == .code(70))
    #expect(terminal.screen.text.replacing("\n", with: "").contains(reason))
    #expect(terminal.screen.text.replacing("\n", with: "").contains("--no-ui"))
    #expect(terminal.modes == before)
  }

  @Test func depthsAndSymbols() throws {
    let cases: [(String, [String: String], String)] = [
      ("xterm-256color", [:], "palette256 braille"), ("xterm-256color", ["COLORTERM": "truecolor"], "trueColor braille"),
      ("xterm-256color", ["COLORTERM": "truecolor", "NO_COLOR": "1"], "none braille"), ("xterm", [:], "eight braille"),
      ("vt100", [:], "none ascii"), ("xterm-256color", ["LANG": "de_DE.ISO-8859-1"], "palette256 ascii"),
      ("xterm-256color", ["LANG": "de_DE.UTF-8", "LC_ALL": "ru_RU.KOI8-R"], "palette256 ascii"), ("linux", [:], "eight ascii"),
      // Without a locale the terminal is asked; the model answers as one that knows UTF-8.
      ("xterm-256color", ["LANG": ""], "palette256 braille"),
    ]
    for (term, more, expected) in cases {
      let terminal = try startProbe(term: term, adding: more)
      try terminal.wait(forText: expected)
      if expected.hasSuffix("ascii") {
        #expect(terminal.screen.text.unicodeScalars.allSatisfy { $0.isASCII }, "\(term) \(more)")
      }
      terminal.type("q")
      #expect(try terminal.waitForExit() == .code(0), "\(term) \(more)")
    }
  }
}
