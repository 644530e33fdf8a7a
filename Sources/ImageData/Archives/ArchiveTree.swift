import Files
import SystemText

/// The entries of an archive as folders and files, by their names' bytes.
///
/// Of entries of one name the last one counts, as after unpacking. Skipped and noted: links, devices and sparse files, names that
/// are absolute or hold `..`, and what a Mac's archiver adds (`__MACOSX`, `._name`).
package final class ArchiveTree: Sendable {
  let archive: ImageArchive
  let notes: [DataNote]
  private let folders: [[UInt8]: Folder]

  private struct Folder: Sendable {
    let number: UInt64
    var folders: Set<[UInt8]> = []
    /// The numbers of entries by name.
    var files: [[UInt8]: Int] = [:]
  }

  /// Bytes that the folders may take together: those of two million with short paths.
  package static let folderBytes = 512 << 20

  /// - Parameter folderBytes: most bytes for folders.
  init(_ archive: ImageArchive, folderBytes: Int = ArchiveTree.folderBytes) throws(ArchiveProblem) {
    var builder = Builder(folderBytes: folderBytes)
    for (index, entry) in archive.entries.enumerated() { try builder.add(entry, index) }
    guard builder.hasFiles else { throw .nothing(builder.notes) }
    self.archive = archive
    folders = builder.folders
    let first = archive.entries.first { $0.name.contains(UInt8(ascii: "/")) }
    notes = builder.notes + (archive.hasBackslashes ? first.map { [DataNote(.backslashes, String(systemBytes: $0.name))] } ?? [] : [])
  }

  /// The folder at `path`, which begins with the archive's; nil if there is none.
  func listing(_ path: String) -> DirectoryListing? {
    guard let place = key(path), let folder = folders[place] else { return nil }
    let shown = { (name: [UInt8]) in name.first != UInt8(ascii: ".") }
    return DirectoryListing(
      folders: folder.folders.filter(shown).map { name in
        let number = folders[place.isEmpty ? name : place + [UInt8(ascii: "/")] + name]?.number ?? 0
        return DirectoryListing.Folder(name: String(systemBytes: name), identity: FileSystem.Identity(inArchive: number))
      },
      files: folder.files.filter { shown($0.key) }.map { name, index in
        DirectoryListing.File(name: String(systemBytes: name), byteCount: archive.entries[index].byteCount)
      })
  }

  /// The identity of the folder at `path`; nil if there is none.
  func identity(_ path: String) -> FileSystem.Identity? {
    guard let place = key(path), let folder = folders[place] else { return nil }
    return FileSystem.Identity(inArchive: folder.number)
  }

  /// The number of the file's entry; nil if there is none.
  func entry(_ path: String) -> Int? {
    guard let place = key(path) else { return nil }
    let cut = place.lastIndex(of: UInt8(ascii: "/"))
    let folder = cut.map { Array(place[..<$0]) } ?? []
    return folders[folder]?.files[cut.map { Array(place[($0 + 1)...]) } ?? place]
  }

  /// The path within the archive, empty for the archive itself; nil for a path that leads elsewhere.
  private func key(_ path: String) -> [UInt8]? {
    let (bytes, own) = (path.systemBytes, archive.path.systemBytes)
    guard bytes.starts(with: own) else { return nil }
    let rest = bytes[own.count...]
    guard let first = rest.first else { return [] }
    return first == UInt8(ascii: "/") ? Array(rest.dropFirst()) : nil
  }

  private struct Builder {
    private(set) var folders: [[UInt8]: Folder] = [[]: Folder(number: 0)]
    private(set) var notes: [DataNote] = []
    private(set) var hasFiles = false
    private let folderBytes: Int
    private var takenBytes = 0

    init(folderBytes: Int) { self.folderBytes = folderBytes }

    mutating func add(_ entry: ArchiveEntry, _ index: Int) throws(ArchiveProblem) {
      let text = String(systemBytes: entry.name)
      let parts = entry.name.split(separator: UInt8(ascii: "/")).map(Array.init).filter { $0 != [UInt8(ascii: ".")] }
      guard let name = parts.last else { return }  // The root itself.
      guard entry.name.first != UInt8(ascii: "/"), entry.name.count < 4096, !entry.name.contains(0), !parts.contains(Array("..".utf8))
      else {
        notes.append(DataNote(.unsafeName, text))
        return
      }
      guard parts[0] != Array("__MACOSX".utf8), !name.starts(with: "._".utf8) else {
        if entry.kind == .file { notes.append(DataNote(.archiveLitter, text)) }
        return
      }
      switch entry.kind {
      case .link: notes.append(DataNote(.archiveLink, text))
      case .special: notes.append(DataNote(.specialEntry, text))
      case .folder: try makeFolder(parts[...])
      case .file:
        let place = try makeFolder(parts.dropLast())
        // A folder of the same name has images in it, perhaps.
        guard folders[place]?.folders.contains(name) == false else {
          notes.append(DataNote(.repeatedEntry, text))
          return
        }
        if folders[place]?.files.updateValue(index, forKey: name) != nil { notes.append(DataNote(.repeatedEntry, text)) }
        hasFiles = true
      }
    }

    /// Makes the folder and those above it.
    @discardableResult
    private mutating func makeFolder(_ parts: ArraySlice<[UInt8]>) throws(ArchiveProblem) -> [UInt8] {
      var place: [UInt8] = []
      for part in parts {
        let inner = place.isEmpty ? part : place + [UInt8(ascii: "/")] + part
        if folders[inner] == nil {
          // A name of 4 KB can make two thousand folders, each with the path to it.
          takenBytes += inner.count + 256
          guard takenBytes <= folderBytes else { throw .tooManyFolders(megabytes: folderBytes >> 20) }
          folders[inner] = Folder(number: UInt64(folders.count))
          folders[place]?.folders.insert(part)
          if folders[place]?.files.removeValue(forKey: part) != nil { notes.append(DataNote(.repeatedEntry, String(systemBytes: inner))) }
        }
        place = inner
      }
      return place
    }
  }
}
