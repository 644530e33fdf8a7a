/// A TOML document as all our files are read: small, with the lines of its keys for errors.
///
/// The reader is the program's own. It is the whole of TOML 1.0 in memory-safe code that reports what is wrong with line,
/// column and cure; the C++ parsers that Swift packages wrap end the program at some faults, by assertions.
struct TOMLDocument {
  let table: TOMLTable
  /// For errors.
  private let file: String

  /// - Throws: `ConfigurationError` with the line for what is not TOML, and for more than a person writes.
  init(_ text: String, file: String) throws(ConfigurationError) {
    guard text.utf8.count <= 1 << 16 else {
      throw ConfigurationError(file, "is larger than any configuration, \(text.utf8.count >> 10) kB; check the path")
    }
    self.file = file
    do {
      table = try TOMLParser.table(text)
    } catch {
      throw ConfigurationError("\(file), line \(error.line)", "is not TOML at column \(error.column): \(error.problem)")
    }
  }

  /// File and line, for errors.
  func place(_ line: Int) -> String { "\(file), line \(line)" }
}

/// A fault in a TOML document.
struct TOMLSyntaxError: Error, Hashable {
  /// From 1.
  let line: Int
  /// In characters, from 1.
  let column: Int
  /// A sentence's end, with the cure: "a key is missing; write key = value".
  let problem: String
}
