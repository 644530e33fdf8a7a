import TOMLKit

/// What a user chose in the dashboard, kept from one start to the next. nil for what was never chosen.
public struct UserPreferences: Sendable, Equatable {
  public var theme: String?
  /// `auto`, `braille`, `block` or `ascii`.
  public var symbols: String?
  public var smoothing: Double?
  public var logarithmic: Bool?
  public var axis: String?
  public var plainText: Bool?
  public var targetAccuracy: Double?

  public init() {}

  /// Reads a file of preferences. What it does not know or understand it passes over: a file of another version must not keep
  /// the program from starting.
  ///
  /// - Returns: nil for text that is no TOML.
  public init?(toml text: String) {
    guard let table = try? TOMLFile.table(text, file: "") else { return nil }
    theme = table["theme"]?.string
    symbols = table["symbols"]?.string
    smoothing = table["smoothing"]?.double ?? table["smoothing"]?.int.map(Double.init)
    logarithmic = table["logarithmic"]?.bool
    axis = table["axis"]?.string
    plainText = table["plain-text"]?.bool
    targetAccuracy = table["target-accuracy"]?.double ?? table["target-accuracy"]?.int.map(Double.init)
  }

  public var toml: String {
    var lines = ["# Written by mvit-tui when something is chosen in the dashboard."]
    if let theme {
      let escaped = theme.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      lines.append("theme = \"\(escaped)\"")
    }
    if let symbols { lines.append("symbols = \"\(symbols)\"") }
    if let smoothing { lines.append("smoothing = \(smoothing)") }
    if let logarithmic { lines.append("logarithmic = \(logarithmic)") }
    if let axis { lines.append("axis = \"\(axis)\"") }
    if let plainText { lines.append("plain-text = \(plainText)") }
    if let targetAccuracy { lines.append("target-accuracy = \(targetAccuracy)") }
    return lines.joined(separator: "\n") + "\n"
  }
}
