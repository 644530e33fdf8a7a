/// Values for some of the settings, each with the place where it was given.
///
/// Flags and files both make `Settings`; laid over each other and over the defaults they make a `RunConfiguration`.
public struct Settings: Sendable {
  private struct Entry: Sendable {
    var value: SettingValue
    var place: String
  }

  private var entries: [SettingKey: Entry] = [:]

  public init() {}

  /// The value given for `key`, if any.
  public subscript(_ key: SettingKey) -> SettingValue? { entries[key]?.value }

  /// Keys with a value, in the order of the configuration file.
  public var keys: [SettingKey] { SettingKey.allCases.filter { entries[$0] != nil } }

  /// Where the value of `key` was given; the flag itself when it was not given at all.
  public func place(of key: SettingKey) -> String { entries[key]?.place ?? "--" + key.rawValue }

  /// Takes a value after checking that it is of the setting's kind.
  ///
  /// A whole number does for a number.
  /// - Parameter place: where the user wrote it; nil for the flag.
  /// - Throws: `ConfigurationError`.
  public mutating func set(_ key: SettingKey, _ value: SettingValue, at place: String? = nil) throws(ConfigurationError) {
    let place = place ?? "--" + key.rawValue
    entries[key] = Entry(value: try Self.check(key, value, place), place: place)
  }

  /// These settings, and those of `other` that these do not have.
  public func over(_ other: Settings) -> Settings {
    var result = self
    result.entries.merge(other.entries) { mine, _ in mine }
    return result
  }

  private static func check(_ key: SettingKey, _ value: SettingValue, _ place: String) throws(ConfigurationError) -> SettingValue {
    func fail(_ problem: String) -> ConfigurationError { ConfigurationError(place, "\(key.rawValue) " + problem) }
    switch (key.kind, value) {
    case (.text, .text(let text)):
      guard !text.isEmpty else { throw fail("must not be empty") }
      // In a path, the system would take it for the end.
      guard !text.utf8.contains(0) else { throw fail("must not hold a NUL character") }
    case (.choice(let choices), .text(let text)):
      guard choices.contains(text) else { throw fail("must be \(list(choices)), not \"\(text)\"") }
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
    case (.toggle, .toggle): break
    default: throw fail("must be \(Self.description(of: key.kind)), not \(Self.description(of: value))")
    }
    return value
  }

  private static func description(of range: ClosedRange<Int>) -> String {
    range.upperBound == Int.max
      ? "a whole number from \(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
  }

  private static func description(of kind: SettingKey.Kind) -> String {
    switch kind {
    case .text: "text in quotes"
    case .choice(let choices): list(choices) + " in quotes"
    case .integer(let range): description(of: range)
    case .number: "a number"
    case .toggle: "true or false"
    }
  }

  private static func description(of value: SettingValue) -> String {
    switch value {
    case .text(let text): "the text \"\(text)\""
    case .integer, .number, .toggle: value.description
    }
  }

  private static func brief(_ number: Double) -> String {
    number == number.rounded() ? String(Int(number)) : number.description
  }

  static func list(_ choices: [String], _ conjunction: String = "or") -> String {
    guard let last = choices.last, choices.count > 1 else { return choices.joined() }
    return choices.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }
}
