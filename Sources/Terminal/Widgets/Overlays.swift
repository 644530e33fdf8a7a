/// A box over everything else, just large enough for what it says.
struct OverlayPanel {
  let title: String
  let content: Size

  /// Clears the place and draws the frame; returns what is within.
  func draw(on canvas: inout Canvas, in rect: Rect, hints: [KeyHint] = []) -> Rect {
    let area = rect.centered(Size(width: content.width + 4, height: content.height + 2))
    canvas.clear(area, canvas.look.overlay)
    canvas.draw(Box(title, hints: hints, isActive: true), in: area)
    return area.inset(horizontal: area.width > 4 ? 2 : 0, vertical: area.height > 2 ? 1 : 0)
  }
}

/// What every key does, by subject, in as many columns as fit.
public struct HelpOverlay: Widget, Hashable, Sendable {
  public struct Section: Hashable, Sendable {
    public var title: String
    public var hints: [KeyHint]

    public init(_ title: String, _ hints: [KeyHint]) {
      self.title = title
      self.hints = hints
    }
  }

  public var title: String
  public var sections: [Section]
  /// Rows scrolled away at the top.
  public var first: Int

  public init(_ title: String = "keys", _ sections: [Section], first: Int = 0) {
    self.title = title
    self.sections = sections
    self.first = first
  }

  private enum Entry {
    case heading(String), hint(KeyHint), gap
  }

  /// All entries in columns of at most `rows`; none begins with a gap or ends with a heading.
  private func columns(ofHeight rows: Int) -> [[Entry]] {
    var columns: [[Entry]] = [[]]
    for section in sections {
      let used = columns[columns.count - 1].count
      // A gap, the heading and at least one hint, or the next column.
      if used > 0 && used + 3 > rows {
        columns.append([])
      } else if used > 0 {
        columns[columns.count - 1].append(.gap)
      }
      columns[columns.count - 1].append(.heading(section.title))
      for hint in section.hints {
        if columns[columns.count - 1].count >= rows { columns.append([]) }
        columns[columns.count - 1].append(.hint(hint))
      }
    }
    return columns
  }

  private struct Layout {
    var keys: Int
    /// Of a column.
    var width: Int
    var columns: [[Entry]]
    var rows: Int
  }

  /// The last `first` that hides nothing at the top without showing more at the bottom.
  public func lastFirst(in size: Size) -> Int {
    guard size.width > 0, size.height > 0, !sections.isEmpty else { return 0 }
    return max(0, layout(in: Rect(size)).rows - max(1, size.height - 2))
  }

  private func layout(in rect: Rect) -> Layout {
    let keys = sections.reduce(0) { $1.hints.reduce($0) { max($0, $1.key.columns) } }
    let labels = sections.reduce(0) { $1.hints.reduce(max($0, $1.title.columns - keys)) { max($0, $1.label.columns) } }
    let width = keys + 2 + labels
    let room = max(1, rect.height - 2)
    let across = max(1, (rect.width - 4 + 3) / (width + 3))
    // As few columns as need no scrolling, then as low as they can be.
    let all = sections.reduce(sections.count - 1) { $0 + 1 + $1.hints.count }
    let wanted = min(across, columns(ofHeight: room).count)
    let height = (1...max(1, all)).first { columns(ofHeight: $0).count <= wanted } ?? all
    let broken = columns(ofHeight: height)
    return Layout(keys: keys, width: width, columns: broken, rows: broken.reduce(0) { max($0, $1.count) })
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty, !sections.isEmpty else { return }
    let layout = self.layout(in: rect)
    let (width, columns) = (layout.width, layout.columns)
    let panel = OverlayPanel(title: title, content: Size(width: columns.count * (width + 3) - 3, height: layout.rows))
    let inside = panel.draw(on: &canvas, in: rect)
    let start = min(max(0, first), max(0, layout.rows - inside.height))
    // The frame tells of rows above and below: the window's last line may be covered.
    let look = canvas.look
    let (above, below) = (start > 0, start + inside.height < layout.rows)
    for (arrow, y, isThere) in [(look.symbol("↑", "^"), inside.y - 1, above), (look.symbol("↓", "v"), inside.bottom, below)] where isThere {
      let mark = " \(arrow) more "
      canvas.text(mark, x: max(inside.x, inside.right - mark.columns), y: y, look[.key], limit: inside.width)
    }
    for (column, entries) in columns.enumerated() {
      for (row, entry) in entries.enumerated().dropFirst(start).prefix(inside.height) {
        let place = Rect(x: inside.x + column * (width + 3), y: inside.y + row - start, width: width, height: 1)
        draw(entry, layout.keys, on: &canvas, place.intersection(inside))
      }
    }
  }

