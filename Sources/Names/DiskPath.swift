/// A path or a single name as the disk has it: bytes, which need not be UTF-8.
public struct DiskPath: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let bytes: [UInt8]

  public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// The path for people. A byte that belongs to no character is written as `\xE9`.
  public var text: String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      // A character takes up to four bytes.
      let character = (1...min(4, rest.count)).lazy.compactMap { count in
        String(validating: rest.prefix(count), as: UTF8.self).map { (count, $0) }
      }.first
      if let (count, part) = character {
        text += part
        rest = rest.dropFirst(count)
      } else if let byte = rest.popFirst() {
        text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }

  public var description: String { text }

  /// The entry of this folder with a name.
  public func appending(_ name: DiskPath) -> DiskPath { DiskPath(bytes: bytes + [UInt8(ascii: "/")] + name.bytes) }

  public func hasSuffix(_ suffix: String) -> Bool {
    bytes.count >= suffix.utf8.count && bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  /// Whether the bytes of `part` occur in the path.
  public func contains(_ part: String) -> Bool {
    let part = Array(part.utf8)
    guard bytes.count >= part.count else { return false }
    return (0...bytes.count - part.count).contains { bytes[$0..<$0 + part.count].elementsEqual(part) }
  }

  /// Calls `body` with the path as system calls take it.
  public func withSystemPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    try (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { try body($0.baseAddress!) }
  }

  /// By bytes, as Python sorts names.
  public static func < (a: DiskPath, b: DiskPath) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}
