import Foundation
import TOMLKit

/// Configuration files: one `key = value` a line, in TOML.
extension Settings {
  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - text: the file's contents.
  ///   - file: its path, for errors; relative paths are taken from its folder.
  /// - Throws: `ConfigurationError` naming file, line and cure: bad TOML, an unknown key, a value that will not do.
  public init(toml text: String, file: String) throws(ConfigurationError) {
    self.init()
    isOfARun = text.hasPrefix(RunConfiguration.title)
    let table = try TOMLFile.table(text, file: file)
    let lines = Self.lines(of: text)
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    // In the order of the file, so that the first error told is the first in the file.
    let keys = table.keys.sorted { (lines[$0] ?? .max, $0) < (lines[$1] ?? .max, $1) }
    for name in keys {
      let place = lines[name].map { "\(file), line \($0)" } ?? file
      guard let entry = SettingTable.entry(name) else {
        throw ConfigurationError(place, "\"\(name)\" is not a setting\(Self.suggestion(for: name))")
      }
      guard let value = table[name].flatMap({ Self.value($0.tomlValue) }) else {
        throw ConfigurationError(place, "\(name) must be one plain value, but it is of type \(table[name]?.type.description ?? "table")")
      }
      try set(entry, Self.resolvingPath(entry, value, folder), at: place)
    }
  }

  private static func value(_ value: TOMLValue) -> SettingValue? {
    switch value.type {
    case .string: value.string.map(SettingValue.text)
    case .int: value.int.map(SettingValue.integer)
    case .double: value.double.map(SettingValue.number)
    case .bool: value.bool.map(SettingValue.toggle)
    default: nil
    }
  }

  private static func resolvingPath(_ entry: any SettingEntry, _ value: SettingValue, _ folder: URL) -> SettingValue {
    guard entry.kind == .path, case .text(let path) = value, !path.isEmpty, !path.hasPrefix("/") else { return value }
    return .text(folder.appendingPathComponent(path).standardizedFileURL.path)
  }

  /// The lines (from 1) on which top-level keys stand; the TOML library does not tell.
  private static func lines(of text: String) -> [String: Int] {
    var result: [String: Int] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      let name =
        trimmed.hasPrefix("[")
        ? trimmed.dropFirst().prefix { $0 != "]" && $0 != "." }
        : trimmed.prefix { $0 != "=" && $0 != "#" && $0 != "." }
      let key = name.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"'[]"))
      if !key.isEmpty && result[key] == nil { result[key] = index + 1 }
    }
    return result
  }

  private static func suggestion(for name: String) -> String {
    let names = SettingTable.all.map(\.name)
    if let likely = Spelling.nearest(to: name.replacing("_", with: "-"), among: names) { return "; did you mean \"\(likely)\"?" }
    return "; the settings are \(names.joined(separator: ", "))"
  }
}
