import Files

/// The formats by which archives are known, from their first bytes.
enum ArchiveFormat {
  case zip, tar
  /// Its name, and whether `tar xf` unpacks it.
  case other(String, unpacks: Bool)

  private static let signatures: [(bytes: [UInt8], format: ArchiveFormat)] = [
    (Array("PK\u{3}\u{4}".utf8), .zip), (Array("PK\u{5}\u{6}".utf8), .zip),
    ([0x1F, 0x8B], .other("gzip", unpacks: true)), (Array("BZh".utf8), .other("bzip2", unpacks: true)),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .other("xz", unpacks: true)), ([0x28, 0xB5, 0x2F, 0xFD], .other("Zstandard", unpacks: true)),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .other("7-Zip", unpacks: false)), (Array("Rar!".utf8), .other("RAR", unpacks: false)),
  ]

  /// - Parameter bytes: the first ones, a tar header's 512 or all there are.
  init?(beginning bytes: [UInt8]) {
    if let known = Self.signatures.first(where: { bytes.starts(with: $0.bytes) }) {
      self = known.format
    } else if TarHeader.isHeader(bytes[...]) {
      self = .tar
    } else {
      return nil
    }
  }

  /// What the file at `path` begins like; nil for what is no archive, no file, or cannot be read.
  init?(ofFile path: String) {
    do {
      self.init(beginning: try OpenFile(path, .reading).beginning(TarHeader.byteCount))
    } catch { return nil }
  }
}

extension OpenFile {
  /// The first `count` bytes, or all there are.
  func beginning(_ count: Int, at offset: Int = 0) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = try bytes.withUnsafeMutableBytes { try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[done...]), at: offset + done) }
      if got == 0 { break }
      done += got
    }
    return Array(bytes.prefix(done))
  }
}
