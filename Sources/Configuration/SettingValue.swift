import Foundation

/// The value of a setting as files and flags have it.
public enum SettingValue: Sendable, Hashable, CustomStringConvertible {
  case text(String)
  case integer(Int)
  case number(Double)
  case toggle(Bool)

  public var description: String {
    switch self {
    case .text(let text): text
    case .integer(let value): String(value)
    case .number(let value): value.description
    case .toggle(let value): String(value)
    }
  }
}

/// A type that the program uses for the value of a setting.
public protocol SettingConvertible: Sendable, Hashable {
  /// - Returns: nil if `setting` is of another kind; an optional takes nil for its own nil.
  init?(setting: SettingValue?)
  /// nil only for an absent value.
  var settingValue: SettingValue? { get }
  /// Checks what the kind of the setting cannot.
  static func check(_ value: SettingValue, at place: String) throws(ConfigurationError)
}

extension SettingConvertible {
  public static func check(_ value: SettingValue, at place: String) throws(ConfigurationError) {}
}

extension String: SettingConvertible {
  public init?(setting: SettingValue?) {
    guard case .text(let text)? = setting else { return nil }
    self = text
  }
  public var settingValue: SettingValue? { .text(self) }
}

extension Int: SettingConvertible {
  public init?(setting: SettingValue?) {
    guard case .integer(let number)? = setting else { return nil }
    self = number
  }
  public var settingValue: SettingValue? { .integer(self) }
}

extension Double: SettingConvertible {
  public init?(setting: SettingValue?) {
    guard case .number(let number)? = setting else { return nil }
    self = number
  }
  public var settingValue: SettingValue? { .number(self) }
}

extension Bool: SettingConvertible {
  public init?(setting: SettingValue?) {
    guard case .toggle(let isOn)? = setting else { return nil }
    self = isOn
  }
  public var settingValue: SettingValue? { .toggle(self) }
}

extension Optional: SettingConvertible where Wrapped: SettingConvertible {
  public init?(setting: SettingValue?) {
    guard let setting else {
      self = .none
      return
    }
    guard let value = Wrapped(setting: setting) else { return nil }
    self = .some(value)
  }
  public var settingValue: SettingValue? { self?.settingValue }
  public static func check(_ value: SettingValue, at place: String) throws(ConfigurationError) { try Wrapped.check(value, at: place) }
}

/// Names, separated by commas.
extension Array: SettingConvertible where Element == String {
  public init?(setting: SettingValue?) {
    guard case .text(let text)? = setting else { return nil }
    self = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
  }
  public var settingValue: SettingValue? { .text(joined(separator: ", ")) }
}

extension SettingConvertible where Self: RawRepresentable<String> {
  public init?(setting: SettingValue?) {
    guard case .text(let name)? = setting else { return nil }
    self.init(rawValue: name)
  }
  public var settingValue: SettingValue? { .text(rawValue) }
}
