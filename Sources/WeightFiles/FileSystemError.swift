import Foundation

/// A system call on a file failed; says which file, what was being done to it, why it failed and what helps.
public struct FileSystemError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Action: String, Sendable {
    case open, read, write, rename, remove, list
    case flush = "flush to disk"
    case create
    case link = "make the symbolic link"
  }

  /// The file as the user knows it: the final name, never a temporary one.
  public let path: String
  public let action: Action
  /// The `errno` of the failed call.
  public let code: Int32

  public init(_ action: Action, _ path: String, code: Int32) {
    self.path = path
    self.action = action
    self.code = code
  }

  public var description: String {
    let reason = String(cString: strerror(code))
    return "cannot \(action.rawValue) \(path): \(reason)" + (cure.map { "; " + $0 } ?? "")
  }

  /// What the user can do about it, where that is known.
  private var cure: String? {
    switch code {
    case ENOSPC, EDQUOT, EFBIG: "free some space on that disk or choose a folder on another one"
    case EROFS: "that file system is read-only: choose a folder on another one"
    case EACCES, EPERM: "check the permissions of the file and of its folder, or choose another folder"
    case ENOENT, ENOTDIR: "check the path: every folder on the way must exist"
    case EISDIR: "a folder has that name: choose another name"
    case EEXIST, ENOTEMPTY: "something of that name is already there: move it away or choose another name"
    case ELOOP: "its symbolic links lead in a circle: remove them"
    case ENAMETOOLONG: "choose a shorter name"
    case EMFILE, ENFILE: "too many files are open: raise the limit with `ulimit -n`"
    case EIO: "the disk reports an error: check it before going on"
    default: nil
    }
  }
}
