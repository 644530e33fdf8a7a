import TOMLKit

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
    let table = try TOMLFile.table(text, file: file)
    theme = table["theme"]?.string
    themeFile = table["theme-file"]?.string
    symbols = table["symbols"]?.string
    smoothing = table["smoothing"]?.double ?? table["smoothing"]?.int.map(Double.init)
    logarithmic = table["logarithmic"]?.bool
    axis = table["axis"]?.string
    plainText = table["plain-text"]?.bool
    targetAccuracy = table["target-accuracy"]?.double ?? table["target-accuracy"]?.int.map(Double.init)
  }

  public var toml: String {
    var lines = ["# Written by mvit-tui when something is chosen in the dashboard."]
    for (key, text) in [("theme", theme), ("theme-file", themeFile)] {
      guard let text else { continue }
      lines.append("\(key) = \"\(Self.escaped(text))\"")
    }
    if let symbols { lines.append("symbols = \"\(symbols)\"") }
    if let smoothing { lines.append("smoothing = \(smoothing)") }
    if let logarithmic { lines.append("logarithmic = \(logarithmic)") }
    if let axis { lines.append("axis = \"\(axis)\"") }
    if let plainText { lines.append("plain-text = \(plainText)") }
    if let targetAccuracy { lines.append("target-accuracy = \(targetAccuracy)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// As it stands between quotes: a path may hold any character but NUL.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "\"": "\\\""
      case ..<" ", "\u{7F}": "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16, uppercase: true)
      default: String(scalar)
      }
    }.joined()
  }
}
