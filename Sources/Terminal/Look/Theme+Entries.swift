import SystemText

/// Themes from the entries of a file. The file's own syntax (TOML) is read elsewhere; what the entries mean is known here.
extension Theme {
  /// One entry of a theme file: `key` is `name`, `colors.KEY` or `sixteen.KEY`; `values` holds one text, or a list's texts;
  /// `line` is counted from 1.
  public typealias Entry = (key: String, values: [String], line: Int)

  /// - Parameters:
  ///   - file: the file's path, for errors.
  ///   - entries: in the order of the file.
  /// - Throws: `ThemeError` with file, line and reason for an unknown key, a colour that is none, or a missing key.
  public init(file: String, entries: [Entry]) throws(ThemeError) {
    var name: String?
    var paints: [ThemeKey: Paint] = [:]
    var gradients: [ThemeGradient: Gradient] = [:]
    var sixteen: [(Entry, Key)] = []
    for entry in entries {
      func fail(_ reason: String) -> ThemeError { ThemeError(file: file, line: entry.line, reason: reason) }
      if entry.key == "name" {
        name = entry.values.first
        continue
      }
      let parts = entry.key.split(separator: ".", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[0] == "colors" || parts[0] == "sixteen" else {
        throw fail("\"\(entry.key)\" does not belong in a theme; there are name, [colors] and [sixteen]")
      }
      guard let key = Key(parts[1]) else {
        throw fail("\"\(parts[1])\" is not a colour of the interface; the keys are \(Key.allNames.joined(separator: ", "))")
      }
      if parts[0] == "sixteen" {
        sixteen.append((entry, key))
        continue
      }
      switch key {
      case .paint(let key): paints[key] = try Self.paint(entry, file)
      case .gradient(let key): gradients[key] = Gradient(try Self.stops(entry, file))
      }
    }
    let missing =
      ThemeKey.allCases.filter { paints[$0] == nil }.map(\.name) + ThemeGradient.allCases.filter { gradients[$0] == nil }.map(\.name)
    guard missing.isEmpty else {
      let keys = missing.map { "\"\($0)\"" }.joined(separator: ", ")
      throw ThemeError(
        file: file, line: nil, reason: "[colors] lacks \(keys); copy \(missing.count == 1 ? "it" : "them") from themes/dark.toml")
    }
    for (entry, key) in sixteen {
      switch key {
      case .paint(let key): paints[key]!.sixteen = try Self.paint(entry, file).color
      case .gradient(let key): gradients[key]!.sixteen = try Self.stops(entry, file)
      }
    }
    self.init(name: name ?? Self.name(ofFile: file), paints: paints, gradients: gradients)
  }

  private enum Key {
    case paint(ThemeKey)
    case gradient(ThemeGradient)

    init?(_ name: String) {
      if let key = ThemeKey.allCases.first(where: { $0.name == name }) {
        self = .paint(key)
      } else if let key = ThemeGradient.allCases.first(where: { $0.name == name }) {
        self = .gradient(key)
      } else {
        return nil
      }
    }

    static let allNames = ThemeKey.allCases.map(\.name) + ThemeGradient.allCases.map(\.name)
  }

  private static func name(ofFile file: String) -> String {
    let last = SystemPath.name(of: file)
    return last.hasSuffix(".toml") ? String(last.dropLast(5)) : last
  }

  private static func paint(_ entry: Entry, _ file: String) throws(ThemeError) -> Paint {
    guard entry.values.count == 1 else {
      throw ThemeError(file: file, line: entry.line, reason: "\(entry.key) takes one colour, not a list of \(entry.values.count)")
    }
    var attributes: Attributes = []
    var color: Color?
    for word in entry.values[0].split(separator: " ") {
      switch word {
      case "bold": attributes.insert(.bold)
      case "dim": attributes.insert(.dim)
      case "underline": attributes.insert(.underline)
      case "italic": attributes.insert(.italic)
      case "reverse": attributes.insert(.reverse)
      default:
        guard color == nil else {
          throw ThemeError(file: file, line: entry.line, reason: "\(entry.key) names two colours, \"\(entry.values[0])\"; keep one")
        }
        color = try Self.color(word, entry, file)
      }
    }
    return Paint(color ?? .standard, attributes)
  }

  private static func stops(_ entry: Entry, _ file: String) throws(ThemeError) -> [Color] {
    guard !entry.values.isEmpty else {
      throw ThemeError(file: file, line: entry.line, reason: "\(entry.key) needs at least one colour, as in [\"#3b82c4\", \"#7fd0ff\"]")
    }
    var stops: [Color] = []
    for value in entry.values { stops.append(try color(Substring(value), entry, file)) }
    return stops
  }

  private static func color(_ word: Substring, _ entry: Entry, _ file: String) throws(ThemeError) -> Color {
    if let color = Color(named: word) { return color }
    throw ThemeError(
      file: file, line: entry.line,
      reason: "\(entry.key) has \"\(word)\", which is not a colour; write #rrggbb, a palette number 0 to 255, default, or a name "
        + "such as cyan or bright-cyan")
  }
}

extension Color {
  private static let names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]

  /// `#rrggbb`, `#rgb`, a palette number, `default`, or one of the sixteen by name (`cyan`, `bright-cyan`); nil for anything else.
  public init?(named word: some StringProtocol) {
    let text = word.lowercased()
    if text == "default" {
      self = .standard
    } else if text.hasPrefix("#") {
      guard let rgb = Self.hex(text.dropFirst()) else { return nil }
      self = .rgb(rgb)
    } else if let index = UInt8(text) {
      self = .palette(index)
    } else if text.hasPrefix("bright-"), let index = Self.names.firstIndex(of: String(text.dropFirst(7))) {
      self = .palette(UInt8(index + 8))
    } else if let index = Self.names.firstIndex(of: text) {
      self = .palette(UInt8(index))
    } else {
      return nil
    }
  }

  private static func hex(_ digits: Substring) -> RGB? {
    let values = digits.compactMap(\.hexDigitValue).map { UInt8($0) }
    guard values.count == digits.count else { return nil }
    switch values.count {
    case 3: return RGB(values[0] * 17, values[1] * 17, values[2] * 17)
    case 6: return RGB(values[0] * 16 + values[1], values[2] * 16 + values[3], values[4] * 16 + values[5])
    default: return nil
    }
  }
}
