/// One line of text in pieces, aligned, with an ellipsis where it does not fit.
public struct Line: Widget, Hashable, Sendable {
  public var spans: [Span]
  public var alignment: Alignment

  public init(_ spans: [Span], _ alignment: Alignment = .leading) {
    self.spans = spans
    self.alignment = alignment
  }

  public init(_ text: String, _ style: Style, _ alignment: Alignment = .leading) {
    self.init([Span(text, style)], alignment)
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty else { return }
    let free = max(0, rect.width - spans.columns)
    let offset = alignment == .leading ? 0 : alignment == .center ? free / 2 : free
    canvas.spans(spans, x: rect.x + offset, y: rect.y, limit: rect.width - offset)
  }
}

/// Text broken into lines between words.
public struct Paragraph: Widget, Hashable, Sendable {
  public var text: String
  public var style: Style
  public var alignment: Alignment

  public init(_ text: String, _ style: Style, _ alignment: Alignment = .leading) {
    self.text = text
    self.style = style
    self.alignment = alignment
  }

  /// Characters that are broken into lines: a program may print a megabyte in one line, and no window shows more.
  public static let longest = 10_000

  /// The lines at `width` columns; words longer than a line are cut, and a text of more than `longest` characters ends with a note of
  /// its length. Each character is measured once.
  public static func wrap(_ text: String, to width: Int) -> [String] {
    guard width > 0 else { return [] }
    if isOneLine(text, width) { return [text] }
    var lines: [String] = []
    let text = text.shortened(to: longest)
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      var columns = 0
      for word in paragraph.split(separator: " ") {
        for (piece, size) in pieces(of: word, width) {
          if columns > 0 && columns + 1 + size > width {
            lines.append(line)
            (line, columns) = ("", 0)
          }
          line += columns > 0 ? " " + piece : piece
          columns += size + (columns > 0 ? 1 : 0)
        }
      }
      lines.append(line)
    }
    return lines
  }

  /// Whether nothing is to be broken or joined: ASCII that fits, with single spaces between words. Most lines are.
  private static func isOneLine(_ text: String, _ width: Int) -> Bool {
    guard text.utf8.count <= width else { return false }
    var last = UInt8(ascii: " ")
    for byte in text.utf8 {
      guard byte >= 0x20, byte < 0x7F, byte != 0x20 || last != 0x20 else { return false }
      last = byte
    }
    return last != 0x20
  }

  /// A word in pieces that fit, with their columns.
  private static func pieces(of word: Substring, _ width: Int) -> [(text: Substring, columns: Int)] {
    var pieces: [(Substring, Int)] = []
    var start = word.startIndex
    var columns = 0
    for index in word.indices {
      let size = word[index].utf8.count == 1 ? 1 : String(word[index]).columns
      if index > start && columns + size > width {
        pieces.append((word[start..<index], columns))
        (start, columns) = (index, 0)
      }
      columns += size
    }
    pieces.append((word[start...], columns))
    return pieces
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    for (index, line) in Self.wrap(text, to: rect.width).prefix(rect.height).enumerated() {
      canvas.text(line, in: rect.row(index), style, align: alignment)
    }
  }
}

/// Names at the left, dim; values at the right, aligned.
public struct KeyValueList: Widget, Hashable, Sendable {
  public struct Item: Hashable, Sendable {
    public var name: String
    public var value: String
    public var key: ThemeKey

    public init(_ name: String, _ value: String, _ key: ThemeKey = .text) {
      self.name = name
      self.value = value
      self.key = key
    }
  }

  public var items: [Item]

  public init(_ items: [Item]) { self.items = items }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    for (index, item) in items.prefix(rect.height).enumerated() {
      let row = rect.row(index)
      // The value is what is read: the name gives way first.
      let value = min(item.value.columns, row.width)
      canvas.text(item.name, in: row.droppingRight(value + 1), canvas.look[.dim])
      canvas.text(item.value, in: row, canvas.look[item.key], align: .trailing)
    }
  }
}

/// The keys that do something here, in one row; those that do not fit are left out whole, from the end.
public struct KeyHintBar: Widget, Hashable, Sendable {
  public var hints: [KeyHint]

  public init(_ hints: [KeyHint]) { self.hints = hints }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty else { return }
    var column = rect.x
    for hint in hints {
      let spans = hint.spans(canvas.look)
      guard column + spans.columns <= rect.right else { break }
      column = canvas.spans(spans, x: column, y: rect.y) + 2
    }
  }
}
