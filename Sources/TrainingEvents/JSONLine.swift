import SystemText

/// One JSON object on one line, its keys in the order in which they were added.
///
/// Numbers are written with the fewest digits that read back as the same number. JSON knows no infinity and no NaN: such a
/// number is written as null and the object says `"diverged":true` at its end. Texts are escaped so that a line is fit for a
/// terminal as it is.
public struct JSONLine: Sendable {
  private var members: [String] = []
  private var hasNonFinite = false

  public init() {}

  /// The object, without a newline.
  public var text: String {
    "{" + (members + (hasNonFinite ? ["\"diverged\":true"] : [])).joined(separator: ",") + "}"
  }

  public mutating func add(_ key: String, _ value: String) { append(key, value.jsonQuoted) }
  public mutating func add(_ key: String, _ value: Int) { append(key, String(value)) }
  public mutating func add(_ key: String, _ value: Double) { append(key, number(value)) }
  /// A float's exact value: a reader gets the very number that the logs hold.
  public mutating func add(_ key: String, _ value: Float) { append(key, number(Double(value))) }
  public mutating func add(_ key: String, _ values: [Float]) {
    append(key, "[" + values.map { number(Double($0)) }.joined(separator: ",") + "]")
  }
  public mutating func add(_ key: String, _ values: [Int]) { append(key, "[" + values.map(String.init).joined(separator: ",") + "]") }
  public mutating func add(_ key: String, _ values: [String]) {
    append(key, "[" + values.map(\.jsonQuoted).joined(separator: ",") + "]")
  }
  public mutating func add(_ key: String, _ value: Bool) { append(key, value ? "true" : "false") }
  public mutating func add(_ key: String, _ object: JSONLine) { append(key, object.text) }
  public mutating func add(_ key: String, _ objects: [JSONLine]) {
    append(key, "[" + objects.map(\.text).joined(separator: ",") + "]")
  }

  private mutating func append(_ key: String, _ value: String) { members.append(key.jsonQuoted + ":" + value) }

  private mutating func number(_ value: Double) -> String {
    guard value.isFinite else {
      hasNonFinite = true
      return "null"
    }
    return value.description
  }
}
