import Foundation
import TOMLKit

/// A theme file as it stands: which keys have which texts, on which lines. What they mean is the interface's to say.
public struct ThemeFile: Sendable {
  /// `name`, `colors.KEY` or `sixteen.KEY`; one text, or a list's texts; the line, from 1. In the order of the file.
  public typealias Entry = (key: String, values: [String], line: Int)

  public let path: String
  public let entries: [Entry]

  /// - Parameters:
  ///   - text: the file's contents.
  ///   - path: for errors.
  /// - Throws: `ConfigurationError` with file, line and reason: no TOML, or a value that is neither a text nor a list of texts.
  public init(toml text: String, path: String) throws(ConfigurationError) {
    self.path = path
    let table = try TOMLFile.table(text, file: path)
    let lines = Self.lines(of: text)
    var entries: [Entry] = []
    try Self.collect(table, prefix: "", lines, path, &entries)
    self.entries = entries.sorted { ($0.line, $0.key) < ($1.line, $1.key) }
  }

  /// Reads a file.
  ///
  /// - Throws: `ConfigurationError`, also where the file cannot be read.
  public init(path: String) throws(ConfigurationError) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ConfigurationError(path, "cannot be read as a theme; themes are TOML files, such as those in themes/")
    }
    try self.init(toml: text, path: path)
  }

  private static func collect(
    _ table: TOMLTable, prefix: String, _ lines: [String: Int], _ path: String, _ entries: inout [Entry]
  ) throws(ConfigurationError) {
    for name in table.keys {
      guard let value = table[name] else { continue }
      let key = prefix + name
      let line = lines[key] ?? 0
      if let inner = value.table {
        try collect(inner, prefix: key + ".", lines, path, &entries)
      } else if let text = value.string {
        entries.append((key, [text], line))
      } else if let array = value.array {
        let texts = array.compactMap(\.string)
        guard texts.count == array.count else {
          throw ConfigurationError("\(path), line \(line)", "\(key) holds something that is not a text; colours are written \"#rrggbb\"")
        }
        entries.append((key, texts, line))
      } else {
        throw ConfigurationError("\(path), line \(line)", "\(key) must be a text or a list of texts; colours are written \"#rrggbb\"")
      }
    }
  }

  /// The lines on which keys stand, by their full names; the TOML library does not tell.
  private static func lines(of text: String) -> [String: Int] {
    var result: [String: Int] = [:]
    var section = ""
    let quotes = CharacterSet(charactersIn: " \t\r\"'")
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      if trimmed.hasPrefix("[") {
        section = trimmed.dropFirst().prefix { $0 != "]" }.trimmingCharacters(in: quotes) + "."
      } else if !trimmed.hasPrefix("#"), let equals = trimmed.firstIndex(of: "=") {
        let key = section + trimmed[..<equals].trimmingCharacters(in: quotes)
        if result[key] == nil { result[key] = index + 1 }
      }
    }
    return result
  }
}
