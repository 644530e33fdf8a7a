/// How a cell's text is set, besides its colours.
public struct Attributes: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let bold = Attributes(rawValue: 1)
  public static let dim = Attributes(rawValue: 2)
  public static let underline = Attributes(rawValue: 4)
  public static let reverse = Attributes(rawValue: 8)
  public static let italic = Attributes(rawValue: 16)
}

/// What text is drawn with. Without a background, the one that is there stays.
public struct Style: Hashable, Sendable {
  public var foreground: Color
  public var background: Color?
  public var attributes: Attributes

  public init(_ foreground: Color = .standard, on background: Color? = nil, _ attributes: Attributes = []) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// This style with more attributes.
  public func adding(_ more: Attributes) -> Style {
    Style(foreground, on: background, attributes.union(more))
  }

  /// This style on another background.
  public func on(_ color: Color?) -> Style { Style(foreground, on: color, attributes) }
}
