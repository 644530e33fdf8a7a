extension String {
  /// The text as one word of a shell's command line, quoted only where it must be.
  ///
  /// A text of which a terminal would show something else than it holds (control characters, bytes that are no characters) is written
  /// in ASCII as `$'p\351'`, which bash, zsh and ksh read, and by POSIX of 2024 every shell.
  public var shellQuoted: String {
    if plainLine != self { return "$'" + systemBytes.map(Self.escape).joined() + "'" }
    let isPlain =
      !isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "%+,-./:=@_".utf8.contains(byte)
        }
      }
    return isPlain ? self : "'" + replacing("'", with: #"'\''"#) + "'"
  }

  /// The same for a path, which no command takes for a flag: one that begins with `-` gets a `./`.
  public var shellPath: String { (hasPrefix("-") ? "./" + self : self).shellQuoted }

  /// A byte within `$'...'`.
  private static func escape(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\n"): #"\n"#
    case UInt8(ascii: "'"): #"\'"#
    case UInt8(ascii: "\\"): #"\\"#
    case 0x20..<0x7F: String(UnicodeScalar(byte))
    // Three digits, so that a digit behind them is none of them.
    default: "\\" + String(byte >> 6) + String(byte >> 3 & 7) + String(byte & 7)
    }
  }
}
