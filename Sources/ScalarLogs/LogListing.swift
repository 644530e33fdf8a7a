import Files
import Foundation
import SystemText

/// The entries of one folder, as far as logs are concerned: each list by name, in byte order as Python sorts them.
struct LogListing {
  /// Files that a format's reader takes for a log's.
  var files: [LogFormat: [String]] = [:]
  var folders: [String] = []
  var linkedFolders: [String] = []
  /// Entries that have a log's name and are not read.
  var problems: [ScalarLogError] = []

  /// - Throws: `ScalarLogError` for a folder that cannot be listed to its end.
  init(_ folder: String) throws {
    for name in try Self.names(in: folder) { try add(name, at: folder + "/" + name) }
  }

  private mutating func add(_ name: String, at path: String) throws {
    var status = stat()
    while path.withSystemPath({ lstat($0, &status) }) != 0 {
      // Removed since it was listed. Any other failure may hide a log that a resumed run would then begin anew.
      if errno == ENOENT { return }
      guard errno == EINTR else { throw ScalarLogError(path, .system(.list, code: errno)) }
    }
    let isLink = status.st_mode & S_IFMT == S_IFLNK
    let formats = LogFormat.allCases.filter { $0.isLogName(name) }
    if isLink && path.withSystemPath({ stat($0, &status) }) != 0 {
      // A link that leads nowhere hides a log only where it has a log's name.
      if !formats.isEmpty { problems.append(ScalarLogError(path, .ignored("it is a link that leads nowhere"))) }
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      if isLink { linkedFolders.append(name) } else { folders.append(name) }
    case S_IFREG:
      guard !formats.isEmpty else { return }
      if let reason = Self.reasonToIgnore(name) {
        problems.append(ScalarLogError(path, .ignored(reason)))
      } else {
        for format in formats { files[format, default: []].append(name) }
      }
    default:
      if !formats.isEmpty { problems.append(ScalarLogError(path, .ignored("it is a pipe, a socket or a device and no regular file"))) }
    }
  }

  /// Why a file with a log's name is none; nil for a log's.
  private static func reasonToIgnore(_ name: String) -> String? {
    if name.hasSuffix(":Zone.Identifier") { return "Windows keeps there where a download came from; it holds no values" }
    for suffix in [".gz", ".xz", ".zst", ".bz2", ".zip"] where name.hasSuffix(suffix) {
      return "it is compressed; unpack it beside the other files to see its curves"
    }
    return nil
  }

  private static func names(in folder: String) throws -> [String] {
    do {
      return try FileSystem.list(folder)
    } catch let error as FileSystemError {
      throw ScalarLogError(folder, error)
    }
  }
}

extension LogFormat {
  /// Whether the format's own reader takes a file of this name for a log.
  func isLogName(_ name: String) -> Bool { name.utf8.contains((self == .visualDL ? "vdlrecords" : "tfevents").utf8) }
}
