import Files
import Glibc
import SystemText

/// The folders and files of a data set: on the disk, or in an archive that is read in place. Paths in an archive begin with its own.
package struct FileTree: Sendable {
  private let archive: ArchiveTree?

  static let disk = FileTree(archive: nil)

  /// What was skipped of an archive.
  var notes: [DataNote] { archive?.notes ?? [] }
  var isArchive: Bool { archive != nil }

  /// What a path of the user's leads to.
  package enum Found: Sendable {
    /// A folder, or an archive with its tree; the path has no slash at its end.
    case folder(FileTree, String)
    /// Some other file.
    case file(String)
  }

  /// - Parameter folderBytes: most bytes for the folders of an archive.
  /// - Throws: `folderMissing`, `fileUnreadable`, `notAFolder`, `archive`.
  package static func find(_ path: String, folderBytes: Int = ArchiveTree.folderBytes) throws(ImageFolderError) -> Found {
    let path = SystemPath.withoutEndingSlash(path)
    let kind: FileSystem.Kind?
    do { kind = try FileSystem.status(path)?.kind } catch { throw .fileUnreadable(path, Self.words(error)) }
    switch kind {
    case nil: throw .folderMissing(path)
    case .folder: return .folder(.disk, path)
    case .file:
      do throws(ArchiveProblem) {
        guard let archive = try ImageArchive(opening: path) else { return .file(path) }
        return .folder(FileTree(archive: try ArchiveTree(archive, folderBytes: folderBytes)), path)
      } catch {
        throw .archive(path, error)
      }
    default: throw .notAFolder(path)
    }
  }

  /// - Throws: `folderUnreadable`; a listing is complete or an error.
  func listing(_ path: String) throws(ImageFolderError) -> DirectoryListing {
    guard let archive else { return try DirectoryListing(path) }
    guard let listing = archive.listing(path) else { throw .folderMissing(path) }
    return listing
  }

  /// nil where no folder is.
  func identity(_ path: String) -> FileSystem.Identity? {
    guard let archive else { return FileSystem.Lookup(path).identity }
    return archive.identity(path)
  }

  func isFolder(_ path: String) -> Bool { archive.map { $0.identity(path) != nil } ?? ClassFolders.isFolder(path) }

  func location(_ path: String) -> ImageLocation {
    guard let archive, let index = archive.entry(path) else { return ImageLocation(path: path) }
    return ImageLocation(path: path, in: archive.archive, index: index)
  }

  /// Whether a file's extension or its first bytes are an image's.
  func isImage(_ file: DirectoryListing.File, at path: String) -> Bool {
    ImageExtension.matches(file.name) || (file.byteCount != nil && location(path).beginsLikeImage)
  }

  /// What a list's line leads to.
  enum Listed {
    /// Its size; nil where it cannot be examined, which the check of the images reports.
    case file(byteCount: Int64?)
    case missing
    case other
  }

  func look(at path: String) -> Listed {
    if let archive {
      if let index = archive.entry(path) { return .file(byteCount: archive.archive.entries[index].byteCount) }
      return archive.identity(path) == nil ? .missing : .other
    }
    do {
      guard let status = try FileSystem.status(path) else { return .missing }
      return status.kind == .file ? .file(byteCount: Int64(status.byteCount)) : .other
    } catch let error as FileSystemError {
      if case .danglingLink = error.problem { return .missing }
      return .file(byteCount: nil)
    } catch { return .file(byteCount: nil) }
  }

  /// The bytes of the list at `path`.
  func bytes(_ path: String, atMost limit: Int) throws(ImageFolderError) -> [UInt8] {
    do {
      guard let archive, let index = archive.entry(path) else { return try OpenFile(path, .reading).bytes(atMost: limit) }
      switch try archive.archive.open(index, limit: limit, prefix: nil) {
      case .file(let path): return try OpenFile(path, .reading).bytes(atMost: limit)
      case .memory(let block): return Array(block.bytes.prefix(block.count))
      case .part(let file, let offset, let count):
        guard count <= Int64(limit) else { throw FileSystemError(.read, path, .tooLarge(limit: limit)) }
        return try file.beginning(Int(count), at: Int(offset))
      }
    } catch let error as FileSystemError where error.problem == .tooLarge(limit: limit) {
      throw .list(ListError(path, .tooLarge(megabytes: limit >> 20)))
    } catch {
      throw .fileUnreadable(path, Self.words(error))
    }
  }

  private static func words(_ error: any Error) -> String {
    switch error {
    case let error as FileSystemError: error.reason
    case let error as ImageError.Reason: "\(error)"
    default: "\(error)"
    }
  }
}
