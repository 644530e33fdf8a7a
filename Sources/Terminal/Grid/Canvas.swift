/// Something that draws itself into a rectangle. Any size must do, an empty one included.
public protocol Widget {
  func draw(on canvas: inout Canvas, in rect: Rect)
}

/// Where text begins in its room.
public enum Alignment: Hashable, Sendable {
  case leading, center, trailing
}

/// A grid being drawn with one look, clipped to the rectangle of the widget at work.
public struct Canvas: Sendable {
  public private(set) var grid: Grid
  public let look: Look
  private var clip: Rect

  /// A screen cleared with the theme's background.
  public init(_ size: Size, look: Look) {
    self.look = look
    var cell = Cell()
    cell.apply(look.base)
    grid = Grid(size, filledWith: cell)
    clip = Rect(size)
  }

  public var bounds: Rect { grid.bounds }

  /// Draws a widget; nothing it does reaches beyond `rect`.
  public mutating func draw(_ widget: some Widget, in rect: Rect) {
    clipped(to: rect) { widget.draw(on: &$0, in: rect) }
  }

  /// Draws with everything outside `rect` protected.
  public mutating func clipped(to rect: Rect, _ body: (inout Canvas) -> Void) {
    let outer = clip
    clip = clip.intersection(rect)
    if !clip.isEmpty { body(&self) }
    clip = outer
  }

  /// Fills `rect` with spaces in `style`.
  public mutating func clear(_ rect: Rect, _ style: Style) { fill(rect, " ", style) }

  /// Fills `rect` with one glyph.
  public mutating func fill(_ rect: Rect, _ scalar: Unicode.Scalar, _ style: Style) {
    let area = rect.intersection(clip)
    let glyph = Glyph(scalar)
    for y in area.y..<area.bottom {
      for x in area.x..<area.right { grid.put(glyph, x: x, y: y, style, clip: clip) }
    }
  }

  /// Puts one glyph.
  public mutating func put(_ scalar: Unicode.Scalar, x: Int, y: Int, _ style: Style) {
    grid.put(Glyph(scalar), x: x, y: y, style, clip: clip)
  }

  /// Writes text from column `x` of row `y` on, at most `limit` columns with an ellipsis where cut.
  ///
  /// - Returns: the column after the text.
  @discardableResult
  public mutating func text(_ text: String, x: Int, y: Int, _ style: Style, limit: Int = .max) -> Int {
    row(GlyphRow(text, symbols: look.symbols), x: x, y: y, style, limit: limit)
  }

  /// Writes a row of glyphs; as `text(_:x:y:_:limit:)`.
  @discardableResult
  public mutating func row(_ row: GlyphRow, x: Int, y: Int, _ style: Style, limit: Int = .max) -> Int {
    let shown = row.truncated(to: max(0, limit), symbols: look.symbols)
    var column = x
    for glyph in shown.glyphs {
      if column >= clip.right { return x + shown.width }
      grid.put(glyph, x: column, y: y, style, clip: clip)
      column += glyph.width
    }
    return column
  }

  /// Writes text in the first row of `rect`, aligned, with an ellipsis where it is too long.
  public mutating func text(_ text: String, in rect: Rect, _ style: Style, align: Alignment = .leading, keepingEnd: Bool = false) {
    guard !rect.isEmpty else { return }
    let shown = GlyphRow(text, symbols: look.symbols).truncated(to: rect.width, keepingEnd: keepingEnd, symbols: look.symbols)
    let free = rect.width - shown.width
    let offset = align == .leading ? 0 : align == .center ? free / 2 : free
    row(shown, x: rect.x + offset, y: rect.y, style)
  }

  /// Writes texts of different styles one after another, cut at `limit` columns.
  ///
  /// - Returns: the column after the last.
  @discardableResult
  public mutating func spans(_ spans: [Span], x: Int, y: Int, limit: Int = .max) -> Int {
    var column = x
    let end = limit == .max ? Int.max : x + limit
    for span in spans {
      guard column < end else { break }
      column = text(span.text, x: column, y: y, span.style, limit: end == .max ? .max : end - column)
    }
    return column
  }

  /// Changes cells that are already drawn, within the clip.
  public mutating func restyle(_ rect: Rect, _ change: (inout Cell) -> Void) {
    grid.restyle(rect.intersection(clip), change)
  }
}

/// A piece of text in one style.
public struct Span: Hashable, Sendable {
  public var text: String
  public var style: Style

  public init(_ text: String, _ style: Style) {
    self.text = text
    self.style = style
  }
}

extension [Span] {
  /// Columns of all pieces together.
  public var columns: Int { reduce(0) { $0 + $1.text.columns } }
}
