import Foundation
import SystemText

/// Configuration files: one `key = value` a line, in TOML.
extension Settings {
  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - text: the file's contents.
  ///   - file: its path, for errors; relative `data` and `weights` are taken from its folder.
  /// - Throws: `ConfigurationError` naming file, line and cure: bad TOML, an unknown key, a value that will not do.
  public init(toml text: String, file: String) throws(ConfigurationError) {
    self.init()
    let document = try TOMLDocument(text, file: file)
    let folder = SystemPath.absolute(SystemPath.parent(of: file))
    for entry in document.table.entries {
      let place = document.place(entry.line)
      guard let key = SettingKey(rawValue: entry.key) else {
        throw ConfigurationError(place, "\"\(entry.key)\" is not a setting\(Self.suggestion(for: entry.key))")
      }
      guard let value = Self.value(entry.value) else {
        throw ConfigurationError(place, "\(entry.key) must be one plain value, but it is \(entry.value.kind)")
      }
      try set(key, Self.resolvingPath(key, value, folder), at: place)
    }
  }

  private static func value(_ value: TOMLValue) -> SettingValue? {
    switch value {
    case .text(let text): .text(text)
    case .integer(let number): .integer(number)
    case .number(let number): .number(number)
    case .toggle(let isOn): .toggle(isOn)
    case .date, .array, .table, .tables: nil
    }
  }

  private static func resolvingPath(_ key: SettingKey, _ value: SettingValue, _ folder: String) -> SettingValue {
    guard key == .data || key == .weights, case .text(let path) = value, !path.isEmpty else { return value }
    return .text(SystemPath.absolute(path, from: folder))
  }

  private static func suggestion(for name: String) -> String {
    let names = SettingKey.allCases.map(\.rawValue)
    let wanted = name.lowercased().replacing("_", with: "-")
    let likely = names.first { $0 == wanted } ?? names.first { $0.hasPrefix(wanted) || wanted.hasPrefix($0) }
    if let likely { return "; did you mean \"\(likely)\"?" }
    return "; the settings are \(names.joined(separator: ", "))"
  }
}
