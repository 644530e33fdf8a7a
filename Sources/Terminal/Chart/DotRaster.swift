/// A picture of dots finer than cells: 2x4 a cell in braille, 2x2 in quadrant blocks, one in ASCII.
///
/// Each cell remembers which series drew in it last, since a cell has one colour.
struct DotRaster {
  let columns: Int
  let rows: Int
  let symbols: SymbolSet
  /// Dots across one cell, and down.
  let across: Int
  let down: Int
  private var bits: [UInt8]
  private var owners: [UInt8]

  init(columns: Int, rows: Int, symbols: SymbolSet) {
    self.columns = columns
    self.rows = rows
    self.symbols = symbols
    (across, down) = symbols == .braille ? (2, 4) : symbols == .block ? (2, 2) : (1, 1)
    bits = Array(repeating: 0, count: columns * rows)
    owners = bits
  }

  /// Dots across and down the whole picture.
  var width: Int { columns * across }
  var height: Int { rows * down }

  private static let brailleBits: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
  private static let quadrants: [Unicode.Scalar] = [
    " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
  ]

  /// Sets the dot at `x` from the left and `y` from the top for series `owner`; outside, nothing.
  mutating func set(_ x: Int, _ y: Int, owner: UInt8) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    let cell = y / down * columns + x / across
    let place = y % down * across + x % across
    bits[cell] |= symbols == .braille ? Self.brailleBits[place] : 1 << UInt8(place)
    owners[cell] = owner
  }

  /// Sets the dots of column `x` between two heights, either of which may lie outside.
  mutating func setColumn(_ x: Int, from y0: Double, to y1: Double, owner: UInt8) {
    guard x >= 0, x < width, height > 0 else { return }
    let top = max(min(y0, y1).rounded(), 0)
    let bottom = min(max(y0, y1).rounded(), Double(height - 1))
    guard top <= bottom else { return }
    for y in Int(top)...Int(bottom) { set(x, y, owner: owner) }
  }

  /// The series that drew in a cell and the glyph there; nil for an empty cell.
  func cell(_ column: Int, _ row: Int) -> (owner: UInt8, glyph: Unicode.Scalar?)? {
    let index = row * columns + column
    guard bits[index] != 0 else { return nil }
    switch symbols {
    case .braille: return (owners[index], Unicode.Scalar(0x2800 + UInt32(bits[index])))
    case .block: return (owners[index], Self.quadrants[Int(bits[index])])
    case .ascii: return (owners[index], nil)
    }
  }
}
