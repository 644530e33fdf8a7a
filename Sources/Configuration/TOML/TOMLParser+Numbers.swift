/// Switches, numbers and dates: values without marks around them.
extension TOMLParser {
  mutating func plainValue() throws(TOMLSyntaxError) -> TOMLValue {
    let start = position
    let word = word()
    guard !word.isEmpty else { throw fault("\(next.map(shown) ?? "nothing") cannot begin a value; put texts in quotes") }
    switch word {
    case "true": return .toggle(true)
    case "false": return .toggle(false)
    case "inf", "+inf": return .number(.infinity)
    case "-inf": return .number(-.infinity)
    case "nan", "+nan", "-nan": return .number(.nan)
    case _ where isDate(word): return .date(word)
    default: break
    }
    if isFloat(word), let number = Double(word.filter { $0 != "_" }) { return .number(number) }
    guard let (digits, radix) = integer(word) else {
      throw fault("\"\(word)\" is no number, date, true or false; put texts in quotes", at: start)
    }
    guard let number = Int(digits, radix: radix) else {
      throw fault("\(word) is too large for a whole number of 64 bits; write a smaller one", at: start)
    }
    return .integer(number)
  }

  /// The characters that such values are made of; of a date and a time, the one space between them too.
  private mutating func word() -> String {
    let start = position
    func run() -> Int {
      bytes[position...].prefix { Byte.isLetter($0) || Byte.isDigit($0) || [43, 45, 46, 58, 95].contains($0) }.count  // + - . : _
    }
    position += run()
    if position - start == 10, isNext(Byte.space), isFullDate(bytes[start..<position]) {
      let rest = bytes[(position + 1)...].prefix(3)
      if rest.count == 3, rest.prefix(2).allSatisfy(Byte.isDigit), rest.last == UInt8(ascii: ":") {
        position += 1
        position += run()
      }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  // MARK: Numbers

  /// The digits and the base of a whole number; nil for anything else.
  private func integer(_ word: String) -> (digits: String, radix: Int)? {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.hasPrefix(prefix) {
      let digits = word.dropFirst(2)
      return isDigits(digits, radix: radix) ? (digits.filter { $0 != "_" }, radix) : nil
    }
    return isDecimal(word[...]) ? (word.filter { $0 != "_" }, 10) : nil
  }

  /// With a fraction, an exponent or both.
  private func isFloat(_ word: String) -> Bool {
    guard let end = word.firstIndex(where: { $0 == "." || $0 == "e" || $0 == "E" }), isDecimal(word[..<end]) else { return false }
    var rest = word[end...]
    if rest.hasPrefix(".") {
      let fraction = rest.dropFirst().prefix { $0 != "e" && $0 != "E" }
      guard isDigits(fraction, radix: 10) else { return false }
      rest = rest[fraction.endIndex...]
    }
    guard !rest.isEmpty else { return true }
    rest = rest.dropFirst()
    if rest.hasPrefix("+") || rest.hasPrefix("-") { rest = rest.dropFirst() }
    return isDigits(rest, radix: 10)
  }

  /// A sign, and digits without a zero before others.
  private func isDecimal(_ text: Substring) -> Bool {
    let digits = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text
    return isDigits(digits, radix: 10) && (digits.utf8.count == 1 || !digits.hasPrefix("0"))
  }

  /// Digits, each underscore between two of them.
  private func isDigits(_ text: Substring, radix: Int) -> Bool {
    text.split(separator: "_", omittingEmptySubsequences: false).allSatisfy { group in
      !group.isEmpty && group.allSatisfy { $0.isASCII && Int(String($0), radix: radix) != nil }
    }
  }

  // MARK: Dates

  /// A date, a time, or both with or without an offset from UTC.
  private func isDate(_ word: String) -> Bool {
    let bytes = Array(word.utf8)[...]
    if isFullDate(bytes.prefix(10)) {
      let rest = bytes.dropFirst(10)
      guard let mark = rest.first else { return true }
      guard mark | 0x20 == UInt8(ascii: "t") || mark == Byte.space else { return false }
      return isTime(rest.dropFirst(), mayHaveOffset: true)
    }
    return isTime(bytes, mayHaveOffset: false)
  }

  /// `2026-12-31`, a day that its month has.
  private func isFullDate(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.count == 10, let fields = fields(bytes, [4, 2, 2], separator: UInt8(ascii: "-")) else { return false }
    let (year, month, day) = (fields[0], fields[1], fields[2])
    guard (1...12).contains(month) else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return (1...[31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]).contains(day)
  }

  /// `23:59:59`, a fraction of the second, and an offset: `Z`, `+01:00`.
  private func isTime(_ bytes: ArraySlice<UInt8>, mayHaveOffset: Bool) -> Bool {
    guard let time = fields(bytes.prefix(8), [2, 2, 2], separator: UInt8(ascii: ":")), time[0] < 24, time[1] < 60, time[2] <= 60 else {
      return false
    }
    var rest = bytes.dropFirst(8)
    if rest.first == Byte.dot {
      let fraction = rest.dropFirst().prefix(while: Byte.isDigit)
      guard !fraction.isEmpty else { return false }
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard let mark = rest.first else { return true }
    guard mayHaveOffset else { return false }
    if mark | 0x20 == UInt8(ascii: "z") { return rest.count == 1 }
    guard mark == UInt8(ascii: "+") || mark == UInt8(ascii: "-"), rest.count == 6 else { return false }
    guard let offset = fields(rest.dropFirst(), [2, 2], separator: UInt8(ascii: ":")) else { return false }
    return offset[0] < 24 && offset[1] < 60
  }

  /// Numbers of fixed lengths with a separator between them; nil for anything else.
  private func fields(_ bytes: ArraySlice<UInt8>, _ lengths: [Int], separator: UInt8) -> [Int]? {
    let parts = bytes.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.map(\.count) == lengths, parts.allSatisfy({ $0.allSatisfy(Byte.isDigit) }) else { return nil }
    return parts.map { $0.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
  }
}
