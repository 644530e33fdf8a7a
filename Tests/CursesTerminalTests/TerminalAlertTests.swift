import CursesTerminal
import Testing

@Suite struct TerminalAlertTests {
  @Test(arguments: [
    ["TERM": "xterm-kitty"], ["TERM": "foot"], ["TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"],
    ["TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"],
  ])
  func aTerminalThatIsKnownForItShowsANotification(environment: [String: String]) {
    let bytes = TerminalAlert.notification("done\u{1B}\n", environment: environment)
    #expect(bytes == Array("\u{1B}]9;done\\u{1B}\\u{A}\u{7}".utf8))
  }

  @Test(arguments: [
    [:], ["TERM": "xterm-256color"], ["TERM": "xterm-256color", "WT_SESSION": "1"], ["TERM": "screen-256color", "TERM_PROGRAM": "WezTerm"],
    ["TERM": "xterm-kitty", "TMUX": "/tmp/tmux,1,0"],
  ])
  func othersRing(environment: [String: String]) {
    #expect(TerminalAlert.notification("done", environment: environment) == TerminalAlert.bell)
  }
}
