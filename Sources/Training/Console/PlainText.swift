extension String {
  /// The text as a terminal may show it: what comes from outside, a weight file's class names or the name of an image, must
  /// not move the cursor or set the clipboard. Control characters are written as `\u{1B}`; line ends stay.
  public var plainText: String {
    guard unicodeScalars.contains(where: Self.isControl) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      text += Self.isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16, uppercase: true))}" : String(scalar)
    }
    return text
  }

  /// C0 but for the line end, DEL and C1, and the marks that turn the direction of what follows.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
