import NumberFormats

extension NumberFormat {
  /// The number right-aligned in at least `width` columns.
  public func text(_ value: Double, width: Int) -> String { text(value).padded(to: width, .trailing) }

  /// The number, or a dash where there is none yet.
  public func text(_ value: Double?, width: Int = 0) -> String { (value.map(text) ?? "-").padded(to: width, .trailing) }
}

extension String {
  /// This text, or of one with more than `count` characters so many and how long it is.
  func shortened(to count: Int) -> String {
    guard utf8.count > count, unicodeScalars.dropFirst(count).first != nil else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.prefix(count))) + "… (\(utf8.count) bytes in all)"
  }

  /// This text in at least `width` columns, filled with spaces.
  public func padded(to width: Int, _ alignment: Alignment = .leading) -> String {
    let missing = width - columns
    guard missing > 0 else { return self }
    let left = alignment == .leading ? 0 : alignment == .center ? missing / 2 : missing
    return String(repeating: " ", count: left) + self + String(repeating: " ", count: missing - left)
  }
}
