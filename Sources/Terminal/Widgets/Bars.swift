import NumberFormats

/// How a bar lies in its row.
public enum BarShape: Hashable, Sendable {
  /// As high as the row, ending at an eighth of a cell.
  case block
  /// A line in the middle of the row, ending at half a cell: bars below each other stay apart.
  case line
}

/// Drawing of bars that end between two cells.
extension Canvas {
  /// A bar from the left of the first row of `rect`, `share` (0...1) of its width long.
  mutating func bar(_ share: Double, in rect: Rect, _ gradient: ThemeGradient, _ shape: BarShape, empty: Bool = true) {
    guard !rect.isEmpty else { return }
    let look = look
    let filled = share.isFinite ? min(max(share, 0), 1) : 0
    var eighths = Int((filled * Double(rect.width * 8)).rounded())
    // Something is never drawn as nothing.
    if filled > 0 { eighths = max(eighths, shape == .line ? 4 : 1) }
    for column in 0..<rect.width {
      let here = min(8, max(0, eighths - column * 8))
      // Over the whole width the gradient always runs the same, so that a growing bar does not change colour behind itself.
      let style = look.gradient(gradient, at: rect.width > 1 ? Double(column) / Double(rect.width - 1) : 1)
      if let symbol = Self.barSymbol(here, shape, look.symbols) {
        put(symbol, x: rect.x + column, y: rect.y, style)
      } else if empty {
        let line: Unicode.Scalar = shape == .line ? "─" : "┈"
        put(look.symbol(line, "."), x: rect.x + column, y: rect.y, look[.faint])
      }
    }
  }

  /// The glyph of a cell of which so many eighths are filled; nil for an empty one.
  private static func barSymbol(_ eighths: Int, _ shape: BarShape, _ symbols: SymbolSet) -> Unicode.Scalar? {
    if symbols.isASCII { return eighths >= 4 ? "#" : nil }
    if shape == .block { return eighths > 0 ? SymbolSet.horizontalEighths[eighths] : nil }
    return eighths >= 6 ? "━" : eighths >= 2 ? "╸" : nil
  }
}

/// How far something has come, with a text before and after the bar: "epoch 3/20 ████▌┈┈┈ 42.5%".
public struct ProgressBar: Widget, Hashable, Sendable {
  /// 0...1; NaN counts as 0.
  public var share: Double
  public var label: String
  public var trailing: String
  public var gradient: ThemeGradient
  public var shape: BarShape

  public init(
    _ share: Double, label: String = "", trailing: String? = nil, gradient: ThemeGradient = .progress, shape: BarShape = .block
  ) {
    self.shape = shape
    self.share = share
    self.label = label
    self.trailing = trailing ?? NumberFormat.percent(1).text(min(max(share, 0), 1), width: 6)
    self.gradient = gradient
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty else { return }
    let look = canvas.look
    var row = rect.row(0)
    // The figure is exact and the bar is not: the bar gives way first, then the label.
    let figure = trailing.columns
    if figure > 0 && row.width >= figure {
      canvas.text(trailing, in: row, look[.text], align: .trailing)
      row = row.droppingRight(figure + 1)
    }
    let name = label.columns
    if name > 0 && row.width >= min(name, 6) {
      canvas.text(label, in: row, look[.dim])
      row = row.droppingLeft(name + 1)
    }
    if row.width >= 3 { canvas.bar(share, in: row, gradient, shape) }
  }
}

/// A load between none and full, coloured by how full it is: "cpu ███▌┈┈ 62%".
public struct Meter: Widget, Hashable, Sendable {
  public var label: String
  public var share: Double
  public var value: String
  public var gradient: ThemeGradient

  public init(_ label: String, _ share: Double, value: String, gradient: ThemeGradient = .meter) {
    self.label = label
    self.share = share
    self.value = value
    self.gradient = gradient
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    canvas.draw(ProgressBar(share, label: label, trailing: value, gradient: gradient, shape: .line), in: rect)
  }
}

/// Names, bars and values in aligned columns: class counts, probabilities, shares of a step.
public struct BarList: Widget, Hashable, Sendable {
  public struct Item: Hashable, Sendable {
    public var name: String
    public var value: Double
    public var text: String
    public var gradient: ThemeGradient

    public init(_ name: String, _ value: Double, text: String, gradient: ThemeGradient = .series1) {
      self.name = name
      self.value = value
      self.text = text
      self.gradient = gradient
    }
  }

  public var items: [Item]
  /// The value of a full bar; nil for the largest.
  public var full: Double?
  /// Items before this one are scrolled away.
  public var first: Int

  public init(_ items: [Item], full: Double? = nil, first: Int = 0) {
    self.items = items
    self.full = full
    self.first = first
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty, !items.isEmpty else { return }
    let look = canvas.look
    let start = min(max(0, first), max(0, items.count - rect.height))
    let top = full ?? items.lazy.map(\.value).filter(\.isFinite).max() ?? 0
    let names = min(items.reduce(0) { max($0, $1.name.columns) }, rect.width * 2 / 5)
    let texts = min(items.reduce(0) { max($0, $1.text.columns) }, rect.width - names)
    for (index, item) in items.dropFirst(start).prefix(rect.height).enumerated() {
      let row = rect.row(index)
      canvas.text(item.name, in: Rect(x: row.x, y: row.y, width: names, height: 1), look[.dim])
      canvas.text(item.text, in: Rect(x: row.right - texts, y: row.y, width: texts, height: 1), look[.text], align: .trailing)
      let bar = Rect(x: row.x + names + 1, y: row.y, width: row.width - names - texts - 2, height: 1)
      canvas.bar(top > 0 ? item.value / top : 0, in: bar, item.gradient, .line, empty: false)
    }
  }
}
