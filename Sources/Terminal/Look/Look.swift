/// How a view renders: a theme stepped down to what the terminal can show.
public struct Look: Hashable, Sendable {
  public let theme: Theme
  public let depth: ColorDepth
  public let symbols: SymbolSet
  /// Whether colour tells series too little, so that glyphs along the curves must.
  public let reliesOnShape: Bool
  private let styles: [Style]

  public init(theme: Theme = .dark, depth: ColorDepth = .trueColor, symbols: SymbolSet = .braille) {
    self.theme = theme
    self.depth = depth
    self.symbols = symbols
    reliesOnShape = depth <= .eight || !theme.distinguishesByHue
    styles = ThemeKey.allCases.map { key in
      let paint = theme[key]
      var attributes = paint.attributes
      if depth == .none { attributes.formUnion(key.attributesWithoutColor) }
      return Style(depth.nearest(paint.color, sixteen: paint.sixteen), on: nil, attributes)
    }
  }

  /// The style of text with this meaning, on whatever background is there.
  public subscript(key: ThemeKey) -> Style { styles[key.rawValue] }

  /// Ordinary text on the screen's background: what a screen is cleared with.
  public var base: Style { self[.text].on(background) }
  public var background: Color { self[.background].foreground }
  /// The chosen row or button.
  public var selection: Style { self[.selectionText].on(self[.selectionBackground].foreground) }
  /// Text in dialogs and messages.
  public var overlay: Style { self[.text].on(self[.overlay].foreground) }

  /// The colour `share` (0...1) of the way through a gradient.
  public func gradient(_ key: ThemeGradient, at share: Double = 1) -> Style {
    let gradient = theme[key]
    if depth <= .sixteen, let sixteen = gradient.sixteen {
      let place = min(max(share.isFinite ? share : 1, 0), 1) * Double(sixteen.count - 1)
      return Style(depth.nearest(sixteen[Int(place.rounded())]))
    }
    return Style(depth.nearest(gradient.color(at: share)))
  }

  /// The colour of series `number` (from 1), `share` of the way up.
  public func series(_ number: Int, at share: Double = 1) -> Style { gradient(.series(number), at: share) }

  /// A colour of a picture.
  public func pixel(_ rgb: RGB) -> Color { depth.nearest(.rgb(rgb)) }

  /// The glyph that marks series `number`, so that it is known without colour.
  public func marker(_ number: Int) -> Unicode.Scalar {
    let markers: [Unicode.Scalar] =
      symbols.isASCII ? ["*", "o", "+", "x", "#", "@", "%", "&"] : ["●", "◆", "▲", "■", "▼", "○", "◇", "△"]
    return markers[((number - 1) % 8 + 8) % 8]
  }

  /// `unicode`, or `ascii` where nothing else can be shown.
  public func symbol(_ unicode: Unicode.Scalar, _ ascii: Unicode.Scalar) -> Unicode.Scalar { symbols.isASCII ? ascii : unicode }
}
