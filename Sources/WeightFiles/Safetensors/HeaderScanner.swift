/// A strict JSON scanner for safetensors headers.
///
/// Foundation's JSON keeps the last of duplicate keys, turns whole numbers into doubles and builds everything that is
/// there; a header needs duplicates refused, 64-bit sizes exact, and a hostile header of 100 MB must cost no more than
/// what is kept of it. So values are pulled one at a time and what is not asked for is skipped without being built.
struct HeaderScanner {
  /// What is wrong and where, in bytes from the header's start.
  struct Failure: Error {
    let offset: Int
    let reason: String
    /// The key, when it is one that was there before.
    var duplicate: String?
  }

  /// Values nested deeper are refused, so that no input exhausts the stack.
  private static let deepest = 32

  private let bytes: [UInt8]
  private(set) var position = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func failure(_ reason: String, at offset: Int? = nil) -> Failure { Failure(offset: offset ?? position, reason: reason) }

  // MARK: Values

  /// An object; `member` is called for each key and must consume its value.
  mutating func object(_ member: (inout HeaderScanner, String) throws -> Void) throws {
    try nested(open: UInt8(ascii: "{"), close: UInt8(ascii: "}"), "an object") { scanner, seen in
      let start = scanner.position
      let key = try scanner.string()
      guard seen.insert(key).inserted else { throw Failure(offset: start, reason: "duplicate key", duplicate: key) }
      scanner.skipSpace()
      try scanner.expect(UInt8(ascii: ":"), "a colon")
      scanner.skipSpace()
      try member(&scanner, key)
    }
  }

  /// An array; `element` is called for each element and must consume it.
  mutating func array(_ element: (inout HeaderScanner) throws -> Void) throws {
    try nested(open: UInt8(ascii: "["), close: UInt8(ascii: "]"), "an array") { scanner, _ in try element(&scanner) }
  }

  /// A whole number from 0 on, without sign, fraction or exponent.
  mutating func unsigned() throws -> UInt64 {
    let start = position
    var value: UInt64 = 0
    while let byte = peek, isDigit(byte) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      guard !overflow && !carry else { throw failure("a number beyond 64 bits", at: start) }
      value = sum
      position += 1
    }
    guard position > start else { throw failure("a whole number is expected") }
    guard bytes[start] != UInt8(ascii: "0") || position == start + 1 else { throw failure("a number with leading zeros", at: start) }
    if let byte = peek, byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") {
      throw failure("a whole number is expected", at: start)
    }
    return value
  }

  /// A string, unescaped.
  mutating func string() throws -> String {
    try expect(UInt8(ascii: "\""), "a string")
    let start = position
    var unescaped: [UInt8] = []
    var runStart = position
    while true {
      guard let byte = peek else { throw failure("the header ends within a string") }
      switch byte {
      case UInt8(ascii: "\""):
        unescaped += bytes[runStart..<position]
        position += 1
        guard let text = String(validating: unescaped, as: UTF8.self) else { throw failure("a string that is not UTF-8", at: start) }
        return text
      case UInt8(ascii: "\\"):
        unescaped += bytes[runStart..<position]
        position += 1
        unescaped += String(try escape()).utf8
        runStart = position
      case ..<0x20:
        throw failure("a control character in a string")
      default:
        position += 1
      }
    }
  }

  /// Any value, thrown away.
  mutating func skipValue() throws {
    switch peek {
    case UInt8(ascii: "{"): try object { scanner, _ in try scanner.skipValue() }
    case UInt8(ascii: "["): try array { try $0.skipValue() }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: try skipNumber()
    }
  }

  /// The word `null`, if that is what comes next.
  mutating func null() throws -> Bool {
    guard peek == UInt8(ascii: "n") else { return false }
    try word("null")
    return true
  }

  /// Nothing but space may be left.
  mutating func end() throws {
    skipSpace()
    guard position == bytes.count else { throw failure("something follows the header's object") }
  }

  // MARK: Tokens

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private mutating func expect(_ byte: UInt8, _ name: String) throws {
    guard peek == byte else { throw failure(name + " is expected") }
    position += 1
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func word(_ word: String) throws {
    guard bytes[position...].starts(with: word.utf8) else { throw failure("a value is expected") }
    position += word.utf8.count
  }

  private mutating func nested(
    open: UInt8, close: UInt8, _ name: String, _ item: (inout HeaderScanner, inout Set<String>) throws -> Void
  ) throws {
    try expect(open, name)
    depth += 1
    guard depth <= Self.deepest else { throw failure("values nested more than \(Self.deepest) deep") }
    defer { depth -= 1 }
    var seen: Set<String> = []
    skipSpace()
    if peek == close {
      position += 1
      return
    }
    while true {
      try item(&self, &seen)
      skipSpace()
      if peek == close {
        position += 1
        return
      }
      try expect(UInt8(ascii: ","), "a comma or the end of \(name)")
      skipSpace()
    }
  }

  private mutating func skipNumber() throws {
    if peek == UInt8(ascii: "-") { position += 1 }
    let start = position
    try skipDigits()
    guard bytes[start] != UInt8(ascii: "0") || position == start + 1 else { throw failure("a number with leading zeros", at: start) }
    if peek == UInt8(ascii: ".") {
      position += 1
      try skipDigits()
    }
    if let byte = peek, byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws {
    let start = position
    while let byte = peek, isDigit(byte) { position += 1 }
    guard position > start else { throw failure("a value is expected") }
  }

  // MARK: Escapes

  private mutating func escape() throws -> Unicode.Scalar {
    guard let byte = peek else { throw failure("the header ends within a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw failure("an unknown escape", at: position - 1)
    }
  }

  /// What follows `\u`: one scalar, which may take two halves of a surrogate pair.
  private mutating func unicodeEscape() throws -> Unicode.Scalar {
    let start = position
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, peek == UInt8(ascii: "\\") else { throw failure("half of a surrogate pair", at: start) }
    position += 1
    try expect(UInt8(ascii: "u"), "the other half of a surrogate pair")
    let second = try fourHexDigits()
    guard (0xDC00...0xDFFF).contains(second), let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) else {
      throw failure("half of a surrogate pair", at: start)
    }
    return scalar
  }

  private mutating func fourHexDigits() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hexadecimal digits are expected")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
