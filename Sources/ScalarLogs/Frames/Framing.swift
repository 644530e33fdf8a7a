/// How a log file cuts its bytes into records.
///
/// VisualDL: u64 little-endian length, then the record. TensorBoard: the same length, its masked CRC, the record, its
/// masked CRC.
enum Framing {
  case plain
  case checksummed

  /// Bytes before a record.
  var headerLength: Int { self == .plain ? 8 : 12 }
  /// Bytes after it.
  var trailerLength: Int { self == .plain ? 0 : 4 }

  /// Longer records are taken for damage: no curve, image or graph comes near.
  static let longestRecord = 1 << 28

  /// The bytes of a frame around `record`.
  func frame(_ record: [UInt8]) -> [UInt8] {
    precondition(record.count <= Self.longestRecord, "a record of a log is longer than a reader would believe")
    var frame: [UInt8] = []
    frame.reserveCapacity(headerLength + record.count + trailerLength)
    Self.append(UInt64(record.count), to: &frame)
    if self == .checksummed { Self.append(frame.withUnsafeBytes(CRC32C.masked), to: &frame) }
    frame += record
    if self == .checksummed { Self.append(record.withUnsafeBytes(CRC32C.masked), to: &frame) }
    return frame
  }

  /// The record's length from a whole header; nil when the header cannot be one.
  func recordLength(header: UnsafeRawBufferPointer) -> Int? {
    let length = UInt64(littleEndian: header.loadUnaligned(as: UInt64.self))
    if self == .checksummed && !Self.matches(header[..<8], checksumAt: 8, of: header) { return nil }
    // An empty record says nothing; no writer leaves one. A file that grew before its data reached the disk reads as zeros.
    return length > 0 && length <= UInt64(Self.longestRecord) ? Int(length) : nil
  }

  /// Whether a whole frame's record is what was written, as far as the format tells.
  func isIntact(frame: UnsafeRawBufferPointer) -> Bool {
    guard self == .checksummed else { return true }
    let end = frame.count - trailerLength
    return Self.matches(frame[headerLength..<end], checksumAt: end, of: frame)
  }

  private static func matches(_ bytes: Slice<UnsafeRawBufferPointer>, checksumAt offset: Int, of frame: UnsafeRawBufferPointer) -> Bool {
    let stored = UInt32(littleEndian: frame.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    return CRC32C.masked(UnsafeRawBufferPointer(rebasing: bytes)) == stored
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
