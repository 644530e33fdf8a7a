/// A value of a TOML document.
enum TOMLValue {
  case text(String)
  case integer(Int)
  case number(Double)
  case toggle(Bool)
  /// A date, a time or both, as written: no setting is one.
  case date(String)
  case array([TOMLValue])
  case table(TOMLTable)
  /// `[[name]]`, each time.
  case tables([TOMLTable])

  /// Its kind, for errors.
  var kind: String {
    switch self {
    case .text: "a text"
    case .integer: "a whole number"
    case .number: "a number"
    case .toggle: "true or false"
    case .date: "a date"
    case .array: "a list"
    case .table: "a table"
    case .tables: "a list of tables"
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var toggle: Bool? { if case .toggle(let value) = self { value } else { nil } }
  /// Whole numbers are numbers too.
  var number: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }
}

/// A table of a TOML document, its entries in the order of the document.
///
/// It knows how it came to be, which decides what may be added to it.
final class TOMLTable {
  struct Entry {
    let key: String
    fileprivate(set) var value: TOMLValue
    /// Where it is first named, from 1.
    let line: Int
  }

  fileprivate enum Origin {
    /// A header names a table inside of it; a header of its own may follow.
    case path
    /// A header: complete at the next one.
    case header
    /// Dotted keys: open to more of them as long as the section around them is.
    case dots
    /// Braces: complete.
    case braces
  }

  private(set) var entries: [Entry] = []
  /// By the bytes of the keys; Swift takes texts for equal that differ in their bytes.
  private var places: [[UInt8]: Int] = [:]
  private var origin: Origin

  private init(_ origin: Origin) { self.origin = origin }

  /// The document's own table.
  static func root() -> TOMLTable { TOMLTable(.header) }

  /// An inline table, complete once it has been filled.
  static func inline() -> TOMLTable { TOMLTable(.braces) }

  subscript(_ key: String) -> TOMLValue? { places[Array(key.utf8)].map { entries[$0].value } }

  private func append(_ key: String, _ value: TOMLValue, _ line: Int) {
    places[Array(key.utf8)] = entries.count
    entries.append(Entry(key: key, value: value, line: line))
  }

  /// Adds a value under a dotted key.
  ///
  /// - Returns: what is wrong with that; nil where it was added.
  func add(_ value: TOMLValue, at path: [String], line: Int) -> String? {
    var table = self
    for part in path.dropLast() {
      switch table[part] {
      case nil:
        let inner = TOMLTable(.dots)
        table.append(part, .table(inner), line)
        table = inner
      case .table(let inner)? where inner.origin == .dots: table = inner
      case let other?: return "\(part) is \(other.kind) already; a dotted key cannot add to it"
      }
    }
    guard let key = path.last, table[key] == nil else { return "\(path.joined(separator: ".")) is set twice; keep one of the two" }
    table.append(key, value, line)
    return nil
  }

  /// The table of a header `[path]`, or a new one of `[[path]]`.
  func section(_ path: [String], isArray: Bool, line: Int) -> Result<TOMLTable, TOMLRefusal> {
    var table = self
    for part in path.dropLast() {
      switch table[part] {
      case nil:
        let inner = TOMLTable(.path)
        table.append(part, .table(inner), line)
        table = inner
      case .table(let inner)? where inner.origin != .braces: table = inner
      case .tables(let all)?: table = all[all.count - 1]
      case let other?: return .failure(TOMLRefusal(problem: "\(part) is \(other.kind) already; a header cannot add to it"))
      }
    }
    guard let key = path.last else { return .success(table) }
    return isArray ? table.appendToArray(key, path, line) : table.open(key, path, line)
  }

  private func open(_ key: String, _ path: [String], _ line: Int) -> Result<TOMLTable, TOMLRefusal> {
    switch self[key] {
    case nil:
      let table = TOMLTable(.header)
      append(key, .table(table), line)
      return .success(table)
    case .table(let table)? where table.origin == .path:
      table.origin = .header
      return .success(table)
    case _?: return .failure(TOMLRefusal(problem: "\(path.joined(separator: ".")) is set twice; keep one of the two"))
    }
  }

  private func appendToArray(_ key: String, _ path: [String], _ line: Int) -> Result<TOMLTable, TOMLRefusal> {
    let table = TOMLTable(.header)
    guard let place = places[Array(key.utf8)] else {
      append(key, .tables([table]), line)
      return .success(table)
    }
    guard case .tables(var all) = entries[place].value else {
      let kind = entries[place].value.kind
      return .failure(TOMLRefusal(problem: "\(path.joined(separator: ".")) is \(kind) already; give one of the two another name"))
    }
    // Taken out first, or each of many tables would copy those before it.
    entries[place].value = .tables([])
    all.append(table)
    entries[place].value = .tables(all)
    return .success(table)
  }
}

/// Why a table does not take something.
struct TOMLRefusal: Error {
  let problem: String
}
