import Terminal

/// What a terminal shows after the bytes it was sent: enough of xterm to check a program that places its cursor.
///
/// Unknown sequences are kept in `unknown`, so that a test can insist that there were none.
public struct ScreenModel: Sendable {
  public private(set) var grid: Grid
  public private(set) var isAlternate = false
  /// How often the terminal rang.
  public private(set) var bells = 0
  public private(set) var isCursorVisible = true
  /// DEC private modes that are on, besides screen and cursor: mouse reports, focus reports, bracketed paste.
  public private(set) var privateModes: Set<Int> = []
  public private(set) var unknown: [String] = []
  /// What the terminal itself answers (cursor reports), to be sent to the program.
  public var answers: [UInt8] = []

  private var mainGrid: Grid
  private var cursor = Point(x: 0, y: 0)
  private var pen = Cell()
  private var pending: [UInt8] = []

  public init(_ size: Size) {
    grid = Grid(size)
    mainGrid = grid
  }

  /// As a window that changed its size: what was there is gone.
  public mutating func resize(_ size: Size) {
    grid = Grid(size)
    mainGrid = grid
    cursor = Point(x: 0, y: 0)
  }

  public var text: String { grid.picture }

  public mutating func feed(_ bytes: some Sequence<UInt8>) {
    pending += bytes
    while let used = step() { pending.removeFirst(used) }
  }

  /// Takes one character or sequence; nil where more bytes are needed.
  private mutating func step() -> Int? {
    guard let first = pending.first else { return nil }
    switch first {
    case 0x1B: return escape()
    case 0x0D: cursor.x = 0
    case 0x0A: lineFeed()
    case 0x07: bells += 1
    case 0x08: cursor.x = max(0, cursor.x - 1)
    case 0..<0x20: break
    default: return character(first)
    }
    return 1
  }

  private mutating func lineFeed() {
    if cursor.y < grid.size.height - 1 {
      cursor.y += 1
      return
    }
    var scrolled = Grid(grid.size)
    for y in 1..<grid.size.height {
      for x in 0..<grid.size.width { scrolled.put(grid[x, y].glyph, x: x, y: y - 1, style(grid[x, y]), clip: grid.bounds) }
    }
    grid = scrolled
  }

  private func style(_ cell: Cell) -> Style { Style(cell.foreground, on: cell.background, cell.attributes) }

  private mutating func character(_ first: UInt8) -> Int? {
    let count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard pending.count >= count else { return nil }
    let text = String(decoding: pending.prefix(count), as: UTF8.self)
    for scalar in text.unicodeScalars {
      if scalar.properties.generalCategory == .nonspacingMark, cursor.x > 0 {
        let left = grid[cursor.x - 1, cursor.y].glyph.isContinuation ? cursor.x - 2 : cursor.x - 1
        grid.put(Glyph(grid[left, cursor.y].glyph.scalar, mark: scalar), x: left, y: cursor.y, style(pen), clip: grid.bounds)
        continue
      }
      let glyph = Glyph(scalar)
      if cursor.x + glyph.width > grid.size.width {
        cursor.x = 0
        lineFeed()
      }
      grid.put(glyph, x: cursor.x, y: cursor.y, style(pen), clip: grid.bounds)
      cursor.x += glyph.width
    }
    return count
  }

  // MARK: Sequences

  private mutating func escape() -> Int? {
    guard pending.count >= 2 else { return nil }
    switch pending[1] {
    case UInt8(ascii: "["): return controlSequence()
    case UInt8(ascii: "("), UInt8(ascii: ")"): return pending.count >= 3 ? 3 : nil
    case UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "7"), UInt8(ascii: "8"): return 2
    default:
      unknown.append("ESC \(Character(Unicode.Scalar(pending[1])))")
      return 2
    }
  }

  private mutating func controlSequence() -> Int? {
    guard let end = pending.dropFirst(2).firstIndex(where: { $0 >= 0x40 && $0 <= 0x7E }) else { return nil }
    let body = String(decoding: pending[2..<end], as: UTF8.self)
    let final = Character(Unicode.Scalar(pending[end]))
    let isPrivate = body.hasPrefix("?")
    let numbers = (isPrivate ? body.dropFirst() : body[...]).split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    func parameter(_ index: Int) -> Int { index < numbers.count && numbers[index] > 0 ? numbers[index] : 1 }
    switch (final, isPrivate) {
    case ("H", false): cursor = Point(x: min(parameter(1), grid.size.width) - 1, y: min(parameter(0), grid.size.height) - 1)
    case ("m", false): setPen(numbers)
    case ("J", false): if numbers.first == 2 || numbers.first == 0 { erase(fromCursor: numbers.first != 2) }
    case ("h", true): for mode in numbers { setMode(mode, true) }
    case ("l", true): for mode in numbers { setMode(mode, false) }
    case ("n", false): answers += Array("\u{1B}[\(cursor.y + 1);\(cursor.x + 1)R".utf8)
    case ("t", false): break
    default: unknown.append("CSI \(body)\(final)")
    }
    return end + 1
  }

  private mutating func erase(fromCursor: Bool) {
    for y in 0..<grid.size.height {
      for x in 0..<grid.size.width where !fromCursor || (y, x) >= (cursor.y, cursor.x) {
        grid.put(.space, x: x, y: y, Style(.standard, on: pen.background), clip: grid.bounds)
      }
    }
  }

  private mutating func setMode(_ mode: Int, _ on: Bool) {
    switch mode {
    case 1049:
      if on && !isAlternate { mainGrid = grid; grid = Grid(grid.size) }
      if !on && isAlternate { grid = mainGrid }
      isAlternate = on
    case 25: isCursorVisible = on
    case 12: break
    case 1, 2026, 1000, 1002, 1003, 1004, 1006, 2004: if on { privateModes.insert(mode) } else { privateModes.remove(mode) }
    default: unknown.append("mode \(mode)")
    }
  }

  private mutating func setPen(_ numbers: [Int]) {
    var index = 0
    while index < max(1, numbers.count) {
      let code = index < numbers.count ? numbers[index] : 0
      switch code {
      case 0: pen = Cell()
      case 1: pen.attributes.insert(.bold)
      case 2: pen.attributes.insert(.dim)
      case 3: pen.attributes.insert(.italic)
      case 4: pen.attributes.insert(.underline)
      case 7: pen.attributes.insert(.reverse)
      case 30...37: pen.foreground = .palette(UInt8(code - 30))
      case 39: pen.foreground = .standard
      case 40...47: pen.background = .palette(UInt8(code - 40))
      case 49: pen.background = .standard
      case 90...97: pen.foreground = .palette(UInt8(code - 82))
      case 100...107: pen.background = .palette(UInt8(code - 92))
      case 38, 48: index += extendedColor(numbers, index, isForeground: code == 38)
      default: unknown.append("SGR \(code)")
      }
      index += 1
    }
  }

  /// The parameters used besides the first.
  private mutating func extendedColor(_ numbers: [Int], _ index: Int, isForeground: Bool) -> Int {
    let rest = numbers.dropFirst(index + 1).map { UInt8(clamping: $0) }
    let color: Color
    let used: Int
    if rest.first == 5, rest.count >= 2 {
      (color, used) = (.palette(rest[1]), 2)
    } else if rest.first == 2, rest.count >= 4 {
      (color, used) = (.rgb(rest[1], rest[2], rest[3]), 4)
    } else {
      unknown.append("SGR \(numbers)")
      return rest.count
    }
    if isForeground { pen.foreground = color } else { pen.background = color }
    return used
  }
}
