/// Texts in quotes and in apostrophes, on one line or, tripled, on several.
extension TOMLParser {
  /// `"text"` or, as a value, `"""text"""`.
  ///
  /// - Returns: the text with its escapes resolved.
  mutating func basicString(isKey: Bool) throws(TOMLSyntaxError) -> String {
    let isLong = try open(Byte.quote, isKey: isKey)
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case Byte.quote:
        if try close(Byte.quote, isLong: isLong, &text) { return String(decoding: text, as: UTF8.self) }
      case Byte.backslash:
        position += 1
        if isLong, try lineContinues() { continue }
        text += try escape().utf8
      default: try character(byte, isLong: isLong, &text)
      }
    }
    throw unclosed(Byte.quote, isLong: isLong)
  }

  /// `'text'` or, as a value, `'''text'''`: without escapes.
  mutating func literalString(isKey: Bool) throws(TOMLSyntaxError) -> String {
    let isLong = try open(Byte.apostrophe, isKey: isKey)
    var text: [UInt8] = []
    while let byte = next {
      if byte == Byte.apostrophe {
        if try close(Byte.apostrophe, isLong: isLong, &text) { return String(decoding: text, as: UTF8.self) }
      } else {
        try character(byte, isLong: isLong, &text)
      }
    }
    throw unclosed(Byte.apostrophe, isLong: isLong)
  }

  /// Steps over the opening marks, and the line end right behind three of them.
  ///
  /// - Returns: whether there are three.
  private mutating func open(_ mark: UInt8, isKey: Bool) throws(TOMLSyntaxError) -> Bool {
    guard run(of: mark) >= 3 else {
      position += 1
      return false
    }
    if isKey { throw fault("a key in three quotes; put it in one pair") }
    position += 3
    _ = try newline()
    return true
  }

  /// Reads marks of the closing kind.
  ///
  /// - Returns: whether they close the text. Three do; the last three of up to five, the others belonging to the text.
  private mutating func close(_ mark: UInt8, isLong: Bool, _ text: inout [UInt8]) throws(TOMLSyntaxError) -> Bool {
    guard isLong else {
      position += 1
      return true
    }
    let count = run(of: mark)
    guard count <= 5 else {
      throw fault("\(count) quotes in a row; a text in three quotes can end with two of its own at most", at: position + 5)
    }
    position += count
    text += Array(repeating: mark, count: count >= 3 ? count - 3 : count)
    return count >= 3
  }

  private func run(of mark: UInt8) -> Int { bytes[position...].prefix { $0 == mark }.count }

  /// One byte of a text as it is, or a line end of a long one.
  private mutating func character(_ byte: UInt8, isLong: Bool, _ text: inout [UInt8]) throws(TOMLSyntaxError) {
    if byte == Byte.newline || byte == Byte.carriageReturn {
      guard isLong else { throw fault("a text without its end; close it on its line") }
      _ = try newline()
      text.append(Byte.newline)
      return
    }
    guard byte == Byte.tab || !isControl(byte) else {
      throw fault("a control character in a text; write it as an escape, such as \\u001b")
    }
    text.append(byte)
    position += 1
  }

  /// After a backslash: spaces to the line's end, and all blanks up to the next character, which a long text skips.
  private mutating func lineContinues() throws(TOMLSyntaxError) -> Bool {
    let start = position
    skipSpaces()
    guard try newline() else {
      position = start
      return false
    }
    repeat { skipSpaces() } while try newline()
    return true
  }

  /// What follows a backslash.
  private mutating func escape() throws(TOMLSyntaxError) -> String {
    let start = position
    guard let byte = next else { throw fault("a text without its end; close it on its line") }
    let simple: [UInt8: String] = [
      UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "t"): "\t", UInt8(ascii: "n"): "\n", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "r"): "\r",
      Byte.quote: "\"", Byte.backslash: "\\",
    ]
    if let text = simple[byte] {
      position += 1
      return text
    }
    guard byte == UInt8(ascii: "u") || byte == UInt8(ascii: "U") else {
      throw fault("\"\\\" with \(shown(byte)) is no escape; write \"\\\\\" for a backslash, or the text in apostrophes", at: start - 1)
    }
    position += 1
    let length = byte == UInt8(ascii: "u") ? 4 : 8
    let digits = bytes[position...].prefix(length).prefix { Byte.isDigit($0) || Byte.isLetter($0) && $0 | 0x20 <= UInt8(ascii: "f") }
    guard digits.count == length, let scalar = UInt32(String(decoding: digits, as: UTF8.self), radix: 16).flatMap(Unicode.Scalar.init)
    else { throw fault("an escape that names no character; write \\u with 4 or \\U with 8 hexadecimal digits", at: start - 1) }
    position += length
    return String(scalar)
  }

  private func unclosed(_ mark: UInt8, isLong: Bool) -> TOMLSyntaxError {
    fault("a text without its end; close it with \(String(repeating: Character(Unicode.Scalar(mark)), count: isLong ? 3 : 1))")
  }
}
