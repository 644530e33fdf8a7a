import Glibc

/// Text that equals only text of the same bytes.
///
/// Swift's `String` equates texts that are the same after Unicode normalisation, so that `é` as one scalar and as `e` with an
/// accent are one key of a dictionary. On a disk and in a log they are two names.
public struct Name: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
  public let text: String

  public init(_ text: some StringProtocol) { self.text = String(text) }
  public init(stringLiteral text: String) { self.text = text }

  public var description: String { text }

  public static func == (a: Name, b: Name) -> Bool { a.text.hasSameBytes(as: b.text) }
  public static func < (a: Name, b: Name) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension String {
  /// Whether the UTF-8 bytes are the same.
  public func hasSameBytes(as other: String) -> Bool {
    var (a, b) = (self, other)
    return a.withUTF8 { a in
      b.withUTF8 { b in
        guard a.count == b.count, let left = a.baseAddress, let right = b.baseAddress else { return a.count == b.count }
        return memcmp(left, right, a.count) == 0
      }
    }
  }
}
