/// A colour in sRGB, 8 bits a channel.
public struct RGB: Hashable, Sendable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// The colour `share` (0...1) of the way from this one to `other`.
  public func mixed(with other: RGB, _ share: Double) -> RGB {
    let t = min(max(share, 0), 1)
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8((Double(a) + (Double(b) - Double(a)) * t).rounded()) }
    return RGB(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }

  /// Perceived lightness, 0...1 (Rec. 709 weights on the coded values; close enough to choose a text colour by).
  public var lightness: Double {
    (0.2126 * Double(red) + 0.7152 * Double(green) + 0.0722 * Double(blue)) / 255
  }

  /// How far from grey, 0...1.
  public var saturation: Double {
    let high = Double(max(red, green, blue))
    return high == 0 ? 0 : (high - Double(min(red, green, blue))) / high
  }
}

/// A colour as a terminal cell holds it.
public enum Color: Hashable, Sendable {
  /// The terminal's own foreground or background.
  case standard
  /// An entry of the terminal's palette: 0...15 the sixteen ANSI colours, 16...255 xterm's cube and greys.
  case palette(UInt8)
  case rgb(RGB)

  public static func rgb(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Color { .rgb(RGB(red, green, blue)) }
}
