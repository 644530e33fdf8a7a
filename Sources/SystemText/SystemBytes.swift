// Names and paths from the system as Swift strings, and back, for any bytes.
//
// A file name on Linux is bytes and need not be UTF-8 (`café` written by a program that knew Latin-1). Each byte that belongs to
// no character becomes one scalar of a private range, U+10FE80 to U+10FEFF for the bytes 0x80 to 0xFF, so that the name travels
// through configuration files, JSON and events; `plainLine` shows people the byte as `\xE9`; `systemBytes` gives the same bytes again. Scalars of that range in a name are
// taken byte by byte as well, so that two names never become one. Python's `surrogateescape` does the same with scalars that
// Swift's strings cannot hold.

/// First scalar of the private range.
private let strayBase: UInt32 = 0x10FE00

extension Unicode.Scalar {
  /// The byte, itself no character, that the scalar stands for; nil for a character.
  package var strayByte: UInt8? {
    (strayBase + 0x80...strayBase + 0xFF).contains(value) ? UInt8(truncatingIfNeeded: value) : nil
  }
}

extension String.UnicodeScalarView {
  fileprivate var holdsStrayBytes: Bool { contains { $0.strayByte != nil } }
}

extension String {
  /// Reads a name or a path as the system has it.
  public init(systemBytes bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    if let whole = String(validating: bytes, as: UTF8.self), !whole.unicodeScalars.holdsStrayBytes {
      self = whole
      return
    }
    var text = String.UnicodeScalarView()
    var rest = bytes[...]
    while let byte = rest.first {
      // A character takes up to four bytes.
      let character = (1...Swift.min(4, rest.count)).lazy.compactMap { count in
        String(validating: rest.prefix(count), as: UTF8.self).map { (count, $0.unicodeScalars) }
      }.first
      if let (count, scalars) = character, !scalars.contains(where: { $0.strayByte != nil }) {
        text.append(contentsOf: scalars)
        rest = rest.dropFirst(count)
      } else if let scalar = Unicode.Scalar(strayBase + UInt32(byte)) {
        text.append(scalar)
        rest = rest.dropFirst()
      }
    }
    self = String(text)
  }

  /// The name or path as the system takes it, without the zero at its end.
  public var systemBytes: [UInt8] {
    guard unicodeScalars.holdsStrayBytes else { return Array(utf8) }
    return unicodeScalars.flatMap { scalar in
      scalar.strayByte.map { [$0] } ?? Array(String(scalar).utf8)
    }
  }

  /// Calls `body` with the path as system calls take it.
  public func withSystemPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    try (systemBytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { try body($0.baseAddress!) }
  }
}
