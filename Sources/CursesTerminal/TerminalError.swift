/// A terminal that the interface cannot be shown on: what is wrong and what would do.
public enum TerminalError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no terminal to speak of.
  case noTerminal(String)
  /// There is one, but it lacks what is needed.
  case unusable(String)

  public var description: String {
    switch self {
    case .noTerminal(let reason), .unusable(let reason): reason
    }
  }
}