  private func draw(_ entry: Entry, _ keys: Int, on canvas: inout Canvas, _ area: Rect) {
    switch entry {
    case .gap: break
    case .heading(let text): canvas.text(text, in: area, canvas.look[.accent].adding(.bold))
    case .hint(let hint):
      canvas.text(hint.key, in: Rect(x: area.x, y: area.y, width: min(keys, area.width), height: area.height), canvas.look[.key])
      canvas.text(hint.label, in: area.droppingLeft(keys + 2), canvas.look[.text])
    }
  }
}

/// A question with its answers, one of them chosen.
public struct Dialog: Widget, Hashable, Sendable {
  public var title: String
  public var text: String
  /// Each with the key that gives it at once.
  public var answers: [KeyHint]
  public var selection: Int

  public init(_ title: String, _ text: String, answers: [KeyHint], selection: Int = 0) {
    self.title = title
    self.text = text
    self.answers = answers
    self.selection = selection
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty else { return }
    let look = canvas.look
    let buttons = answers.map { " \($0.key) \($0.label) " }
    let across = buttons.reduce(0) { $0 + $1.columns + 1 } - 1
    let width = min(max(40, min(across, 64)), max(1, rect.width - 4))
    let stacked = across > width
    let lines = Paragraph.wrap(text, to: width)
    let rows = lines.count + (answers.isEmpty ? 0 : 1 + (stacked ? answers.count : 1))
    let panel = OverlayPanel(title: title, content: Size(width: width, height: rows))
    let inside = panel.draw(on: &canvas, in: rect)
    // Where the window is too low for both, the answers are worth more than the question.
    let answerRows = answers.isEmpty ? 0 : min(inside.height, stacked ? answers.count : 1)
    let textRoom = inside.droppingBottom(answerRows)
    for (index, line) in lines.prefix(textRoom.height).enumerated() { canvas.text(line, in: textRoom.row(index), look[.text]) }
    var x = inside.x
    for (index, button) in buttons.enumerated() {
      let y = stacked ? inside.bottom - answerRows + index : inside.bottom - 1
      let style = index == selection ? look.selection : look.overlay
      let end = canvas.text(button, x: x, y: y, style, limit: max(0, inside.right - x))
      if index != selection { canvas.text(answers[index].key, x: x + 1, y: y, look[.key], limit: max(0, inside.right - x - 1)) }
      if !stacked { x = end + 1 }
    }
  }
}

/// A message that stands at the lower right for a while.
public struct Toast: Widget, Hashable, Sendable {
  public var text: String
  public var key: ThemeKey

  public init(_ text: String, _ key: ThemeKey = .accent) {
    self.text = text
    self.key = key
  }

  /// Columns that it takes where there is room.
  public var width: Int { text.columns + 4 }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty else { return }
    let look = canvas.look
    let width = min(self.width, rect.width)
    let lines = Paragraph.wrap(text, to: max(1, width - 4))
    let height = min(lines.count, rect.height)
    let area = Rect(x: rect.right - width, y: rect.bottom - height, width: width, height: height)
    canvas.clear(area, look.overlay)
    canvas.fill(Rect(x: area.x, y: area.y, width: 1, height: area.height), look.symbol("▌", "|"), look[key])
    for (index, line) in lines.prefix(height).enumerated() {
      canvas.text(line, in: area.row(index).inset(horizontal: width > 4 ? 2 : 0, vertical: 0), look[.text])
    }
  }
}

/// What stands on a window that is too small: how large it must be.
public struct TooSmallNotice: Widget, Hashable, Sendable {
  public var needed: Size
  public var hints: [KeyHint]

  public init(needed: Size, hints: [KeyHint] = []) {
    self.needed = needed
    self.hints = hints
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let lines: [(String, ThemeKey)] = [
      ("window too small", .warning), ("\(rect.width)x\(rect.height), needs \(needed)", .text),
      (hints.map { "\($0.key) \($0.label)" }.joined(separator: "  "), .dim),
    ]
    let area = rect.centered(Size(width: rect.width, height: min(lines.count, rect.height)))
    for (index, line) in lines.prefix(area.height).enumerated() {
      canvas.text(line.0, in: area.row(index), look[line.1], align: .center)
    }
  }
}
