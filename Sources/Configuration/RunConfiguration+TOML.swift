import SystemText

extension RunConfiguration {
  /// The first line of a run's configuration file, by which it is known to be whole.
  static let title = "# The whole configuration of this run."

  /// The configuration file. Settings without a value are comments that say what happens instead.
  public var toml: String {
    var text = Self.title + " `mvit-tui train --config FILE` repeats it.\n"
    for entry in SettingTable.all {
      if let value = self[entry] {
        text += "\(entry.name) = \(Self.toml(value))\n"
      } else {
        text += "# \(entry.name): \(entry.absence)\n"
      }
    }
    return text
  }

  /// The settings in `given` that differ from this configuration and must not: those that change what a run computes.
  ///
  /// - Parameter folder: the folder that relative paths start from.
  public func conflicts(
    with given: Settings, relativeTo folder: String = SystemPath.currentFolder
  ) -> [any SettingEntry] {
    given.keys.filter { entry in
      guard !entry.mayChangeOnResume else { return false }
      return !entry.areSame(given.value(of: entry).map { Self.absolute($0, of: entry, folder) }, self[entry])
    }
  }

  /// Names the places of the images: those of a run's configuration file change when its images move.
  private static let places: [any SettingEntry] = [SettingTable.shared.data, SettingTable.shared.trainDir, SettingTable.shared.evalDir]

  /// This configuration of a run with the places of another one.
  public func moved(to other: RunConfiguration) -> RunConfiguration {
    var result = self
    for entry in Self.places { result[entry] = other[entry] }
    return result
  }

  /// Adds to the settings of a resumed run the places that follow from those that were given: parts that lay in the folder of the
  /// images have moved with it, and a training part that was all of it still is.
  ///
  /// - Parameter folder: the folder that relative paths start from.
  /// - Throws: `ConfigurationError`.
  public func followMove(
    in given: inout Settings, relativeTo folder: String = SystemPath.currentFolder
  ) throws(ConfigurationError) {
    func place(_ path: KeyPath<SettingTable, Setting<String?>>) -> String? { given[dynamicMember: path] ?? nil }
    if let data = given.data {
      let new = SystemPath.absolute(data, from: folder)
      for path in [\SettingTable.trainDir, \SettingTable.evalDir] where place(path) == nil {
        guard let before = self[dynamicMember: path] else { continue }
        // By bytes: a slash before a combining mark is half of a character.
        let (place, whole) = (before.utf8, self.data.utf8)
        if place.elementsEqual(whole) || place.starts(with: (self.data + "/").utf8) {
          try given.set(SettingTable.shared[keyPath: path], .text(new + String(Substring(place.dropFirst(whole.count)))))
        }
      }
    } else if let training = place(\.trainDir), let before = self.trainDir, before.utf8.elementsEqual(self.data.utf8) {
      try given.set(\.data, .text(training))
    }
  }

  /// The settings that decide what a run computes, by name, as a checkpoint records them. Paths are left out: the data have a
  /// fingerprint, and the weights to begin with matter no more once a checkpoint exists.
  public var decisive: [String: String] {
    Dictionary(uniqueKeysWithValues: Self.decisiveEntries.compactMap { entry in self[entry].map { (entry.name, $0.description) } })
  }

  /// What a checkpoint means that lacks one of `decisive`: the value from before the key existed.
  public static var decisiveBefore: [String: String] {
    Dictionary(uniqueKeysWithValues: decisiveEntries.compactMap { entry in entry.valueBefore.map { (entry.name, $0.description) } })
  }

  private static var decisiveEntries: [any SettingEntry] {
    SettingTable.all.filter { !$0.mayChangeOnResume && $0.kind != .path }
  }

  private static func toml(_ value: SettingValue) -> String {
    switch value {
    case .text(let text): text.tomlQuoted
    case .integer, .toggle: value.description
    // TOML wants digits on both sides of the point, and "1e-05" is fine.
    case .number(let number): number.description
    }
  }
}
