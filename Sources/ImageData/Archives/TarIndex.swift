import Files

/// The entries of a tar archive and where their bytes are: reads the headers only.
///
/// Reads the old format, ustar, GNU (long names, large numbers) and pax (`path`, `size`). Of an archive that was compressed as a
/// whole nothing can be read in place.
struct TarIndex {
  private(set) var entries: [ArchiveEntry] = []
  private let file: OpenFile
  private let end: Int64

  /// What a header before an entry says about it.
  private struct Extension {
    var name: [UInt8]?
    var size: Int64?
    var isSparse = false
  }

  /// Long names and pax headers are held: a header that claims more is damaged.
  private static let largestExtension: Int64 = 1 << 20

  /// - Parameter limit: most entries.
  init(_ file: OpenFile, limit: Int) throws(ArchiveProblem) {
    self.file = file
    do { end = Int64(try file.status().byteCount) } catch { throw .unreadable(Self.words(error)) }
    var place: Int64 = 0
    var next = Extension()
    while true {
      let block = try bytes(Int64(TarHeader.byteCount), at: place)
      if block.allSatisfy({ $0 == 0 }) { return }
      guard let header = TarHeader(block[...]) else { throw .damaged("no header at byte \(place)") }
      var start = place + Int64(TarHeader.byteCount)
      if header.continuesSparseMap { start = try endOfSparseMap(at: start) }
      place = try read(header, at: start, &next)
      guard entries.count <= limit else { throw .tooManyEntries(limit: limit) }
    }
  }

  /// - Returns: where the next header is.
  private mutating func read(_ header: TarHeader, at start: Int64, _ next: inout Extension) throws(ArchiveProblem) -> Int64 {
    switch header.type {
    case UInt8(ascii: "L"), UInt8(ascii: "K"):
      let text = try extensionBytes(header, at: start)
      if header.type == UInt8(ascii: "L") { next.name = Array(text.prefix { $0 != 0 }) }
      return try behind(header.size, from: start)
    case UInt8(ascii: "x"), UInt8(ascii: "X"):
      try Self.readRecords(extensionBytes(header, at: start), into: &next)
      return try behind(header.size, from: start)
    case UInt8(ascii: "g"):
      return try behind(header.size, from: start)
    default: break
    }
    let size = next.size ?? header.size
    var entry = ArchiveEntry(name: next.name ?? header.fullName, kind: .special, byteCount: 0, place: start)
    var holdsBytes = true
    switch header.type {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
      let isFolder = header.type == 0 && entry.name.last == UInt8(ascii: "/")
      entry.kind = next.isSparse ? .special : isFolder ? .folder : .file
      entry.byteCount = size
    case UInt8(ascii: "5"): (entry.kind, holdsBytes) = (.folder, false)
    case UInt8(ascii: "1"), UInt8(ascii: "2"): (entry.kind, holdsBytes) = (.link, false)
    case UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "6"): holdsBytes = false
    default: break
    }
    next = Extension()
    entries.append(entry)
    return holdsBytes ? try behind(size, from: start) : start
  }

  /// The next multiple of 512 behind `size` bytes.
  private func behind(_ size: Int64, from start: Int64) throws(ArchiveProblem) -> Int64 {
    guard size >= 0 else { throw .damaged("an entry of \(size) bytes") }
    guard size <= end - start else { throw .cut }
    return start + (size + 511) / 512 * 512
  }

  private func endOfSparseMap(at start: Int64) throws(ArchiveProblem) -> Int64 {
    var place = start
    while true {
      let block = try bytes(512, at: place)
      place += 512
      if block[504] == 0 { return place }
    }
  }

  private func extensionBytes(_ header: TarHeader, at start: Int64) throws(ArchiveProblem) -> [UInt8] {
    guard header.size <= Self.largestExtension else { throw .damaged("a name of \(header.size) bytes") }
    return try bytes(header.size, at: start)
  }

  private func bytes(_ count: Int64, at place: Int64) throws(ArchiveProblem) -> [UInt8] {
    let read: [UInt8]
    do { read = try file.beginning(Int(count), at: Int(place)) } catch { throw .unreadable(Self.words(error)) }
    guard read.count == Int(count) else { throw .cut }
    return read
  }

  private static func words(_ error: any Error) -> String { (error as? FileSystemError)?.reason ?? "\(error)" }

  /// Records of `length key=value` and a line end, where the length counts itself.
  private static func readRecords(_ bytes: [UInt8], into next: inout Extension) throws(ArchiveProblem) {
    var rest = bytes[...]
    // A value may hold zeros; where a record would begin, they are padding.
    while let first = rest.first, first != 0 {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 1, length <= rest.count,
        rest[digits.endIndex] == UInt8(ascii: " ")
      else { throw .damaged("a pax header without its length") }
      let record = rest[rest.index(after: digits.endIndex)..<rest.index(rest.startIndex, offsetBy: length - 1)]
      rest = rest.dropFirst(length)
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let value = record[record.index(after: equals)...]
      switch String(decoding: record[..<equals], as: UTF8.self) {
      case "path": next.name = Array(value)
      case "size":
        guard let size = Int64(String(decoding: value, as: UTF8.self)), size >= 0 else { throw .damaged("a pax size that is no number") }
        next.size = size
      case let key where key.hasPrefix("GNU.sparse."): next.isSparse = true
      default: break
      }
    }
  }
}
