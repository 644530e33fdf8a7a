/// A screen of cells, row by row from the top left: what a view returns and a terminal shows.
public struct Grid: Hashable, Sendable {
  public let size: Size
  /// `size.height` rows of `size.width` cells.
  public private(set) var cells: [Cell]

  public init(_ size: Size, filledWith cell: Cell = Cell()) {
    self.size = size
    cells = Array(repeating: cell, count: size.width * size.height)
  }

  public var bounds: Rect { Rect(size) }

  public subscript(x: Int, y: Int) -> Cell {
    precondition(bounds.contains(x: x, y: y), "a cell must lie within its grid")
    return cells[y * size.width + x]
  }

  /// Puts a glyph at column `x` of row `y` where both of its halves lie within `clip`; a wide one that does not fit leaves a
  /// space. A wide character that is overwritten by half goes as a whole.
  public mutating func put(_ glyph: Glyph, x: Int, y: Int, _ style: Style, clip: Rect) {
    guard clip.contains(x: x, y: y), bounds.contains(x: x, y: y) else { return }
    let wide = glyph.width == 2
    let fits = !wide || (clip.contains(x: x + 1, y: y) && x + 1 < size.width)
    write(wide && !fits ? .space : glyph, x: x, y: y, style)
    if wide && fits { write(.continuation, x: x + 1, y: y, style) }
  }

  private mutating func write(_ glyph: Glyph, x: Int, y: Int, _ style: Style) {
    let index = y * size.width + x
    let old = cells[index].glyph
    if old.isContinuation {
      if !glyph.isContinuation && x > 0 { cells[index - 1].glyph = .space }
    } else if x + 1 < size.width && cells[index + 1].glyph.isContinuation {
      cells[index + 1].glyph = .space
    }
    cells[index].glyph = glyph
    cells[index].apply(style)
  }

  /// Changes colours and attributes of the cells in `rect`, their characters staying.
  public mutating func restyle(_ rect: Rect, _ change: (inout Cell) -> Void) {
    let area = rect.intersection(bounds)
    for y in area.y..<area.bottom {
      for x in area.x..<area.right { change(&cells[y * size.width + x]) }
    }
  }

  /// The characters of row `y`, wide ones once.
  public func text(row y: Int) -> String {
    var result = String.UnicodeScalarView()
    for x in 0..<size.width {
      let glyph = cells[y * size.width + x].glyph
      guard !glyph.isContinuation else { continue }
      result.append(glyph.scalar)
      if let mark = glyph.mark { result.append(mark) }
    }
    return String(result)
  }

  /// The characters of all rows, spaces at their ends cut: a picture to compare with in tests and to show in plain text.
  public var picture: String {
    (0..<size.height).map { y in
      var row = Substring(text(row: y))
      while row.last == " " { row.removeLast() }
      return String(row)
    }.joined(separator: "\n")
  }
}
