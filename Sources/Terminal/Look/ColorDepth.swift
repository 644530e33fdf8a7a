/// How many colours the terminal shows, the ladder that every colour steps down.
public enum ColorDepth: Int, Hashable, Sendable, CaseIterable, Comparable {
  /// No colour (NO_COLOR, or a terminal without): meaning is carried by attributes and glyphs.
  case none = 0
  case eight = 8
  case sixteen = 16
  case palette256 = 256
  case trueColor = 16_777_216

  public static func < (a: ColorDepth, b: ColorDepth) -> Bool { a.rawValue < b.rawValue }

  /// The nearest colour that this depth can show. `sixteen`, where given, is used on eight and sixteen colours.
  public func nearest(_ color: Color, sixteen: Color? = nil) -> Color {
    switch self {
    case .none: return .standard
    case .eight: return Self.folded(sixteen ?? nearestOfSixteen(color))
    case .sixteen: return sixteen ?? nearestOfSixteen(color)
    case .palette256:
      guard case .rgb(let rgb) = color else { return color }
      return .palette(Self.nearestOf256(rgb))
    case .trueColor: return color
    }
  }

  private func nearestOfSixteen(_ color: Color) -> Color {
    switch color {
    case .standard: .standard
    case .palette(let index) where index < 16: color
    case .palette(let index): .palette(Self.nearestOf16(Self.xterm(index)))
    case .rgb(let rgb): .palette(Self.nearestOf16(rgb))
    }
  }

  /// Eight colours have no bright half: bright black, used for dim text, becomes the default, the others their plain twins.
  private static func folded(_ color: Color) -> Color {
    guard case .palette(let index) = color, index >= 8 else { return color }
    return index == 8 || index == 15 ? .standard : .palette(index - 8)
  }

  private static let cube: [Int] = [0, 95, 135, 175, 215, 255]

  /// The entry of xterm's 6x6x6 cube or grey ramp with the least squared distance.
  static func nearestOf256(_ rgb: RGB) -> UInt8 {
    func level(_ value: UInt8) -> Int { value < 48 ? 0 : value < 115 ? 1 : (Int(value) - 35) / 40 }
    let (r, g, b) = (level(rgb.red), level(rgb.green), level(rgb.blue))
    let inCube = UInt8(16 + 36 * r + 6 * g + b)
    let mean = (Int(rgb.red) + Int(rgb.green) + Int(rgb.blue)) / 3
    let step = min(23, max(0, (mean - 3) / 10))
    let inRamp = UInt8(232 + step)
    return distance(rgb, xterm(inRamp)) < distance(rgb, xterm(inCube)) ? inRamp : inCube
  }

  /// One of the sixteen by hue: terminals differ so much in these that distances to a supposed palette mislead.
  static func nearestOf16(_ rgb: RGB) -> UInt8 {
    let high = Int(max(rgb.red, rgb.green, rgb.blue))
    let low = Int(min(rgb.red, rgb.green, rgb.blue))
    if high - low < 40 || rgb.saturation < 0.2 {
      let mean = (high + low) / 2
      return mean < 56 ? 0 : mean < 140 ? 8 : mean < 216 ? 7 : 15
    }
    let middle = low + (high - low) / 2
    let bits =
      (Int(rgb.red) > middle ? 1 : 0) | (Int(rgb.green) > middle ? 2 : 0) | (Int(rgb.blue) > middle ? 4 : 0)
    return UInt8(bits + (high > 170 ? 8 : 0))
  }

  private static func distance(_ a: RGB, _ b: RGB) -> Int {
    let (r, g, b) = (Int(a.red) - Int(b.red), Int(a.green) - Int(b.green), Int(a.blue) - Int(b.blue))
    return r * r + g * g + b * b
  }

  /// What xterm shows for a palette entry.
  static func xterm(_ index: UInt8) -> RGB {
    switch index {
    case 0..<16:
      let on: UInt8 = index < 8 ? 205 : 255
      let off: UInt8 = 0
      if index == 7 { return RGB(229, 229, 229) }
      if index == 8 { return RGB(127, 127, 127) }
      return RGB(index & 1 != 0 ? on : off, index & 2 != 0 ? on : off, index & 4 != 0 ? on : off)
    case 16..<232:
      let n = Int(index) - 16
      return RGB(UInt8(cube[n / 36]), UInt8(cube[n / 6 % 6]), UInt8(cube[n % 6]))
    default:
      let grey = UInt8(8 + 10 * (Int(index) - 232))
      return RGB(grey, grey, grey)
    }
  }
}
