import Foundation

/// One setting at several values, each of which is trained: `weight-decay=0,1e-4,1e-3`.
public struct Sweep: Sendable {
  public struct Point: Sendable {
    /// As the user wrote it; names the variant.
    public let text: String
    public let value: SettingValue
  }

  public let key: any SettingEntry
  public let points: [Point]

  /// The settings that leave data, order and augmentation as they are, so that variants differ by nothing else.
  public static let keys: [any SettingEntry] = SettingTable.all.filter(\.isSweepable)

  /// - Parameter place: where the user wrote it.
  /// - Throws: `ConfigurationError`: no such setting, fewer than two values, a value twice or of the wrong kind.
  public init(_ text: String, at place: String) throws(ConfigurationError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    guard parts.count == 2 else {
      throw ConfigurationError(place, "must be a setting and its values, as in weight-decay=0,1e-4,1e-3, not \"\(text)\"")
    }
    guard let key = Self.keys.first(where: { $0.name == parts[0] }) else {
      throw ConfigurationError(place, "cannot vary \"\(parts[0])\"; it can be \(Settings.list(Self.keys.map(\.name)))")
    }
    var points: [Point] = []
    for piece in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let word = piece.trimmingCharacters(in: .whitespaces)
      var settings = Settings()
      try settings.set(key, Self.value(word, key), at: place)
      guard let value = settings.value(of: key) else { continue }
      guard !points.contains(where: { $0.value == value }) else {
        throw ConfigurationError(place, "has \(key.name) \(word) twice; name each value once")
      }
      points.append(Point(text: word, value: value))
    }
    guard points.count > 1 else {
      throw ConfigurationError(place, "needs at least two values of \(key.name), with commas between them")
    }
    self.key = key
    self.points = points
  }

  /// What the setting's kind makes of a word; text where it makes nothing, which is refused with the setting's own reason.
  private static func value(_ word: String, _ key: any SettingEntry) -> SettingValue {
    switch key.kind {
    case .integer: Int(word).map(SettingValue.integer) ?? .text(word)
    case .number: Double(word).map(SettingValue.number) ?? .text(word)
    case .toggle, .flag: Bool(word).map(SettingValue.toggle) ?? .text(word)
    case .text, .path, .choice: .text(word)
    }
  }
}

/// Equal sweeps have the same values of the same setting in the same order, however they are spelled.
extension Sweep: Hashable {
  public static func == (first: Sweep, second: Sweep) -> Bool {
    first.key.name == second.key.name && first.points.map(\.value) == second.points.map(\.value)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(key.name)
    hasher.combine(points.map(\.value))
  }
}

extension Sweep: SettingConvertible {
  public init?(setting: SettingValue?) {
    guard case .text(let text)? = setting, let sweep = try? Sweep(text, at: "") else { return nil }
    self = sweep
  }

  public var settingValue: SettingValue? { .text(key.name + "=" + points.map(\.text).joined(separator: ",")) }

  public static func check(_ value: SettingValue, at place: String) throws(ConfigurationError) {
    guard case .text(let text) = value else { return }
    _ = try Sweep(text, at: place)
  }
}
