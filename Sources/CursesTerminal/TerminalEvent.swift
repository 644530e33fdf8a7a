import CCurses
import Terminal

/// What happens at the terminal.
public enum TerminalEvent: Hashable, Sendable {
  case key(KeyEvent)
  case resize(Size)
  /// Somebody called `TerminalWaker.wake`: there is something new to show.
  case wake
  /// The terminal is ours again after the process was stopped or in the background. The screen is drawn anew with the next frame.
  case resumed
  /// The terminal is gone (hang-up, end of input). Told once; afterwards there are only wakes, and drawing does nothing.
  case lost
}

/// What became of a frame.
public enum DrawResult: Hashable, Sendable {
  /// All of it is on its way.
  case shown
  /// The terminal did not take an earlier one yet, or has another size by now: this frame was left out. Draw again with the next event.
  case skipped
  /// There is no terminal any more, or not at present (in the background).
  case unavailable
}

/// Wakes a terminal's thread from any other.
public struct TerminalWaker: Sendable {
  /// `nextEvent` returns `.wake` soon; several calls may become one event.
  public func wake() { ccurses_wake(CChar(ccurses_code_wake)) }
}
