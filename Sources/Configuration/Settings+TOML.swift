import SystemText

/// Configuration files: one `key = value` a line, in TOML.
extension Settings {
  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - text: the file's contents.
  ///   - file: its path, for errors.
  ///   - folder: that relative paths start from; nil for the file's.
  /// - Throws: `ConfigurationError` naming file, line and cure: bad TOML, an unknown key, a value that will not do.
  public init(toml text: String, file: String, folder: String? = nil) throws(ConfigurationError) {
    self.init()
    isOfARun = text.hasPrefix(RunConfiguration.title)
    let document = try TOMLDocument(text, file: file)
    let folder = SystemPath.absolute(folder ?? SystemPath.parent(of: file))
    for line in document.table.entries {
      let place = document.place(line.line)
      guard let entry = SettingTable.entry(line.key) else {
        throw ConfigurationError(place, "\"\(line.key)\" is not a setting\(Self.suggestion(for: line.key))")
      }
      guard let value = Self.value(line.value) else {
        throw ConfigurationError(place, "\(line.key) must be one plain value, but it is \(line.value.kind)")
      }
      try set(entry, Self.resolvingPath(entry, value, folder), at: place)
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

  private static func resolvingPath(_ entry: any SettingEntry, _ value: SettingValue, _ folder: String) -> SettingValue {
    guard entry.kind == .path, case .text(let path) = value, !path.isEmpty else { return value }
    return .text(SystemPath.absolute(path, from: folder))
  }

  private static func suggestion(for name: String) -> String {
    let names = SettingTable.all.map(\.name)
    if let likely = Spelling.nearest(to: name.replacing("_", with: "-"), among: names) { return "; did you mean \"\(likely)\"?" }
    return "; the settings are \(names.joined(separator: ", "))"
  }
}
