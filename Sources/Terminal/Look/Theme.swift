/// The colours of the whole interface, named by meaning.
public struct Theme: Hashable, Sendable {
  /// One colour with its attributes.
  public struct Paint: Hashable, Sendable {
    public var color: Color
    public var attributes: Attributes
    /// What replaces the colour where there are sixteen or fewer; nil for the nearest.
    public var sixteen: Color?

    public init(_ color: Color, _ attributes: Attributes = [], sixteen: Color? = nil) {
      self.color = color
      self.attributes = attributes
      self.sixteen = sixteen
    }
  }

  /// Two or more colours, evenly spaced from 0 to 1.
  public struct Gradient: Hashable, Sendable {
    public var stops: [Color]
    public var sixteen: [Color]?

    public init(_ stops: [Color], sixteen: [Color]? = nil) {
      precondition(!stops.isEmpty && sixteen?.isEmpty != true, "a gradient needs a colour")
      self.stops = stops
      self.sixteen = sixteen
    }

    /// The colour `share` (0...1) of the way. Only colours given in red, green and blue are mixed; among others the nearest is taken.
    func color(at share: Double) -> Color {
      let place = min(max(share.isFinite ? share : 1, 0), 1) * Double(stops.count - 1)
      let lower = min(Int(place), stops.count - 1)
      let upper = min(lower + 1, stops.count - 1)
      guard case .rgb(let a) = stops[lower], case .rgb(let b) = stops[upper] else { return stops[Int(place.rounded())] }
      return .rgb(a.mixed(with: b, place - Double(lower)))
    }
  }

  public let name: String
  private let paints: [Paint]
  private let gradients: [Gradient]

  /// - Parameters: every key must be there.
  public init(name: String, paints: [ThemeKey: Paint], gradients: [ThemeGradient: Gradient]) {
    self.name = name
    self.paints = ThemeKey.allCases.map { key in
      guard let paint = paints[key] else { preconditionFailure("a theme needs a colour for \(key.name)") }
      return paint
    }
    self.gradients = ThemeGradient.allCases.map { key in
      guard let gradient = gradients[key] else { preconditionFailure("a theme needs a gradient for \(key.name)") }
      return gradient
    }
  }

  public subscript(key: ThemeKey) -> Paint { paints[key.rawValue] }
  public subscript(key: ThemeGradient) -> Gradient { gradients[key.rawValue] }

  /// Whether series can be told apart by colour at all; a theme of greys needs glyphs and strokes for it.
  public var distinguishesByHue: Bool {
    gradients[ThemeGradient.series1.rawValue...ThemeGradient.series8.rawValue].contains { gradient in
      gradient.stops.contains { color in
        switch color {
        case .rgb(let rgb): rgb.saturation > 0.2
        case .palette(let index): index % 8 != 0 && index % 8 != 7 && index < 232
        case .standard: false
        }
      }
    }
  }
}
