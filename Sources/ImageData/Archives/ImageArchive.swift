import Files

/// An archive that is read in place: its entries, and their bytes by random access, from several threads at a time.
final class ImageArchive: Sendable {
  /// As the user names it.
  let path: String
  /// In the archive's order.
  let entries: [ArchiveEntry]
  /// Whether backslashes in names were taken for slashes.
  let hasBackslashes: Bool
  private let contents: Contents

  private enum Contents {
    case tar(OpenFile)
    case zip(ZipHandles)
  }

  /// More would take gigabytes for their names alone.
  static let entryLimit = 4_000_000

  /// Opens the archive and reads what it holds.
  ///
  /// - Returns: nil if the file is no archive.
  init?(opening path: String) throws(ArchiveProblem) {
    let file: OpenFile, beginning: [UInt8]
    do {
      file = try OpenFile(path, .reading)
      beginning = try file.beginning(TarHeader.byteCount)
    } catch {
      throw .unreadable((error as? FileSystemError)?.reason ?? "\(error)")
    }
    self.path = path
    switch ArchiveFormat(beginning: beginning) {
    case .tar?:
      entries = try TarIndex(file, limit: Self.entryLimit).entries
      contents = .tar(file)
      hasBackslashes = false
    case .zip?:
      let handles = try ZipHandles(file)
      (entries, hasBackslashes) = Self.withSlashes(try handles.entries(limit: Self.entryLimit))
      contents = .zip(handles)
    case .other(let name, let unpacks)?: throw .notInPlace(name, unpacks: unpacks)
    case nil: return nil
    }
  }

  /// Some programs of Windows wrote backslashes between folders, which no other program does: then there is no slash at all.
  private static func withSlashes(_ entries: [ArchiveEntry]) -> ([ArchiveEntry], Bool) {
    let (slash, backslash) = (UInt8(ascii: "/"), UInt8(ascii: "\\"))
    guard !entries.contains(where: { $0.name.contains(slash) }), entries.contains(where: { $0.name.contains(backslash) }) else {
      return (entries, false)
    }
    let changed = entries.map { entry in
      var entry = entry
      entry.name = entry.name.map { $0 == backslash ? slash : $0 }
      if entry.name.last == slash { entry.kind = .folder }
      return entry
    }
    return (changed, true)
  }

  /// Opens an entry's bytes, or its first ones.
  ///
  /// - Parameters:
  ///   - limit: bytes that unpacking may hold.
  ///   - prefix: how many of the first bytes are enough; nil for all.
  func open(_ index: Int, limit: Int, prefix: Int?) throws(ImageError.Reason) -> ImageBytes {
    let entry = entries[index]
    switch contents {
    case .tar(let file): return .part(file, offset: entry.place, byteCount: entry.byteCount)
    case .zip(let handles): return .memory(try handles.unpack(entry, limit: limit, prefix: prefix))
    }
  }
}
