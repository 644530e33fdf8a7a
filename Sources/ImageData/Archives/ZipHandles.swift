import CArchives
import Files
import Glibc
import Synchronization
import SystemText

/// A ZIP archive that several threads read: a handle serves one thread at a time, and there are as many as that takes.
final class ZipHandles: Sendable {
  private let file: OpenFile
  private let identity: FileSystem.Status
  private let idle = Mutex<[Handle]>([])

  /// Used by one thread at a time, and moved from one to another under a lock.
  private struct Handle: @unchecked Sendable { let reader: OpaquePointer }

  /// - Parameter file: stays open, so that its identity is not given to another file.
  init(_ file: OpenFile) throws(ArchiveProblem) {
    self.file = file
    do { identity = try file.status() } catch { throw .unreadable("\(error)") }
    let first = try Self.open(file.path, identity)
    idle.withLock { $0.append(first) }
  }

  deinit {
    for handle in idle.withLock({ $0 }) { zip_reader_close(handle.reader) }
  }

  /// The entries as the archive's directory lists them; encrypted ones are an error, as no password is asked for.
  ///
  /// - Parameter limit: most entries.
  func entries(limit: Int) throws(ArchiveProblem) -> [ArchiveEntry] {
    let handle = try take()
    defer { giveBack(handle) }
    let count = zip_reader_count(handle.reader)
    guard count <= Int64(limit) else { throw .tooManyEntries(limit: limit) }
    var entries: [ArchiveEntry] = []
    for index in 0..<count {
      var raw = zip_reader_entry()
      guard zip_reader_entry_at(handle.reader, index, &raw), let name = raw.name else { throw .damaged("entry \(index) has no size") }
      let bytes = UnsafeBufferPointer(start: name, count: strlen(name)).map(UInt8.init(bitPattern:))
      guard !raw.is_encrypted else { throw .encrypted(String(systemBytes: bytes)) }
      let kind: ArchiveEntry.Kind = raw.is_link ? .link : bytes.last == UInt8(ascii: "/") ? .folder : .file
      entries.append(ArchiveEntry(name: bytes, kind: kind, byteCount: Int64(clamping: raw.byte_count), place: index))
    }
    return entries
  }

  /// Unpacks an entry, or its first bytes.
  ///
  /// - Parameters:
  ///   - limit: most bytes to hold.
  ///   - prefix: how many bytes are enough; nil for all, whose number and checksum are then verified.
  func unpack(_ entry: ArchiveEntry, limit: Int, prefix: Int?) throws(ImageError.Reason) -> ByteBlock {
    let count = min(entry.byteCount, Int64(prefix ?? Int.max))
    guard count <= Int64(limit) else { throw .tooMuchMemory(what: "an archive's entry", bytes: Int(count), limit: limit) }
    guard let block = ByteBlock(count: Int(count)) else {
      throw .tooMuchMemory(what: "an archive's entry", bytes: Int(count), limit: 0)
    }
    let handle: Handle
    do { handle = try take() } catch { throw error.reason }
    defer { giveBack(handle) }
    var words = [CChar](repeating: 0, count: 160)
    var isMissing = false
    guard
      zip_reader_read(
        handle.reader, entry.place, block.bytes.baseAddress, block.count, prefix == nil, &isMissing, &words, words.count)
    else {
      throw isMissing ? .truncated : .corrupt(Self.text(words))
    }
    return block
  }

  // MARK: Handles

  private func take() throws(ArchiveProblem) -> Handle {
    if let handle = idle.withLock({ $0.popLast() }) { return handle }
    return try Self.open(file.path, identity)
  }

  private static func text(_ words: [CChar]) -> String {
    String(decoding: words.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private func giveBack(_ handle: Handle) { idle.withLock { $0.append(handle) } }

  private static func open(_ path: String, _ identity: FileSystem.Status) throws(ArchiveProblem) -> Handle {
    let descriptor: Int32
    do {
      let file = try OpenFile(path, .reading)
      // The entries of another file are not those that were scanned.
      guard try file.status() == identity else { throw ArchiveProblem.changed }
      // The library moves the file's position, so that every handle needs an opening of its own; it closes its copy.
      descriptor = dup(file.descriptor)
    } catch let problem as ArchiveProblem {
      throw problem
    } catch {
      throw .unreadable((error as? FileSystemError)?.reason ?? "\(error)")
    }
    guard descriptor >= 0 else { throw .unreadable(String(cString: strerror(errno))) }
    var words = [CChar](repeating: 0, count: 160)
    guard let reader = zip_reader_open(descriptor, &words, words.count) else { throw .damaged(Self.text(words)) }
    return Handle(reader: reader)
  }
}

extension ArchiveProblem {
  /// The problem as an image's.
  fileprivate var reason: ImageError.Reason {
    switch self {
    case .changed: .archiveChanged
    case .damaged(let words), .unreadable(let words): .cannotRead("its archive: " + words)
    default: .cannotRead("its archive")
    }
  }
}
