import SystemText

/// The lines of a list as named columns, whatever its format.
struct ListTable {
  /// A cell: text, or a JSON value that is none.
  enum Cell: Sendable, Equatable {
    case text(String)
    /// Nothing, or JSON's null.
    case absent
    /// A list, an object, a fraction.
    case strange
  }

  struct Row: Sendable {
    /// Counted from 1.
    let line: Int
    let cells: [Cell]
    /// The columns of the cells; nil where each column has a cell.
    var places: [Int]?

    subscript(column: Int) -> Cell {
      guard let places else { return cells[column] }
      return places.firstIndex(of: column).map { cells[$0] } ?? .absent
    }
  }

  /// nil where the list has no header.
  let columns: [String]?
  let rows: [Row]

  /// What a list may have at most.
  static let byteLimit = 512 << 20

  /// Reads CSV (its fields separated by commas, or else by semicolons or tabs), TSV or JSON lines, by the extension.
  ///
  /// - Parameter isHeader: whether the fields of the first line name columns.
  init(_ bytes: [UInt8], path: String, isHeader: ([String]) -> Bool) throws(ListError) {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { throw ListError(path, .encoding("UTF-16")) }
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    if Self.isJSON(path) {
      try self.init(json: text, path: path)
    } else {
      try self.init(delimited: text, path: path, isHeader: isHeader)
    }
    guard !rows.isEmpty else { throw ListError(path, .noLines) }
  }

  static func isJSON(_ path: String) -> Bool { SystemPath.name(of: path).lowercased().hasSuffix(".jsonl") }

  /// Whether a file is a list by its extension.
  static func isList(_ path: String) -> Bool {
    let name = SystemPath.name(of: path).lowercased()
    return [".csv", ".tsv", ".jsonl"].contains { name.hasSuffix($0) }
  }

  private init(delimited text: ArraySlice<UInt8>, path: String, isHeader: ([String]) -> Bool) throws(ListError) {
    let tab = UInt8(ascii: "\t")
    let separators = SystemPath.name(of: path).lowercased().hasSuffix(".tsv") ? [tab] : [UInt8(ascii: ","), UInt8(ascii: ";"), tab]
    let firstLine = text.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    // Spreadsheets of countries with a decimal comma write semicolons.
    let separator = separators.first { firstLine.contains($0) } ?? separators[0]
    let records = try DelimitedText.records(text, separator: separator, path: path)
    guard let first = records.first else { throw ListError(path, .noLines) }
    let hasHeader = isHeader(first.fields)
    for record in records where record.fields.count != first.fields.count {
      throw ListError(path, line: record.line, .fields(record.fields.count, expected: first.fields.count))
    }
    columns = hasHeader ? first.fields : nil
    rows = records.dropFirst(hasHeader ? 1 : 0).map { record in
      Row(line: record.line, cells: record.fields.map { $0.isEmpty ? .absent : .text($0) })
    }
  }
}
