import TOMLKit

/// TOML as all our files are read: small, flat, and with errors that name file and line.
enum TOMLFile {
  /// - Throws: `ConfigurationError` for what is not TOML, or not of a size that a person writes.
  static func table(_ text: String, file: String) throws(ConfigurationError) -> TOMLTable {
    guard text.utf8.count <= 1 << 16 else {
      throw ConfigurationError(file, "is larger than any configuration, \(text.utf8.count >> 10) kB; check the path")
    }
    // The parser goes one level deeper for every dot of a key, until the stack ends.
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard line.utf8.count(where: { $0 == UInt8(ascii: ".") }) <= 100 else {
        throw ConfigurationError("\(file), line \(index + 1)", "has more than 100 dots; settings are one key = value a line")
      }
      // The library's strings end there.
      guard !line.contains(#"\u0000"#), !line.contains(#"\U00000000"#) else {
        throw ConfigurationError("\(file), line \(index + 1)", "holds a NUL character, which no setting may")
      }
    }
    do {
      return try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw ConfigurationError("\(file), line \(error.source.begin.line)", "is not TOML: \(error.description)")
    } catch {
      throw ConfigurationError(file, "is not TOML: \(error)")
    }
  }
}
