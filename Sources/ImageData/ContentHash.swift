/// 128 bits of an image's bytes (MurmurHash3, x64 variant): equal for equal bytes, on every machine. Not for keeping secrets.
public struct ContentHash: Hashable, Sendable {
  public let high: UInt64
  public let low: UInt64

  /// Hashes bytes in memory.
  init(_ bytes: UnsafeRawBufferPointer) {
    var mixer = Mixer()
    mixer.add(bytes)
    self = mixer.finish()
  }

  /// Hashes all bytes of an image; nil where it cannot be read to its end.
  ///
  /// An unreadable image is the check of the data set's to report.
  ///
  /// - Parameter limit: bytes that unpacking may hold. The default is for one thread and images that a check has passed.
  public init?(of image: ImageLocation, limit: Int = DecodeLimits().memoryBytes) {
    do throws(ImageError) { try self.init(reading: image, limit: limit) } catch { return nil }
  }

  /// Hashes all bytes of an image.
  ///
  /// - Parameter limit: bytes that unpacking may hold.
  /// - Throws: `ImageError` where it cannot be read to its end.
  init(reading image: ImageLocation, limit: Int = DecodeLimits().memoryBytes) throws(ImageError) {
    let bytes = try ReadableBytes(image, limit: limit)
    var mixer = Mixer()
    var offset = 0
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { piece.deallocate() }
    while true {
      let count = try bytes.read(piece, at: offset)
      mixer.add(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      offset += count
      if count < piece.count { break }
    }
    self = mixer.finish()
  }

  /// Hashes 4 KB each of the start, the middle and the end of an image: equal for equal files, and for few others.
  ///
  /// nil where it cannot be read or is not `byteCount` bytes long.
  init?(samplesOf image: ImageLocation, byteCount: Int64, limit: Int) {
    do throws(ImageError) {
      guard let hash = try Self.samples(of: image, byteCount: byteCount, limit: limit) else { return nil }
      self = hash
    } catch { return nil }
  }

  private static func samples(of image: ImageLocation, byteCount: Int64, limit: Int) throws(ImageError) -> ContentHash? {
    let bytes = try ReadableBytes(image, limit: limit)
    let length = 4096
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
    defer { piece.deallocate() }
    var mixer = Mixer()
    for offset in [0, max(0, (Int(byteCount) - length) / 2), max(0, Int(byteCount) - length)] {
      let count = try bytes.read(piece, at: offset)
      guard count == min(length, Int(byteCount)) else { return nil }
      mixer.add(UnsafeRawBufferPointer(rebasing: piece[..<count]))
    }
    return mixer.finish()
  }

  /// 32 hexadecimal digits.
  public var digits: String { [high, low].map(Self.digits).joined() }

  /// - Parameter digits: as `digits` writes them.
  public init?(digits: some StringProtocol) {
    guard digits.utf8.count == 32, let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16) else {
      return nil
    }
    self.init(high: high, low: low)
  }

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  private static func digits(_ word: UInt64) -> String {
    let text = String(word, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  /// The running hash. Every piece but the last must be a multiple of 16 bytes long.
  private struct Mixer {
    private var h1: UInt64 = 0
    private var h2: UInt64 = 0
    private var count: UInt64 = 0
    private static let c1: UInt64 = 0x87C3_7B91_1142_53D5
    private static let c2: UInt64 = 0x4CF5_AD43_2745_937F

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
      var place = 0
      while place + 16 <= bytes.count {
        block(
          UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)),
          UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)))
        place += 16
      }
      if place < bytes.count {
        // Padded with zeros; the length, which is mixed in at the end, tells it from a file that ends in zeros.
        var words: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[place...])) }
        block(UInt64(littleEndian: words.0), UInt64(littleEndian: words.1))
      }
      count &+= UInt64(bytes.count)
    }

    private mutating func block(_ first: UInt64, _ second: UInt64) {
      h1 ^= Self.rotated(first &* Self.c1, 31) &* Self.c2
      h1 = (Self.rotated(h1, 27) &+ h2) &* 5 &+ 0x52DC_E729
      h2 ^= Self.rotated(second &* Self.c2, 33) &* Self.c1
      h2 = (Self.rotated(h2, 31) &+ h1) &* 5 &+ 0x3849_5AB5
    }

    func finish() -> ContentHash {
      var (a, b) = (h1 ^ count, h2 ^ count)
      a &+= b
      b &+= a
      a = Self.mixed(a)
      b = Self.mixed(b)
      a &+= b
      b &+= a
      return ContentHash(high: a, low: b)
    }

    private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }

    private static func mixed(_ word: UInt64) -> UInt64 {
      var word = word
      word = (word ^ word >> 33) &* 0xFF51_AFD7_ED55_8CCD
      word = (word ^ word >> 33) &* 0xC4CE_B9FE_1A85_EC53
      return word ^ word >> 33
    }
  }
}
