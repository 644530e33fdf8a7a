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
    let document = try TOMLDocument(text, file: path)
    var entries: [Entry] = []
    try Self.collect(document.table, prefix: "", document, &entries)
    self.entries = entries.sorted { ($0.line, $0.key) < ($1.line, $1.key) }
  }

  private static func collect(
    _ table: TOMLTable, prefix: String, _ document: TOMLDocument, _ entries: inout [Entry]
  ) throws(ConfigurationError) {
    for entry in table.entries {
      let key = prefix + entry.key
      func fail(_ problem: String) -> ConfigurationError {
        ConfigurationError(document.place(entry.line), "\(key) \(problem); colours are written \"#rrggbb\"")
      }
      switch entry.value {
      case .table(let inner): try collect(inner, prefix: key + ".", document, &entries)
      case .text(let text): entries.append((key, [text], entry.line))
      case .array(let values):
        let texts = values.compactMap(\.text)
        guard texts.count == values.count else { throw fail("holds something that is not a text") }
        entries.append((key, texts, entry.line))
      default: throw fail("must be a text or a list of texts")
      }
    }
  }
}
