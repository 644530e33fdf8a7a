extension String {
  /// The text as a JSON string with its quotes; reads back as the same text and holds nothing that `plainLine` would change: no command
  /// scalar and no scalar that stands for a byte.
  public var jsonQuoted: String { quoted { scalar in scalar.utf16.map { "\\u" + String($0, radix: 16) }.joined() } }

  /// The text as a TOML basic string with its quotes; as `jsonQuoted`.
  ///
  /// TOML shares these escapes with JSON, but for scalars above U+FFFF.
  public var tomlQuoted: String { quoted { "\\U00" + $0.digits } }

  /// The path as a Python string with its quotes, for Python's own functions: they take a byte that is no character as the lone
  /// surrogate U+DC80 to U+DCFF (`surrogateescape`).
  public var pythonQuoted: String { quoted { scalar in scalar.strayByte.map { "\\udc" + String($0, radix: 16) } ?? "" } }

  /// - Parameter byteEscape: of a scalar that stands for a byte.
  private func quoted(byteEscape: (Unicode.Scalar) -> String) -> String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.isCommand: result += "\\u" + scalar.digits
      case _ where scalar.strayByte != nil: result += byteEscape(scalar)
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
