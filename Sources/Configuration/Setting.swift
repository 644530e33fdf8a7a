import SystemText

// How settings work. A setting is declared once, as a `Setting` in `SettingTable` (kept in `config.toml`) or in `InvocationTable`
// (valid for one start only). From that entry follow
//
//   the flag and its help              `SettingFlags` (mvit-tui), which asks the table for the entries of a command and a group
//   the key of a configuration file    `Settings(toml:file:)` reads it, `RunConfiguration.toml` writes it
//   the check of a value               `Settings.set`, by `kind`
//   the value of a run                 `RunConfiguration.NAME`: given, else `before` for a run older than the key, else the default
//   the check on resume                `RunConfiguration.conflicts`, and the settings that a checkpoint records, by `mayChangeOnResume`
//   a comparison over its values       `--sweep`, by `isSweepable`
//   README's tables and the man page   `mvit-tui documentation`, run by scripts/documentation
//
// To add a setting: add its entry, and use `run.NAME` where the recipe is made (TrainingRecipe+Configuration). An entry that is
// younger than the first config.toml gives in `before` the value that the program worked with until then. An enumeration lives in the
// room that implements it; `SettingChoice` gives its cases a meaning in words.

/// A setting of the program: its name, its values, its meaning and its default.
public struct Setting<Value: SettingConvertible>: Sendable {
  public let name: String
  public let kind: SettingKind
  public let group: SettingGroup
  public let commands: Set<SettingCommand>
  public let placeholder: String
  public let example: String
  public let mayChangeOnResume: Bool
  public let isSweepable: Bool
  /// The value that a run or checkpoint without this key had; nil if the default has always held.
  public let before: Value?
  private let purpose: @Sendable () -> String
  private let fallback: SettingDefault<Value>

  /// - Parameters:
  ///   - name: the flag without dashes, and the key of a configuration file.
  ///   - kind: which values it takes.
  ///   - group: the part of help and documentation that lists it.
  ///   - commands: those that take it as a flag.
  ///   - placeholder: the value's name in help; "" for a switch.
  ///   - help: one sentence. The values of a choice and the default follow it by themselves.
  ///   - example: the value in the documentation's example; "" where the flag alone is the example.
  ///   - before: the value that runs had before the key existed. A setting that may be absent was absent then.
  ///   - mayChangeOnResume: whether a resumed run may be given another value: it decides how a run is carried out, not what it
  ///     computes.
  ///   - isSweepable: whether `--sweep` may vary it: it leaves data, order and augmentation as they are.
  public init(
    _ name: String, _ kind: SettingKind, in group: SettingGroup, for commands: Set<SettingCommand> = SettingCommand.training,
    placeholder: String = "", default fallback: SettingDefault<Value>, before: Value? = nil, mayChangeOnResume: Bool = false,
    isSweepable: Bool = false, example: String = "", help: @autoclosure @escaping @Sendable () -> String
  ) {
    // A run of today that has no value would be taken for one from before the key.
    precondition(before?.settingValue == nil || Value(setting: nil) == nil, "\(name) may be absent, so it was absent before it existed")
    self.name = name
    self.kind = kind
    self.group = group
    self.commands = commands
    self.placeholder = placeholder
    self.fallback = fallback
    self.before = before
    self.mayChangeOnResume = mayChangeOnResume
    self.isSweepable = isSweepable
    self.example = example
    purpose = help
  }
}

/// The value of a setting that is not given.
public struct SettingDefault<Value: SettingConvertible>: Sendable {
  /// For help and documentation; nil if they do not mention it.
  let text: String?
  /// The comment in a configuration file that takes the place of an absent value.
  let absence: String
  let make: @Sendable (SettingContext) -> Value

  /// The same for every run.
  public static func value(_ value: Value) -> Self {
    let text: String? =
      switch value.settingValue {
      case .toggle(let isOn): isOn ? "on" : "off"
      case .number(let number): Settings.brief(number)
      case let other: other?.description
      }
    return Self(text: text, absence: "not set") { _ in value }
  }

  /// The value that `make` derives from the models, the weights and the other settings; `text` describes it in words.
  public static func varying(
    _ text: String, absence: String = "not set", _ make: @escaping @Sendable (SettingContext) -> Value
  ) -> Self {
    Self(text: text, absence: absence, make: make)
  }

  /// No value; `text` describes what the program does then; `help` replaces it in help and documentation.
  public static func absent<Wrapped>(_ text: String, help: String? = nil) -> Self where Value == Wrapped? {
    Self(text: help ?? text, absence: text) { _ in nil }
  }

  /// `value`, which help and documentation do not mention.
  public static func unsaid(_ value: Value) -> Self { Self(text: nil, absence: "not set") { _ in value } }
}

