/// A header block of a tar archive: the old format, POSIX ustar, GNU.
struct TarHeader {
  static let byteCount = 512

  /// Without its prefix.
  let name: [UInt8]
  /// Before the name, with a slash between; empty without one.
  let prefix: [UInt8]
  let size: Int64
  let type: UInt8
  /// Whether the next block continues a GNU sparse map.
  let continuesSparseMap: Bool

  /// - Parameter block: of 512 bytes.
  /// - Returns: nil where the checksum is wrong or the size no number.
  init?(_ block: ArraySlice<UInt8>) {
    guard Self.isHeader(block), let size = Self.number(Self.field(block, 124, 12)) else { return nil }
    self.size = size
    type = block[block.startIndex + 156]
    name = Self.text(Self.field(block, 0, 100))
    // GNU's own format keeps other things there.
    prefix = Self.field(block, 257, 6).elementsEqual([0x75, 0x73, 0x74, 0x61, 0x72, 0]) ? Self.text(Self.field(block, 345, 155)) : []
    continuesSparseMap = type == UInt8(ascii: "S") && block[block.startIndex + 482] != 0
  }

  /// Whether the checksum is right: the sum of all bytes, its own taken for spaces; old programs added signed bytes.
  static func isHeader(_ block: ArraySlice<UInt8>) -> Bool {
    guard block.count == byteCount, block.contains(where: { $0 != 0 }), let noted = number(field(block, 148, 8)) else { return false }
    var sum: Int64 = 8 * 32, signed: Int64 = 8 * 32
    for (place, byte) in block.enumerated() where !(148..<156).contains(place) {
      sum += Int64(byte)
      signed += Int64(Int8(bitPattern: byte))
    }
    return noted == sum || noted == signed
  }

  private static func field(_ block: ArraySlice<UInt8>, _ offset: Int, _ count: Int) -> ArraySlice<UInt8> {
    block.dropFirst(offset).prefix(count)
  }

  private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

  /// Octal digits between spaces and zeros, or after a set first bit the number itself; nil for anything else.
  static func number(_ field: ArraySlice<UInt8>) -> Int64? {
    if let first = field.first, first & 0x80 != 0 {
      guard first == 0x80 else { return nil }  // negative
      var value: Int64 = 0
      for byte in field.dropFirst() {
        guard value < 1 << 54 else { return nil }
        value = value << 8 | Int64(byte)
      }
      return value
    }
    let isPadding = { (byte: UInt8) in byte == 0 || byte == 0x20 }
    let digits = field.drop(while: isPadding).prefix { !isPadding($0) }
    guard field[digits.endIndex...].allSatisfy(isPadding) else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard (0x30...0x37).contains(digit) else { return nil }
      value = value << 3 | Int64(digit - 0x30)  // at most twelve digits
    }
    return value
  }

  /// The name that the header itself gives.
  var fullName: [UInt8] { prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name }
}
