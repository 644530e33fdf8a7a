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
  private let file: OpenFile
  /// When it was scanned.
  private let status: FileSystem.Status

  private enum Contents {
    case tar
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
      status = try file.status()
      beginning = try file.beginning(TarHeader.byteCount)
    } catch {
      throw .unreadable((error as? FileSystemError)?.reason ?? "\(error)")
    }
    self.path = path
    self.file = file
    switch ArchiveFormat(beginning: beginning) {
    case .tar?:
      entries = try TarIndex(file, limit: Self.entryLimit).entries
      contents = .tar
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
  /// The archive is examined each time: in one that was rewritten in place, other images would lie where the entries were.
  ///
  /// - Parameters:
  ///   - limit: bytes that unpacking may hold.
  ///   - prefix: how many of the first bytes are enough; nil for all.
  func open(_ index: Int, limit: Int, prefix: Int?) throws(ImageError.Reason) -> ImageBytes {
    let entry = entries[index]
    let now: FileSystem.Status
    do { now = try file.status() } catch { throw .cannotRead((error as? FileSystemError)?.reason ?? "\(error)") }
    guard now == status else { throw .archiveChanged }
    switch contents {
    case .tar: return .part(file, offset: entry.place, byteCount: entry.byteCount)
    case .zip(let handles): return .memory(try handles.unpack(entry, limit: limit, prefix: prefix))
    }
  }
}
