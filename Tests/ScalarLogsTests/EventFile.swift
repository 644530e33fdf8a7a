import Foundation

/// A TensorBoard event file made byte by byte, with anything in any order.
final class EventFile {
  let path: String

  init(_ path: String, version: Bool = true) throws {
    self.path = path
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try ScalarLogsTests.write(version ? Self.frame(Self.time(0) + [0x1A, 13] + Array("brain.Event:2".utf8)) : [], to: path)
  }

  func scalar(_ tag: String, _ step: Int, _ value: Float, time: Double) throws {
    try append(Self.scalar(tag, step, value, time: time), to: path)
  }

  /// `SessionLog(status=START)`.
  func start(at step: Int, time: Double) throws {
    try append(Self.frame(Self.time(time) + [0x10] + Self.varint(UInt64(bitPattern: Int64(step))) + [0x3A, 2, 8, 1]), to: path)
  }

  static func scalar(_ tag: String, _ step: Int, _ value: Float, time: Double) -> [UInt8] {
    let name = Array(tag.utf8)
    let entry = [0x0A] + varint(UInt64(name.count)) + name + [0x15] + bytes(value.bitPattern)
    let summary = [0x0A] + varint(UInt64(entry.count)) + entry
    return frame(self.time(time) + [0x10] + varint(UInt64(bitPattern: Int64(step))) + [0x2A] + varint(UInt64(summary.count)) + summary)
  }

  static func frame(_ record: [UInt8]) -> [UInt8] {
    let length = bytes(UInt64(record.count))
    return length + bytes(masked(length)) + record + bytes(masked(record))
  }

  private static func time(_ time: Double) -> [UInt8] { [0x09] + bytes(time.bitPattern) }

  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  private static func masked(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
    crc = ~crc
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
