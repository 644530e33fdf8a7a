/// A reader of TOML 1.0 (https://toml.io/en/v1.0.0).
///
/// It accepts what the grammar and the rules on tables accept, up to `depthLimit` levels, since it recurses.
///
/// The aspects: keys, values, strings, and numbers with dates.
struct TOMLParser {
  /// Levels of a value: parts of its table's name and of its key, and the arrays and inline tables around it.
  static let depthLimit = 100

  let bytes: [UInt8]
  var position = 0
  private(set) var line = 1
  private var lineStart = 0

  /// The document's table.
  ///
  /// - Throws: `TOMLSyntaxError` at the first fault.
  static func table(_ text: String) throws(TOMLSyntaxError) -> TOMLTable {
    var parser = TOMLParser(bytes: Array(text.utf8))
    return try parser.document()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func document() throws(TOMLSyntaxError) -> TOMLTable {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      position = 3
      lineStart = 3
    }
    let root = TOMLTable.root()
    var section = root
    var depth = 0
    while position < bytes.count {
      skipSpaces()
      switch next {
      case nil, Byte.newline, Byte.carriageReturn, Byte.hash: break
      case Byte.leftBracket: (section, depth) = try header(in: root)
      default: try keyAndValue(in: section, depth: depth)
      }
      try endOfLine()
    }
    return root
  }

  /// The byte at the position; nil at the end of the document.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  func isNext(_ byte: UInt8) -> Bool { next == byte }

  /// Steps over `byte` if it is next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard isNext(byte) else { return false }
    position += 1
    return true
  }

  mutating func skipSpaces() {
    while let byte = next, byte == Byte.space || byte == Byte.tab { position += 1 }
  }

  /// Steps over a line end if one is next.
  mutating func newline() throws(TOMLSyntaxError) -> Bool {
    if isNext(Byte.carriageReturn) {
      guard position + 1 < bytes.count, bytes[position + 1] == Byte.newline else {
        throw fault("a carriage return without a line feed; save the file with ordinary line ends")
      }
      position += 1
    }
    guard take(Byte.newline) else { return false }
    line += 1
    lineStart = position
    return true
  }

  /// Steps over spaces, comments and line ends, which arrays may hold between their values.
  mutating func skipBlanks() throws(TOMLSyntaxError) {
    repeat {
      skipSpaces()
      try comment()
    } while try newline()
  }

  /// What may follow a header or a value: spaces, a comment, and the line's end.
  private mutating func endOfLine() throws(TOMLSyntaxError) {
    skipSpaces()
    try comment()
    guard try !newline(), let byte = next else { return }
    throw fault("\(shown(byte)) after the end; write one key = value on a line, and texts in quotes")
  }

  private mutating func comment() throws(TOMLSyntaxError) {
    guard take(Byte.hash) else { return }
    while let byte = next, byte != Byte.newline, byte != Byte.carriageReturn {
      guard byte == Byte.tab || !isControl(byte) else { throw fault("a control character in a comment; take it out") }
      position += 1
    }
  }

  /// - Parameter place: where it begins; nil for the position. A place on an earlier line counts as the line's start.
  func fault(_ problem: String, at place: Int? = nil) -> TOMLSyntaxError {
    let end = max(lineStart, place ?? position)
    // Every byte but the second and later ones of a character.
    let column = bytes[lineStart..<end].count { $0 & 0xC0 != 0x80 } + 1
    return TOMLSyntaxError(line: line, column: column, problem: problem)
  }

  /// C0 and DEL.
  func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

  /// The character that begins with `byte`, the next one, for an error.
  func shown(_ byte: UInt8) -> String {
    if isControl(byte) { return "a control character" }
    let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    return "\"" + String(decoding: bytes[position..<min(bytes.count, position + length)], as: UTF8.self) + "\""
  }
}

/// The bytes that TOML gives a meaning.
enum Byte {
  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "\"")
  static let apostrophe = UInt8(ascii: "'")
  static let backslash = UInt8(ascii: "\\")
  static let hash = UInt8(ascii: "#")
  static let comma = UInt8(ascii: ",")
  static let dot = UInt8(ascii: ".")
  static let equals = UInt8(ascii: "=")
  static let leftBracket = UInt8(ascii: "[")
  static let rightBracket = UInt8(ascii: "]")
  static let leftBrace = UInt8(ascii: "{")
  static let rightBrace = UInt8(ascii: "}")

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
}
