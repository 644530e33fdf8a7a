/// One cell of the screen: what it shows and how.
public struct Cell: Hashable, Sendable {
  public var glyph: Glyph
  public var foreground: Color
  public var background: Color
  public var attributes: Attributes

  public init(_ glyph: Glyph = .space, _ foreground: Color = .standard, on background: Color = .standard, _ attributes: Attributes = []) {
    self.glyph = glyph
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// Takes on `style`; where that has no background, the cell's own stays.
  mutating func apply(_ style: Style) {
    foreground = style.foreground
    if let color = style.background { background = color }
    attributes = style.attributes
  }
}
