import Glibc

/// A file or folder that cannot be used as asked: which, what was being done to it, why that failed and what helps.
public struct FileSystemError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Action: String, Sendable {
    case open, read, write, rename, remove, list
    case flush = "flush to disk"
    case create
    case link = "make the symbolic link"
  }

  public enum Problem: Equatable, Sendable {
    /// A system call failed with `code` (`errno`).
    case system(code: Int32)
    /// Something other than a regular file has the name.
    case notAFile(FileSystem.Kind)
    /// A symbolic link that leads nowhere has the name, or a folder on the way is one.
    case danglingLink(String)
    /// The file is larger than anything that is written under its name.
    case tooLarge(limit: Int)
  }

  /// The file as the user knows it: the final name, never a temporary one.
  public let path: String
  public let action: Action
  public let problem: Problem

  public init(_ action: Action, _ path: String, _ problem: Problem) {
    self.path = path
    self.action = action
    self.problem = problem
  }

  /// - Parameter code: the `errno` of the failed call.
  public init(_ action: Action, _ path: String, code: Int32) { self.init(action, path, .system(code: code)) }

  /// The `errno` of the failed call, or the one that comes closest.
  public var code: Int32 {
    switch problem {
    case .system(let code): code
    case .notAFile(let kind): kind == .folder ? EISDIR : EINVAL
    case .danglingLink: ENOENT
    case .tooLarge: EFBIG
    }
  }

  public var description: String { "cannot \(action.rawValue) \(path): \(reason)" + (cure.map { "; " + $0 } ?? "") }

  /// Why it failed, without the file and the cure.
  public var reason: String {
    switch problem {
    case .system(let code): String(cString: strerror(code))
    case .notAFile(let kind): "it is \(kind.label), not a file"
    case .danglingLink(let link): "\(link == path ? "it" : link) is a link that leads nowhere"
    case .tooLarge(let limit): "it is larger than \(limit >> 20) MB, more than this program writes there"
    }
  }

  /// What the user can do about it, where that is known.
  private var cure: String? {
    switch problem {
    case .system(let code): Self.cure(code, action)
    case .notAFile: action == .open || action == .read ? "name a file, or move it away" : "move it away or choose another folder"
    case .danglingLink: "mount or restore what it led to, or remove the link"
    case .tooLarge: "move it away or restore the file from a copy"
    }
  }

  private static func cure(_ code: Int32, _ action: Action) -> String? {
    switch code {
    case ENOSPC, EDQUOT: "free some space on that disk or choose a folder on another one"
    case EFBIG: "this process may write no larger files: raise the limit with `ulimit -f`, or choose a disk whose files may be larger"
    case EROFS: "that file system is read-only: choose a folder on another one"
    case EACCES, EPERM: "check the permissions of the file and of its folder, or choose another folder"
    case ENOTDIR where action == .list: "a file has the name of that folder or of one above it: move the file away"
    case ENOENT, ENOTDIR: "check the path: every folder on the way must exist"
    case EISDIR: "a folder has that name: choose another name"
    case EEXIST, ENOTEMPTY: "something of that name is already there: move it away or choose another name"
    case ELOOP: "its symbolic links lead in a circle: remove them"
    case ENAMETOOLONG: "choose a shorter name"
    case EMFILE, ENFILE: "too many files are open: raise the limit with `ulimit -n`"
    case EIO: "the disk reports an error: check it, then run the same command again"
    default: nil
    }
  }
}
