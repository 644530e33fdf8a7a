/// Values for some of the settings, each with the place where it was given.
///
/// Flags and files both make `Settings`; laid over each other and over the defaults they make a `RunConfiguration`.
@dynamicMemberLookup
public struct Settings: Sendable {
  private struct Entry: Sendable {
    var value: SettingValue
    var place: String
  }

  private var entries: [String: Entry] = [:]

  /// Whether these settings are the whole configuration of a run: a key that they lack did not exist when the run began and means
  /// the behaviour of that time.
  public var isOfARun = false

  public init() {}

  /// The value given for a setting, if any.
  public subscript<Value>(dynamicMember path: KeyPath<SettingTable, Setting<Value>>) -> Value? {
    value(of: SettingTable.shared[keyPath: path]).flatMap { Value(setting: $0) }
  }

  /// The same of a setting that a run does not keep; its default where it is not given.
  public subscript<Value>(dynamicMember path: KeyPath<InvocationTable, Setting<Value>>) -> Value {
    InvocationTable.shared[keyPath: path].typedValue(in: SettingContext(given: self, models: [], weights: nil))
  }

  /// The value given for an entry, if any.
  public func value(of entry: any SettingEntry) -> SettingValue? { entries[entry.name]?.value }

  /// The settings of a run with a value, in the order of the configuration file.
  public var keys: [any SettingEntry] { SettingTable.all.filter { entries[$0.name] != nil } }

  /// Where the value was given; the flag itself when it was not given at all.
  public func place(of entry: any SettingEntry) -> String { entries[entry.name]?.place ?? "--" + entry.name }

  public func place<Value>(of path: KeyPath<SettingTable, Setting<Value>>) -> String {
    place(of: SettingTable.shared[keyPath: path])
  }

  /// Takes a value after checking that it is of the setting's kind.
  ///
  /// A whole number does for a number.
  /// - Parameter place: where the user wrote it; nil for the flag.
  /// - Throws: `ConfigurationError`.
  public mutating func set(_ entry: any SettingEntry, _ value: SettingValue, at place: String? = nil) throws(ConfigurationError) {
    let place = place ?? "--" + entry.name
    let value = try Self.check(entry, value, place)
    try entry.check(value, at: place)
    entries[entry.name] = Entry(value: value, place: place)
  }

  public mutating func set<Value>(_ path: KeyPath<SettingTable, Setting<Value>>, _ value: SettingValue) throws(ConfigurationError) {
    try set(SettingTable.shared[keyPath: path], value)
  }

  /// These settings, and those of `other` that these do not have.
  public func over(_ other: Settings) -> Settings {
    var result = self
    result.entries.merge(other.entries) { mine, _ in mine }
    result.isOfARun = isOfARun || other.isOfARun
    return result
  }

  private static func check(
    _ entry: any SettingEntry, _ value: SettingValue, _ place: String
  ) throws(ConfigurationError) -> SettingValue {
    func fail(_ problem: String) -> ConfigurationError { ConfigurationError(place, "\(entry.name) " + problem) }
    switch (entry.kind, value) {
    case (.text, .text(let text)), (.path, .text(let text)):
      guard !text.isEmpty else { throw fail("must not be empty") }
      // In a path, the system would take it for the end.
      guard !text.utf8.contains(0) else { throw fail("must not hold a NUL character") }
    case (.choice(let options), .text(let text)):
      let names = options.map(\.name)
      guard names.contains(text) else { throw fail("must be \(list(names)), not \"\(text)\"") }
    case (.integer(let range), .integer(let number)):
      guard range.contains(number) else { throw fail("must be \(description(of: range)), not \(number)") }
    case (.number(let low, let high, let below), .integer), (.number(let low, let high, let below), .number):
      let number =
        switch value {
        case .integer(let whole): Double(whole)
        case .number(let number): number
        default: Double.nan
        }
      guard number >= low, below ? number < high : number <= high else {
        throw fail("must be a number from \(brief(low)) to \(below ? "below " : "")\(brief(high)), not \(value)")
      }
      return .number(number)
    case (.toggle, .toggle), (.flag, .toggle): break
    default: throw fail("must be \(Self.description(of: entry.kind)), not \(Self.description(of: value))")
    }
    return value
  }

  private static func description(of range: ClosedRange<Int>) -> String {
    range.upperBound == Int.max
      ? "a whole number from \(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
  }

  private static func description(of kind: SettingKind) -> String {
    switch kind {
    case .text, .path: "text in quotes"
    case .choice(let options): list(options.map(\.name)) + " in quotes"
    case .integer(let range): description(of: range)
    case .number: "a number"
    case .toggle, .flag: "true or false"
    }
  }

  private static func description(of value: SettingValue) -> String {
    switch value {
    case .text(let text): "the text \"\(text)\""
    case .integer, .number, .toggle: value.description
    }
  }

  static func brief(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : number.description
  }

  static func list(_ choices: [String], _ conjunction: String = "or") -> String {
    guard let last = choices.last, choices.count > 1 else { return choices.joined() }
    return choices.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }
}
