/// One cell of a table.
public struct TableCell: Hashable, Sendable, ExpressibleByStringLiteral {
  public var text: String
  public var key: ThemeKey
  /// A bar of this share (0...1) in place of text.
  public var bar: Double?
  public var gradient: ThemeGradient
  /// Marked as the best of its column.
  public var isBest: Bool

  public init(_ text: String, _ key: ThemeKey = .text, isBest: Bool = false) {
    self.text = text
    self.key = key
    self.isBest = isBest
    bar = nil
    gradient = .progress
  }

  public init(bar: Double, _ gradient: ThemeGradient = .progress) {
    self.init("")
    self.bar = bar
    self.gradient = gradient
  }

  public init(stringLiteral value: String) { self.init(value) }
}

/// One column of a table.
public struct TableColumn: Hashable, Sendable {
  public enum Width: Hashable, Sendable {
    /// As wide as its widest cell, its title included.
    case fitting
    case fixed(Int)
    /// At least so wide, and a share of what is left.
    case flexible(Int)
  }

  public var title: String
  public var alignment: Alignment
  public var width: Width
  /// Where not all columns fit, the least important go first; of equals, the one farthest to the right.
  public var importance: Int
  /// The least width of a fitting column, so that it keeps its place as its cells fill.
  public var least: Int

  public init(
    _ title: String, _ alignment: Alignment = .leading, _ width: Width = .fitting, importance: Int = 0, least: Int = 0
  ) {
    self.importance = importance
    self.least = least
    self.title = title
    self.alignment = alignment
    self.width = width
  }
}

/// Rows under headings: columns aligned, one row chosen, scrolled so that it is in view.
///
/// Columns that do not fit are left out, the least important first; the first always stays.
public struct Table: Widget, Sendable {
  public var columns: [TableColumn]
  public var rows: [[TableCell]]
  public var selection: Int?
  /// The first row in view where none is chosen.
  public var first: Int
  public var sorting: (column: Int, ascending: Bool)?
  public var emptyText: String

  public init(
    _ columns: [TableColumn], rows: [[TableCell]], selection: Int? = nil, first: Int = 0,
    sorting: (column: Int, ascending: Bool)? = nil, emptyText: String = "nothing yet"
  ) {
    self.columns = columns
    self.rows = rows
    self.selection = selection
    self.first = first
    self.sorting = sorting
    self.emptyText = emptyText
  }

  private static let gap = 2

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty, !columns.isEmpty else { return }
    let isScrolling = rows.count > rect.height - 1
    let body = rect.droppingTop(1).droppingRight(isScrolling ? 1 : 0)
    let places = places(in: body.width)
    drawHeader(on: &canvas, rect.row(0), places)
    guard !rows.isEmpty else {
      canvas.text(emptyText, in: rect.droppingTop(1).row(0), canvas.look[.dim])
      return
    }
    let start = firstVisible(body.height)
    for (index, row) in rows.dropFirst(start).prefix(body.height).enumerated() {
      drawRow(row, isSelected: start + index == selection, on: &canvas, body.row(index), places)
    }
    if isScrolling { canvas.scrollBar(first: start, of: rows.count, in: rect.droppingTop(1)) }
  }

  private func firstVisible(_ height: Int) -> Int {
    let last = max(0, rows.count - height)
    guard let selection, height > 0 else { return min(max(0, first), last) }
    // The given start stays while the chosen row is in view, so that moving the choice does not move the table.
    let start = min(max(first, selection - height + 1), max(0, selection))
    return min(max(0, start), last)
  }

  private func heading(_ index: Int, _ look: Look) -> String {
    guard let sorting, sorting.column == index else { return columns[index].title }
    return columns[index].title + (sorting.ascending ? " ▲" : " ▼")
  }

  /// The columns that fit, each with its offset and width.
  private func places(in width: Int) -> [(column: Int, x: Int, width: Int)] {
    var kept = Array(columns.indices)
    var wanted = columns.indices.map { index -> Int in
      let title = columns[index].title.columns + (sorting?.column == index ? 2 : 0)
      switch columns[index].width {
      case .fixed(let count): return count
      case .flexible(let least): return max(least, min(title, width))
      case .fitting:
        return rows.reduce(max(title, columns[index].least)) {
          max($0, index < $1.count ? $1[index].text.columns + ($1[index].isBest ? 2 : 0) : 0)
        }
      }
    }
    func total() -> Int { kept.reduce(0) { $0 + wanted[$1] } + Self.gap * (kept.count - 1) }
    while kept.count > 1 && total() > width {
      let least = kept.dropFirst().map { columns[$0].importance }.min() ?? 0
      if let last = kept.indices.dropFirst().last(where: { columns[kept[$0]].importance == least }) { kept.remove(at: last) }
    }
    if kept.count == 1 { wanted[0] = min(wanted[0], width) }
    let flexible = kept.filter { if case .flexible = columns[$0].width { true } else { false } }
    let spare = width - total()
    for (order, index) in flexible.enumerated() where spare > 0 {
      wanted[index] += spare * (order + 1) / flexible.count - spare * order / flexible.count
    }
    var x = 0
    return kept.map { column in
      defer { x += wanted[column] + Self.gap }
      return (column, x, wanted[column])
    }
  }

  private func drawHeader(on canvas: inout Canvas, _ row: Rect, _ places: [(column: Int, x: Int, width: Int)]) {
    for place in places {
      let index = place.column
      let cell = Rect(x: row.x + place.x, y: row.y, width: place.width, height: 1)
      let isSorted = sorting?.column == index
      canvas.text(
        heading(index, canvas.look), in: cell, isSorted ? canvas.look[.accent].adding(.bold) : canvas.look[.header],
        align: columns[index].alignment)
    }
  }

  private func drawRow(
    _ row: [TableCell], isSelected: Bool, on canvas: inout Canvas, _ rect: Rect, _ places: [(column: Int, x: Int, width: Int)]
  ) {
    let look = canvas.look
    if isSelected { canvas.clear(rect, look.selection) }
    for place in places where place.column < row.count {
      let index = place.column
      let cell = row[index]
      let area = Rect(x: rect.x + place.x, y: rect.y, width: place.width, height: 1)
      if let share = cell.bar {
        canvas.bar(share, in: area, cell.gradient, .line, empty: false)
        continue
      }
      var style = cell.isBest ? look[.good].adding(.bold) : look[cell.key]
      if isSelected {
        // On the chosen row only what is good or bad keeps its colour; the rest must stand off its background.
        style = cell.isBest || [.good, .bad, .warning].contains(cell.key) ? style : look.selection
        if look.selection.attributes.contains(.reverse) { style = style.adding(.reverse) }
      }
      let text = cell.isBest ? (look.symbols.isASCII ? "* " : "★ ") + cell.text : cell.text
      canvas.text(text, in: area, style, align: columns[index].alignment)
    }
  }
}

extension Canvas {
  /// A thin bar in the last column of `rect` that shows which part of `count` rows is in view.
  mutating func scrollBar(first: Int, of count: Int, in rect: Rect) {
    guard rect.height > 0, count > rect.height else { return }
    let length = max(1, rect.height * rect.height / count)
    let travel = rect.height - length
    let start = count > rect.height ? min(travel, travel * first / max(1, count - rect.height)) : 0
    for row in 0..<rect.height {
      let isThumb = row >= start && row < start + length
      put(
        isThumb ? look.symbol("┃", "#") : look.symbol("│", "|"), x: rect.right - 1, y: rect.y + row,
        isThumb ? look[.dim] : look[.faint])
    }
  }
}
