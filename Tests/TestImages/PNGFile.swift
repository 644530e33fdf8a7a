import Foundation

/// Writes RGB images as PNG files, uncompressed: images for tests are made, not kept.
public enum PNGFile {
  /// - Parameters:
  ///   - pixels: [height, width, 3]
  ///   - claim: width and height to put into the header instead.
  public static func write(
    _ pixels: [UInt8], width: Int, height: Int, claiming claim: (width: Int, height: Int)? = nil, to path: String
  ) throws {
    precondition(pixels.count == width * height * 3, "an RGB image has three bytes a pixel")
    var header = bytes(UInt32(claim?.width ?? width)) + bytes(UInt32(claim?.height ?? height))
    header += [8, 2, 0, 0, 0]  // 8 bits, RGB, deflate, all filters, not interlaced
    var rows: [UInt8] = []
    for y in 0..<height { rows += [0] + pixels[y * width * 3..<(y + 1) * width * 3] }
    let file = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunk("IDAT", stored(rows)) + chunk("IEND", [])
    try Data(file).write(to: URL(fileURLWithPath: path))
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return bytes(UInt32(data.count)) + body + bytes(crc(body))
  }

  /// A zlib stream of stored blocks.
  private static func stored(_ data: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let end = min(start + 65535, data.count)
      let length = UInt16(end - start)
      stream += [end == data.count ? 1 : 0, UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8)]
      stream += data[start..<end]
      start = end
    } while start < data.count
    var a: UInt32 = 1
    var b: UInt32 = 0
    for byte in data {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return stream + bytes(b << 16 | a)
  }

  static func crc(_ data: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }
}
