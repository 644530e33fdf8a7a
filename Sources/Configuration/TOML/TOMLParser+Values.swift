/// Values: texts, numbers, dates, switches, arrays and inline tables.
extension TOMLParser {
  /// - Parameter depth: of the value.
  mutating func value(depth: Int) throws(TOMLSyntaxError) -> TOMLValue {
    switch next {
    case Byte.quote: return .text(try basicString(isKey: false))
    case Byte.apostrophe: return .text(try literalString(isKey: false))
    case Byte.leftBracket: return .array(try array(depth: depth))
    case Byte.leftBrace: return .table(try inlineTable(depth: depth))
    case nil, Byte.newline, Byte.carriageReturn, Byte.hash: throw fault("a value is missing; write one behind \"=\"")
    default: return try plainValue()
    }
  }

  private mutating func array(depth: Int) throws(TOMLSyntaxError) -> [TOMLValue] {
    try check(depth: depth + 1, at: position)
    position += 1
    var values: [TOMLValue] = []
    while true {
      try skipBlanks()
      if take(Byte.rightBracket) { return values }
      if isNext(Byte.comma) { throw fault("a value is missing before \",\"; write one or take the comma out") }
      try needMore("an array without its end; close it with ]")
      values.append(try value(depth: depth + 1))
      try skipBlanks()
      if take(Byte.rightBracket) { return values }
      guard take(Byte.comma) else {
        try needMore("an array without its end; close it with ]")
        throw fault("two values without a comma between them in an array; write one")
      }
    }
  }

  private mutating func inlineTable(depth: Int) throws(TOMLSyntaxError) -> TOMLTable {
    try check(depth: depth + 1, at: position)
    position += 1
    let table = TOMLTable.inline()
    skipSpaces()
    if take(Byte.rightBrace) { return table }
    while true {
      skipSpaces()
      try needMore("an inline table without its end; close it with }")
      if isNext(Byte.rightBrace) { throw fault("a key is missing after \",\"; write one or take the comma out") }
      try keyAndValue(in: table, depth: depth + 1)
      skipSpaces()
      if take(Byte.rightBrace) { return table }
      guard take(Byte.comma) else { throw fault("an inline table without its end; close it with } on its line") }
    }
  }

  private func needMore(_ problem: String) throws(TOMLSyntaxError) {
    if next == nil { throw fault(problem) }
  }
}
