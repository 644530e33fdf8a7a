extension String {
  /// The text as a JSON string with its quotes; reads back as the same text and holds no command scalar.
  public var jsonQuoted: String { quoted }

  /// The text as a TOML basic string with its quotes; reads back as the same text and holds no command scalar.
  ///
  /// TOML shares these escapes with JSON.
  public var tomlQuoted: String { quoted }

  private var quoted: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.isCommand: result += "\\u" + scalar.digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// JSON made elsewhere, with the command scalars in its strings escaped; line ends, which stand between tokens, stay.
  ///
  /// Encoders escape C0 only. Outside of strings JSON is ASCII, so every other command scalar is in a string.
  public var printableJSON: String {
    guard unicodeScalars.contains(where: { $0.isCommand && $0.value >= 0x7F }) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isCommand && scalar.value >= 0x7F { result += "\\u" + scalar.digits } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }
}
