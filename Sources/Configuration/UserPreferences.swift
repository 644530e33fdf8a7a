import SystemText

/// What a user chose in the dashboard, kept from one start to the next. nil for what was never chosen.
public struct UserPreferences: Sendable, Equatable {
  public var theme: String?
  /// The path of a theme that was given by its file and lies where no others are looked for.
  public var themeFile: String?
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
  /// - Parameter file: to be named in errors.
  /// - Throws: `ConfigurationError` for text that is no TOML.
  public init(toml text: String, file: String) throws(ConfigurationError) {
    let table = try TOMLDocument(text, file: file).table
    theme = table["theme"]?.text
    // The system would take a NUL for the path's end.
    themeFile = table["theme-file"]?.text.flatMap { $0.utf8.contains(0) ? nil : $0 }
    symbols = table["symbols"]?.text
    smoothing = table["smoothing"]?.number
    logarithmic = table["logarithmic"]?.toggle
    axis = table["axis"]?.text
    plainText = table["plain-text"]?.toggle
    targetAccuracy = table["target-accuracy"]?.number
  }

  public var toml: String {
    var lines = ["# Written by mvit-tui when something is chosen in the dashboard."]
    for (key, text) in [("theme", theme), ("theme-file", themeFile)] {
      guard let text else { continue }
      lines.append("\(key) = \(text.tomlQuoted)")
    }
    if let symbols { lines.append("symbols = \(symbols.tomlQuoted)") }
    if let smoothing { lines.append("smoothing = \(smoothing)") }
    if let logarithmic { lines.append("logarithmic = \(logarithmic)") }
    if let axis { lines.append("axis = \(axis.tomlQuoted)") }
    if let plainText { lines.append("plain-text = \(plainText)") }
    if let targetAccuracy { lines.append("target-accuracy = \(targetAccuracy)") }
    return lines.joined(separator: "\n") + "\n"
  }
}
