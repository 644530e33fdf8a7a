import Files
import Glibc
import SystemText

/// The entries of one folder, hidden ones and `__MACOSX` (the litter of archives made on a Mac) left out, links followed.
struct DirectoryListing {
  /// Sorted by bytes.
  var folders: [Folder] = []
  /// Sorted by bytes.
  var files: [File] = []

  struct Folder {
    let name: String
    let identity: FileSystem.Identity
  }

  struct File {
    let name: String
    /// nil for what is no ordinary file: a dead link, a pipe, a socket, a device.
    let byteCount: Int64?
    /// Whether it is a link that leads nowhere or in a circle.
    var isDeadLink = false
  }

  /// Entries that were found otherwise, in any order.
  init(folders: [Folder], files: [File]) {
    self.folders = folders.sorted { SystemPath.precedes($0.name, $1.name) }
    self.files = files.sorted { SystemPath.precedes($0.name, $1.name) }
  }

  /// Lists a folder on the disk.
  ///
  /// - Throws: `folderUnreadable`; a listing is complete or an error.
  init(_ path: String) throws(ImageFolderError) {
    guard let stream = path.withSystemPath({ opendir($0) }) else { throw .folderUnreadable(path, Self.systemWords()) }
    defer { closedir(stream) }
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(systemBytes: $0.prefix { $0 != 0 }) }
      if name.hasPrefix(".") || name == "__MACOSX" { continue }
      try add(name, in: path)
      errno = 0
    }
    if errno != 0 { throw .folderUnreadable(path, Self.systemWords()) }
    folders.sort { SystemPath.precedes($0.name, $1.name) }
    files.sort { SystemPath.precedes($0.name, $1.name) }
  }

  private mutating func add(_ name: String, in folder: String) throws(ImageFolderError) {
    let path = folder + "/" + name
    var status = stat()
    while path.withSystemPath({ stat($0, &status) }) != 0 {
      if errno == EINTR { continue }
      let isDead = errno == ENOENT || errno == ELOOP || errno == ENOTDIR
      // An image's own fault is the data set check's to report. What else cannot be examined may be a class: without it the
      // others would be numbered anew.
      guard isDead || ImageExtension.matches(name) else { throw .folderUnreadable(path, Self.systemWords()) }
      files.append(File(name: name, byteCount: nil, isDeadLink: isDead))
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: folders.append(Folder(name: name, identity: FileSystem.Identity(status)))
    case S_IFREG: files.append(File(name: name, byteCount: Int64(status.st_size)))
    default: files.append(File(name: name, byteCount: nil))
    }
  }

  private static func systemWords() -> String { String(cString: strerror(errno)) }
}
