import Glibc
import SystemText

/// Files and folders by path.
///
/// A path or a name is bytes: `String(systemBytes:)` made it, whole, and `withSystemPath` gives the kernel the same bytes. A path
/// that does not exist and a path that cannot be examined are different answers: the first is nil or false, the second an error, so
/// that no caller takes a failing disk for an empty one.
public enum FileSystem {
  /// What has a name.
  public enum Kind: Sendable, Hashable {
    case file, folder, link, pipe, socket, device

    /// With its article.
    public var label: String {
      switch self {
      case .file: "a file"
      case .folder: "a folder"
      case .link: "a link"
      case .pipe: "a named pipe"
      case .socket: "a socket"
      case .device: "a device"
      }
    }
  }

  public struct Status: Sendable, Hashable {
    public let kind: Kind
    public let byteCount: Int
    /// Seconds since 1970 of the last write.
    public let modified: Double
    public let identity: Identity

    init(_ status: stat) {
      kind =
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .link
        case S_IFIFO: .pipe
        case S_IFSOCK: .socket
        default: .device
        }
      byteCount = Int(status.st_size)
      modified = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
      identity = Identity(status)
    }
  }

  /// Examines what `path` leads to, links followed.
  ///
  /// - Returns: nil if nothing has the name.
  /// - Throws: `FileSystemError`, also for a link that leads nowhere.
  public static func status(_ path: String) throws -> Status? {
    do {
      return try rawStatus(path, follows: true)
    } catch let failure {
      try confirmMissing(path, .read, failure)
      return nil
    }
  }

  /// Whether the path does not exist; false if it exists but cannot be examined, and for a link that leads nowhere: what it led to
  /// may be on a disk that is not mounted.
  public static func isMissing(_ path: String) -> Bool {
    do {
      _ = try rawStatus(path, follows: false)
      return false
    } catch {
      return error.code == ENOENT || error.code == ENOTDIR
    }
  }

  /// The names in a folder, sorted by their bytes.
  ///
  /// - Throws: `FileSystemError`; a listing is complete or an error.
  public static func list(_ folder: String) throws -> [String] {
    try rawList(folder).sorted(by: SystemPath.precedes)
  }

  /// As `list`, but nil if nothing has the folder's name.
  public static func listIfPresent(_ folder: String) throws -> [String]? {
    do {
      return try list(folder)
    } catch let error as FileSystemError where error.code == ENOENT {
      try confirmMissing(folder, .list, SystemCall.Failure(code: ENOENT))
      return nil
    }
  }

  /// What a link says, without being followed.
  public enum LinkTarget: Sendable, Hashable {
    case missing
    case path(String)
    /// Something else has the name.
    case noLink(Kind)
  }

  /// - Throws: `FileSystemError`
  public static func linkTarget(_ path: String) throws -> LinkTarget {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    do {
      let count = try SystemCall.readLink.perform(path) {
        bytes.withUnsafeMutableBufferPointer { buffer in
          buffer.withMemoryRebound(to: CChar.self) { rebound in
            guard let base = rebound.baseAddress else { preconditionFailure("an array of PATH_MAX bytes has an address") }
            return path.withSystemPath { readlink($0, base, rebound.count) }
          }
        }
      }
      return .path(String(systemBytes: bytes[..<count]))
    } catch  where error.code == EINVAL {
      do {
        return .noLink(try rawStatus(path, follows: false).kind)
      } catch {
        throw FileSystemError(.read, path, code: error.code)
      }
    } catch {
      try confirmMissing(path, .read, error)
      return .missing
    }
  }

  // MARK: Parts

  static func rawStatus(_ path: String, follows: Bool) throws(SystemCall.Failure) -> Status {
    var status = stat()
    try SystemCall.status.perform(path) { () -> Int32 in
      path.withSystemPath { follows ? stat($0, &status) : lstat($0, &status) }
    }
    return Status(status)
  }

  /// Returns if `failure` says that nothing has the name, and throws it otherwise.
  ///
  /// A link that leads nowhere, here or on the way, is not an absence: what it led to may be on a disk that is not mounted.
  private static func confirmMissing(_ path: String, _ action: FileSystemError.Action, _ failure: SystemCall.Failure) throws {
    // ENOTDIR: something on the way is a file, so that nothing can have the name. A folder that is to be listed is another matter.
    if failure.code == ENOTDIR && action == .read { return }
    guard failure.code == ENOENT else { throw FileSystemError(action, path, code: failure.code) }
    var place = path
    while true {
      let found: Kind
      do {
        found = try rawStatus(place, follows: false).kind
      } catch {
        guard error.code == ENOENT else { throw FileSystemError(action, path, code: error.code) }
        let parent = parent(of: place)
        guard !parent.isEmpty, parent != place else { return }
        place = parent
        continue
      }
      guard found == .link else { return }
      do {
        _ = try rawStatus(place, follows: true)
        return
      } catch {
        throw FileSystemError(action, path, error.code == ENOENT ? .danglingLink(place) : .system(code: error.code))
      }
    }
  }

  /// The names in a folder, in no order.
  static func rawList(_ folder: String) throws -> [String] {
    do {
      var opened: OpaquePointer?
      try SystemCall.list.perform(folder) { () -> Int32 in
        opened = folder.withSystemPath { opendir($0) }
        return opened == nil ? -1 : 0
      }
      guard let stream = opened else { return [] }
      defer { closedir(stream) }
      var names: [String] = []
      while true {
        var found: String?
        try SystemCall.list.perform(folder) { () -> Int32 in
          errno = 0
          guard let entry = readdir(stream) else { return errno == 0 ? 0 : -1 }
          found = withUnsafeBytes(of: &entry.pointee.d_name) { String(systemBytes: $0.prefix { $0 != 0 }) }
          return 0
        }
        guard let name = found else { return names }
        if name != "." && name != ".." { names.append(name) }
      }
    } catch {
      throw FileSystemError(.list, folder, code: error.code)
    }
  }

  // MARK: Paths

  /// The folder that `path` is in; empty where none is named.
  public static func parent(of path: String) -> String {
    let (folder, _) = split(path)
    return folder ?? ""
  }

  /// A path's last name and the folder before it, nil where none is named.
  static func split(_ path: String) -> (folder: String?, name: String) {
    var path = path.utf8[...]
    while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return (nil, String(Substring(path))) }
    var folder = path[..<slash]
    while folder.last == UInt8(ascii: "/") { folder.removeLast() }
    return (folder.isEmpty ? "/" : String(Substring(folder)), String(Substring(path[path.index(after: slash)...])))
  }
}
