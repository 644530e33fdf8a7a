import SystemText

/// Bytes that call a user who does not look at the terminal.
public enum TerminalAlert {
  /// The bell.
  public static let bell: [UInt8] = [0x07]

  /// A desktop notification with `text` (OSC 9) where the terminal is known to show it, else the bell.
  ///
  /// A terminal that does not know the sequence may print its text, and Windows Terminal and ConEmu mean something else by it, so
  /// that only terminals whose documentation has it are trusted. tmux and screen pass it on by configuration only: they get the bell.
  /// - Parameter environment: of the process; `TERM`, `TERM_PROGRAM` and `TMUX` name the terminal.
  public static func notification(_ text: String, environment: [String: String]) -> [UInt8] {
    guard showsNotifications(environment) else { return bell }
    // No command scalar may end the sequence early.
    return [0x1B] + Array("]9;\(text.plainLine)".utf8) + bell
  }

  static func showsNotifications(_ environment: [String: String]) -> Bool {
    let term = environment["TERM"] ?? ""
    if environment["TMUX"] != nil || environment["STY"] != nil || ["tmux", "screen"].contains(where: term.hasPrefix) { return false }
    return ["iTerm.app", "WezTerm", "ghostty"].contains(environment["TERM_PROGRAM"] ?? "")
      || ["xterm-kitty", "xterm-ghostty", "foot", "foot-extra", "wezterm"].contains(term)
  }
}
