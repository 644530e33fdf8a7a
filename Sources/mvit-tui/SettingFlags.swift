import ArgumentParser
import Configuration

/// The flags of one command for the settings of one group, made from the table: a setting that the table adds is a flag by that.
///
/// The parser finds flags by looking at the properties of a value; this type shows it one for each entry instead of its own. Values are
/// taken as they come and checked in `settings()`, so that flags and files are refused in the same words.
struct SettingFlags<Audience: SettingAudience, Section: SettingSection>: ParsableArguments, CustomReflectable {
  private var values: [String: SettingValue] = [:]

  init() {}

  private static var entries: [any SettingEntry] { Audience.command.entries(in: Section.group) }

  var customMirror: Mirror {
    Mirror(
      self, children: Self.entries.map { Mirror.Child(label: $0.name, value: $0.flagDefinition(default: Audience.defaultText(of: $0))) })
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FlagKey.self)
    for entry in Self.entries { values[entry.name] = try entry.flagValue(in: container) }
  }

  /// The value as it was given, unchecked; nil if it was not given.
  subscript<Value>(path: KeyPath<InvocationTable, Setting<Value>>) -> Value? {
    values[InvocationTable.shared[keyPath: path].name].flatMap { Value(setting: $0) }
  }

  /// Adds the settings that were given to `settings`.
  ///
  /// - Throws: `ConfigurationError`.
  func add(to settings: inout Settings) throws(ConfigurationError) {
    for entry in Self.entries {
      if let value = values[entry.name] { try settings.set(entry, value) }
    }
  }
}

/// The command that flags are for.
protocol SettingAudience: Sendable {
  static var command: SettingCommand { get }
  /// What happens without the flag, for help; nil if help does not mention it.
  static func defaultText(of entry: any SettingEntry) -> String?
}

extension SettingAudience {
  static func defaultText(of entry: any SettingEntry) -> String? { entry.defaultText }
}

enum ForTrain: SettingAudience { static let command = SettingCommand.train }
enum ForCompare: SettingAudience { static let command = SettingCommand.compare }
enum ForData: SettingAudience { static let command = SettingCommand.data }
enum ForWatch: SettingAudience { static let command = SettingCommand.watch }
/// `evaluate` and `predict`, which read pictures as the weights record.
enum ForWeights: SettingAudience {
  static let command = SettingCommand.evaluate

  static func defaultText(of entry: any SettingEntry) -> String? {
    "as the weights record, else " + (entry.name == SettingTable.shared.imageSize.name ? "256" : "what the model's published weights need")
  }
}
/// `evaluate`, `predict`, `bench` and `profile`, which compute alike.
enum ForComputing: SettingAudience { static let command = SettingCommand.bench }

/// The group that flags belong to.
protocol SettingSection: Sendable { static var group: SettingGroup { get } }

enum DataSection: SettingSection { static let group = SettingGroup.data }
enum TrainingSection: SettingSection { static let group = SettingGroup.training }
enum MachineSection: SettingSection { static let group = SettingGroup.machine }

/// The name of a setting, as the parser's key.
private struct FlagKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension SettingEntry {
  /// The parser's definition of the flag.
  fileprivate func flagDefinition(default defaultText: String?) -> Any {
    let name = NameSpecification.customLong(self.name)
    let help = ArgumentHelp(self.help + (defaultText.map { " (default: \($0))" } ?? ""), valueName: placeholder)
    switch kind {
    case .integer: return Option<Int?>(name: name, help: help)
    case .number: return Option<Double?>(name: name, help: help)
    case .text: return Option<String?>(name: name, help: help)
    case .path: return Option<String?>(name: name, help: help, completion: .file())
    case .choice(let options): return Option<String?>(name: name, help: help, completion: .list(options.map(\.name)))
    case .toggle: return Flag<Bool?>(name: name, inversion: .prefixedNo, help: help)
    case .flag: return Flag<Bool>(wrappedValue: false, name: name, help: help)
    }
  }

  /// What the parser found; nil if the flag was not given.
  fileprivate func flagValue(in container: KeyedDecodingContainer<FlagKey>) throws -> SettingValue? {
    let key = FlagKey(stringValue: name)
    switch kind {
    case .integer: return try container.decode(Option<Int?>.self, forKey: key).wrappedValue.map(SettingValue.integer)
    case .number: return try container.decode(Option<Double?>.self, forKey: key).wrappedValue.map(SettingValue.number)
    case .text, .path, .choice:
      return try container.decode(Option<String?>.self, forKey: key).wrappedValue.map(SettingValue.text)
    case .toggle: return try container.decode(Flag<Bool?>.self, forKey: key).wrappedValue.map(SettingValue.toggle)
    case .flag: return try container.decode(Flag<Bool>.self, forKey: key).wrappedValue ? .toggle(true) : nil
    }
  }
}
