extension Unicode.Scalar {
  /// Whether a terminal, or a viewer of a printed file, may obey this scalar instead of showing it.
  ///
  /// The one rule for every way out of the program:
  /// - C0 (the line end and the tab too), DEL and C1 move the cursor, set colors or the clipboard;
  /// - U+061C, U+200E, U+200F, U+202A to U+202E and U+2066 to U+206F turn the direction of the text around them;
  /// - U+2028 and U+2029 end a line for some readers.
  public var isCommand: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F: true
    default: false
    }
  }

  /// Hexadecimal digits, at least four.
  var digits: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension StringProtocol {
  /// The text for people, on one line: each command scalar is written as `\u{1B}`, each byte of a name that belongs to no
  /// character as `\xE9`.
  public var plainLine: String { escaped { _ in false } }

  /// The text for people, on as many lines as it has: `plainLine` of each.
  public var plainText: String { escaped { $0 == "\n" } }

  private func escaped(keeping isKept: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: { $0.strayByte != nil || $0.isCommand && !isKept($0) }) else { return String(self) }
    var text = ""
    for scalar in unicodeScalars {
      if let byte = scalar.strayByte {
        // All of them are above 0x7F: two digits.
        text += "\\x\(String(byte, radix: 16, uppercase: true))"
      } else if scalar.isCommand && !isKept(scalar) {
        text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
