import SystemText

/// Records of separated fields, as RFC 4180 has them.
///
/// A field between quotes may hold separators, line ends and, doubled, quotes. Lines end in LF, CR LF or CR; empty ones are no
/// records. Blanks around a field without quotes, and around the quotes of one with them, are no part of it.
enum DelimitedText {
  struct Record {
    /// Where it begins, counted from 1.
    let line: Int
    let fields: [String]
  }

  static func records(_ text: ArraySlice<UInt8>, separator: UInt8, path: String) throws(ListError) -> [Record] {
    var reader = Reader(rest: text, separator: separator, path: path)
    var records: [Record] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>
    let separator: UInt8
    let path: String
    var line = 1

    mutating func next() throws(ListError) -> Record? {
      while !rest.isEmpty {
        let start = line
        var fields: [String] = []
        var isQuoted = false
        repeat {
          let (field, quoted) = try field()
          fields.append(String(systemBytes: field))
          isQuoted = isQuoted || quoted
        } while take(separator)
        endLine()
        if fields.count > 1 || isQuoted || !fields[0].isEmpty { return Record(line: start, fields: fields) }
      }
      return nil
    }

    private mutating func field() throws(ListError) -> (bytes: [UInt8], isQuoted: Bool) {
      rest = rest.drop(while: isBlank)
      let start = line
      guard take(UInt8(ascii: "\"")) else {
        var bytes = rest.prefix { $0 != separator && !Self.endsLine($0) }
        rest = rest[bytes.endIndex...]
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return (Array(bytes), false)
      }
      var bytes: [UInt8] = []
      while true {
        let piece = rest.prefix { $0 != UInt8(ascii: "\"") }
        bytes += piece
        line += Self.lineEnds(piece)
        rest = rest[piece.endIndex...]
        guard take(UInt8(ascii: "\"")) else { throw ListError(path, line: start, .openQuote) }
        guard take(UInt8(ascii: "\"")) else { break }
        bytes.append(UInt8(ascii: "\""))
      }
      rest = rest.drop(while: isBlank)
      guard rest.isEmpty || rest.first == separator || rest.first.map(Self.endsLine) == true else {
        throw ListError(path, line: line, .textBehindQuote)
      }
      return (bytes, true)
    }

    private mutating func endLine() {
      guard let end = rest.popFirst() else { return }
      line += 1
      if end == 0x0D { _ = take(0x0A) }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      guard rest.first == byte else { return false }
      rest.removeFirst()
      return true
    }

    private func isBlank(_ byte: UInt8) -> Bool { (byte == 0x20 || byte == 0x09) && byte != separator }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    private static func lineEnds(_ bytes: ArraySlice<UInt8>) -> Int {
      var count = 0, previous: UInt8 = 0
      for byte in bytes {
        if byte == 0x0D || byte == 0x0A && previous != 0x0D { count += 1 }
        previous = byte
      }
      return count
    }
  }
}
