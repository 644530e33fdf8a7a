/// Table headers and the keys before values.
extension TOMLParser {
  /// `[table]` or `[[array of tables]]`, up to the closing bracket.
  ///
  /// - Returns: the table, and how deep in `root` it lies.
  mutating func header(in root: TOMLTable) throws(TOMLSyntaxError) -> (TOMLTable, depth: Int) {
    let start = position
    position += 1
    let isArray = take(Byte.leftBracket)
    skipSpaces()
    let path = try key(after: isArray ? "[[" : "[")
    guard take(Byte.rightBracket), !isArray || take(Byte.rightBracket) else {
      throw fault("a table's name without its end; close it with \(isArray ? "]]" : "]")")
    }
    try check(depth: path.count, at: start)
    switch root.section(path, isArray: isArray, line: line) {
    case .success(let table): return (table, path.count)
    case .failure(let refusal): throw fault(refusal.problem, at: start)
    }
  }

  /// `key = value`.
  ///
  /// - Parameter depth: of the table.
  mutating func keyAndValue(in table: TOMLTable, depth: Int) throws(TOMLSyntaxError) {
    let (start, line) = (position, line)
    let path = try key(after: nil)
    try check(depth: depth + path.count, at: start)
    guard take(Byte.equals) else { throw fault("a key without \"=\" behind it; write key = value") }
    skipSpaces()
    let value = try value(depth: depth + path.count)
    if let problem = table.add(value, at: path, line: line) {
      throw line == self.line ? fault(problem, at: start) : TOMLSyntaxError(line: line, column: 1, problem: problem)
    }
  }

  func check(depth: Int, at place: Int) throws(TOMLSyntaxError) {
    guard depth <= Self.depthLimit else {
      throw fault("more than \(Self.depthLimit) levels of tables and arrays; settings are one key = value a line", at: place)
    }
  }

  /// One or more names with dots between them, and the spaces behind.
  private mutating func key(after opening: String?) throws(TOMLSyntaxError) -> [String] {
    var parts = [try part(after: opening)]
    skipSpaces()
    while take(Byte.dot) {
      skipSpaces()
      parts.append(try part(after: "."))
      skipSpaces()
    }
    return parts
  }

  private mutating func part(after opening: String?) throws(TOMLSyntaxError) -> String {
    switch next {
    case Byte.quote: return try basicString(isKey: true)
    case Byte.apostrophe: return try literalString(isKey: true)
    default: break
    }
    let start = position
    while let byte = next, isBare(byte) { position += 1 }
    guard position > start else {
      if let opening { throw fault("a key is missing after \"\(opening)\"; write a name there") }
      if let byte = next, !isControl(byte), byte != Byte.equals {
        throw fault("\(shown(byte)) cannot begin a key; write key = value, and other characters than A-Z a-z 0-9 - _ in quotes")
      }
      throw fault("a key is missing; write key = value")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private func isBare(_ byte: UInt8) -> Bool {
    Byte.isLetter(byte) || Byte.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}
