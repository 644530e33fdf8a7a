import Terminal

/// Changed cells into the bytes that show them: cursor moves, styles, characters.
///
/// Colours up to 256 are set as terminfo says. True colours are written as `ESC [ 38 ; 2 ; r ; g ; b m`, which every terminal that has
/// them understands and terminfo mostly does not describe.
struct ScreenEncoder {
  private let terminal: TerminalDescription
  private let depth: ColorDepth
  var encodesUTF8: Bool
  private var bytes: [UInt8] = []
  /// The style the terminal writes with; nil where unknown.
  private var style: Cell?
  private var foregrounds: [[UInt8]?] = Array(repeating: nil, count: 256)
  private var backgrounds: [[UInt8]?] = Array(repeating: nil, count: 256)
  private let reset: [UInt8]
  private let attributes: [(Attributes, [UInt8])]

  init(terminal: TerminalDescription, depth: ColorDepth, encodesUTF8: Bool) {
    self.terminal = terminal
    self.depth = depth
    self.encodesUTF8 = encodesUTF8
    reset = terminal.bytes("sgr0")
    attributes = [
      (.bold, terminal.bytes("bold")), (.dim, terminal.bytes("dim")), (.underline, terminal.bytes("smul")),
      (.reverse, terminal.bytes("rev")), (.italic, terminal.bytes("sitm")),
    ]
  }

  /// The bytes that turn the screen into `grid` where it differs by `difference`.
  mutating func encode(_ difference: GridDifference, of grid: Grid) -> [UInt8] {
    bytes.removeAll(keepingCapacity: true)
    style = nil
    // Held together by the terminal until the frame is whole; those that do not know the mode ignore it.
    let synchronizes = depth == .trueColor
    if synchronizes { bytes += Array("\u{1B}[?2026h".utf8) }
    for run in difference.runs { encode(run, of: grid) }
    bytes += reset
    if synchronizes { bytes += Array("\u{1B}[?2026l".utf8) }
    return bytes
  }

  private mutating func encode(_ run: GridDifference.Run, of grid: Grid) {
    bytes += terminal.expanded("cup", run.y, run.x)
    var isPlaced = true
    for x in run.x..<run.x + run.count {
      let cell = grid[x, run.y]
      if cell.glyph.isContinuation { continue }
      if terminal.scrollsAtEnd && run.y == grid.size.height - 1 && x + cell.glyph.width == grid.size.width { continue }
      if !isPlaced { bytes += terminal.expanded("cup", run.y, x) }
      set(cell)
      append(cell.glyph)
      // Terminals disagree about the width of such characters; the next one is placed anew so that nothing shifts.
      isPlaced = cell.glyph.width == 1 && cell.glyph.mark == nil
    }
  }

  private mutating func append(_ glyph: Glyph) {
    guard encodesUTF8 else {
      for _ in 0..<glyph.width { bytes.append(glyph.scalar.isASCII ? UInt8(glyph.scalar.value) : UInt8(ascii: "?")) }
      return
    }
    bytes += UTF8.encode(glyph.scalar)!
    if let mark = glyph.mark { bytes += UTF8.encode(mark)! }
  }

  // MARK: Styles

  private mutating func set(_ cell: Cell) {
    let foreground = depth.nearest(cell.foreground)
    let background = depth.nearest(cell.background)
    let wanted = Cell(.space, foreground, on: background, cell.attributes)
    guard wanted != style else { return }
    // What was switched on can be switched off for certain only all at once.
    let mustReset =
      style.map {
        !$0.attributes.isSubset(of: wanted.attributes) || (foreground == .standard && $0.foreground != .standard)
          || (background == .standard && $0.background != .standard)
      } ?? true
    if mustReset {
      bytes += reset
      style = Cell()
    }
    for (attribute, sequence) in attributes where wanted.attributes.contains(attribute) && style?.attributes.contains(attribute) != true {
      bytes += sequence
    }
    if foreground != style?.foreground { color(foreground, isForeground: true) }
    if background != style?.background { color(background, isForeground: false) }
    style = wanted
  }

  private mutating func color(_ color: Color, isForeground: Bool) {
    switch color {
    case .standard: break
    case .palette(let index):
      let known = isForeground ? foregrounds[Int(index)] : backgrounds[Int(index)]
      if let known {
        bytes += known
        return
      }
      let sequence = terminal.expanded(isForeground ? "setaf" : "setab", Int(index))
      if isForeground { foregrounds[Int(index)] = sequence } else { backgrounds[Int(index)] = sequence }
      bytes += sequence
    case .rgb(let rgb):
      bytes += isForeground ? Self.foregroundPrefix : Self.backgroundPrefix
      number(rgb.red, UInt8(ascii: ";"))
      number(rgb.green, UInt8(ascii: ";"))
      number(rgb.blue, UInt8(ascii: "m"))
    }
  }

  private static let foregroundPrefix = Array("\u{1B}[38;2;".utf8)
  private static let backgroundPrefix = Array("\u{1B}[48;2;".utf8)

  private mutating func number(_ value: UInt8, _ end: UInt8) {
    if value >= 100 { bytes.append(48 + value / 100) }
    if value >= 10 { bytes.append(48 + value / 10 % 10) }
    bytes.append(48 + value % 10)
    bytes.append(end)
  }
}