/// Which values a setting takes.
public enum SettingKind: Sendable, Hashable {
  case text
  /// A file or folder. In a configuration file a relative one starts from that file's folder.
  case path
  case choice([SettingOption])
  case integer(ClosedRange<Int>)
  /// Finite, within the range; `below` excludes the upper end.
  case number(from: Double, to: Double, below: Bool)
  /// On or off: `--name` and `--no-name`.
  case toggle
  /// Off unless given: `--name`.
  case flag

  /// The cases of an enumeration.
  public static func choice<Choice: SettingChoice>(of type: Choice.Type) -> Self {
    .choice(Choice.allCases.map { SettingOption(name: $0.rawValue, meaning: $0.meaning) })
  }

  public static func number(_ low: Double, to high: Double) -> Self { .number(from: low, to: high, below: false) }
  public static func number(_ low: Double, below high: Double) -> Self { .number(from: low, to: high, below: true) }
}

/// A value of a choice.
public struct SettingOption: Sendable, Hashable {
  public let name: String
  /// A few words; nil where the name says it.
  public let meaning: String?
}

/// An enumeration whose cases are the values of a setting. Its `allCases` are in the order of help and messages.
public protocol SettingChoice: SettingConvertible, CaseIterable, RawRepresentable<String> {
  /// A few words for help; nil where the name says it.
  var meaning: String? { get }
}

extension SettingChoice {
  public var meaning: String? { nil }
}

/// The parts of help and of the documentation's tables.
public enum SettingGroup: String, CaseIterable, Sendable {
  case data = "What to train on and with"
  case training = "How to train"
  case machine = "The run and the machine"
}

/// The commands that take settings as flags.
public enum SettingCommand: String, CaseIterable, Sendable {
  case train, compare, watch, evaluate, predict, bench, profile, data

  public static let training: Set<Self> = [.train, .compare]
  /// Those that make images ready for a network.
  public static let reading: Set<Self> = [.train, .compare, .evaluate, .predict, .data]
  /// Those that read a data set as training does.
  public static let readingData: Set<Self> = [.train, .compare, .data]
  public static let computing: Set<Self> = [.train, .compare, .evaluate, .predict, .bench, .profile, .data]

  /// What it takes of a group, in the order of help and documentation.
  public func entries(in group: SettingGroup) -> [any SettingEntry] {
    (InvocationTable.all + SettingTable.all).filter { $0.commands.contains(self) && $0.group == group }
  }
}

/// A `Setting` whatever its type of value.
public protocol SettingEntry: Sendable {
  var name: String { get }
  var kind: SettingKind { get }
  var group: SettingGroup { get }
  var commands: Set<SettingCommand> { get }
  var placeholder: String { get }
  var example: String { get }
  var mayChangeOnResume: Bool { get }
  var isSweepable: Bool { get }
  /// One sentence, with the values of a choice.
  var help: String { get }
  /// The default in words, for help and documentation; nil if they do not mention it.
  var defaultText: String? { get }
  /// The comment of a configuration file in place of an absent value.
  var absence: String { get }
  /// The value, as text, that a checkpoint without this key had; nil if the default has always held.
  var valueBefore: SettingValue? { get }
  /// The value in a run: the one given, else the one from before the key existed, else the default.
  func value(in context: SettingContext) -> SettingValue?
  /// Checks what `kind` cannot.
  func check(_ value: SettingValue, at place: String) throws(ConfigurationError)
  /// Whether two spellings mean the same value: for a path, whether they lead to the same file or folder.
  func areSame(_ first: SettingValue?, _ second: SettingValue?) -> Bool
}

extension SettingEntry {
  /// The values of a choice, for a sentence: "sgd or adamw". "" for another kind.
  public var choices: String {
    guard case .choice(let options) = kind else { return "" }
    return Settings.list(options.map(\.name))
  }
}

extension Setting: SettingEntry {
  public var help: String {
    guard case .choice(let options) = kind else { return purpose() }
    let list = options.map { option in option.name + (option.meaning.map { " (\($0))" } ?? "") }
    return purpose() + ": " + Settings.list(list) + "."
  }

  public var defaultText: String? { fallback.text }
  public var absence: String { fallback.absence }
  public var valueBefore: SettingValue? { before?.settingValue }

  public func value(in context: SettingContext) -> SettingValue? { typedValue(in: context).settingValue }

  func typedValue(in context: SettingContext) -> Value {
    if let given = context.given.value(of: self), let value = Value(setting: given) { return value }
    if context.given.isOfARun, let before { return before }
    return fallback.make(context)
  }

  public func check(_ value: SettingValue, at place: String) throws(ConfigurationError) { try Value.check(value, at: place) }

  public func areSame(_ first: SettingValue?, _ second: SettingValue?) -> Bool {
    if kind == .path, case .text(let first)? = first, case .text(let second)? = second {
      return first.utf8.elementsEqual(second.utf8) || SystemPath.areSame(first, second)
    }
    return Value(setting: first) == Value(setting: second)
  }
}
