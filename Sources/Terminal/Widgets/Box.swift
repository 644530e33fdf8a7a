/// What a key does, for footers, borders and help: "q quit".
public struct KeyHint: Hashable, Sendable {
  public let key: String
  public let label: String

  public init(_ key: String, _ label: String) {
    self.key = key
    self.label = label
  }

  /// The key set off from its label; where a one-letter key begins or lies within the label, it is lit in place.
  public func spans(_ look: Look) -> [Span] {
    if key.count == 1, let place = label.firstIndex(of: Character(key)) {
      return [
        Span(String(label[..<place]), look[.dim]), Span(key, look[.key]), Span(String(label[label.index(after: place)...]), look[.dim]),
      ].filter { !$0.text.isEmpty }
    }
    return label.isEmpty ? [Span(key, look[.key])] : [Span(key, look[.key]), Span(" " + label, look[.dim])]
  }
}

/// A rounded box with titles set into its upper border and key hints into its lower one.
///
/// ```
/// ╭─┐loss┌──────────┐0.1234┌─╮
/// │                          │
/// ╰─┘s smoothing└────────────╯
/// ```
public struct Box: Widget, Sendable {
  public var title: String
  /// A second title after the first, dim: a unit, a model's name.
  public var subtitle: String
  /// At the right end of the upper border.
  public var trailing: [Span]
  public var hints: [KeyHint]
  /// Whether this box holds what the keys act on.
  public var isActive: Bool
  /// A number or letter before the title that leads here.
  public var key: String

  public init(
    _ title: String = "", subtitle: String = "", trailing: [Span] = [], hints: [KeyHint] = [], isActive: Bool = false, key: String = ""
  ) {
    self.title = title
    self.subtitle = subtitle
    self.trailing = trailing
    self.hints = hints
    self.isActive = isActive
    self.key = key
  }

  /// What is left within the border.
  public func inside(_ rect: Rect) -> Rect { rect.inset(horizontal: 1, vertical: 1) }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard rect.width >= 2, rect.height >= 2 else { return }
    let box = canvas.look.symbols.box
    let line = canvas.look[isActive ? .accent : .border]
    let (right, bottom) = (rect.right - 1, rect.bottom - 1)
    canvas.fill(Rect(x: rect.x, y: rect.y, width: rect.width, height: 1), box.horizontal, line)
    canvas.fill(Rect(x: rect.x, y: bottom, width: rect.width, height: 1), box.horizontal, line)
    canvas.fill(Rect(x: rect.x, y: rect.y, width: 1, height: rect.height), box.vertical, line)
    canvas.fill(Rect(x: right, y: rect.y, width: 1, height: rect.height), box.vertical, line)
    canvas.put(box.topLeft, x: rect.x, y: rect.y, line)
    canvas.put(box.topRight, x: right, y: rect.y, line)
    canvas.put(box.bottomLeft, x: rect.x, y: bottom, line)
    canvas.put(box.bottomRight, x: right, y: bottom, line)
    let used = drawTitle(on: &canvas, rect, line, box)
    drawTrailing(on: &canvas, rect, from: used, line, box)
    drawHints(on: &canvas, rect, line, box)
  }

  private func drawTitle(on canvas: inout Canvas, _ rect: Rect, _ line: Style, _ box: BoxSymbols) -> Int {
    var spans: [Span] = []
    if !key.isEmpty { spans.append(Span(key + " ", canvas.look[.key])) }
    if !title.isEmpty { spans.append(Span(title, canvas.look[.title])) }
    if !subtitle.isEmpty { spans.append(Span(" " + subtitle, canvas.look[.dim])) }
    let room = rect.width - 6
    guard !spans.isEmpty, room > 0 else { return rect.x + 2 }
    canvas.put(box.titleOpen, x: rect.x + 2, y: rect.y, line)
    let end = canvas.spans(spans, x: rect.x + 3, y: rect.y, limit: room)
    canvas.put(box.titleClose, x: end, y: rect.y, line)
    return end + 1
  }

  private func drawTrailing(on canvas: inout Canvas, _ rect: Rect, from used: Int, _ line: Style, _ box: BoxSymbols) {
    let width = trailing.columns
    let start = rect.right - 3 - width
    guard width > 0, start > used + 1 else { return }
    canvas.put(box.titleOpen, x: start - 1, y: rect.y, line)
    canvas.spans(trailing, x: start, y: rect.y)
    canvas.put(box.titleClose, x: start + width, y: rect.y, line)
  }

  /// As many hints as fit, whole ones only.
  private func drawHints(on canvas: inout Canvas, _ rect: Rect, _ line: Style, _ box: BoxSymbols) {
    var column = rect.x + 2
    for hint in hints {
      let spans = hint.spans(canvas.look)
      guard column + spans.columns + 2 <= rect.right - 2 else { break }
      canvas.put(box.hintOpen, x: column, y: rect.bottom - 1, line)
      let end = canvas.spans(spans, x: column + 1, y: rect.bottom - 1)
      canvas.put(box.hintClose, x: end, y: rect.bottom - 1, line)
      column = end + 2
    }
  }
}

extension Canvas {
  /// Draws a box and returns what is left within it.
  public mutating func box(_ box: Box, in rect: Rect) -> Rect {
    draw(box, in: rect)
    return box.inside(rect)
  }
}
