import Files
import Foundation

/// A log that cannot be written or read: which file, what is wrong and what helps.
public struct ScalarLogError: Error, Equatable, Sendable, CustomStringConvertible {
  public let file: String
  public let problem: Problem

  public init(_ file: String, _ problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// - Parameter file: the log's own name.
  init(_ file: String, _ error: FileSystemError) {
    self.init(file, error.problem.isNotAFile ? .notAFile : .system(Action(error.action), code: error.code))
  }

  public enum Problem: Equatable, Sendable {
    /// A system call failed with `code` (`errno`).
    case system(Action, code: Int32)
    case notAFile
    /// A record that no writer leaves, not even one that was killed; `offset` is where its frame begins.
    case corrupt(offset: Int, reason: String)
    /// The file that is being read was cut, replaced or removed.
    case rewritten
    /// A file with a log's name that is not read.
    case ignored(String)
    /// A damaged record among others; the file is read on after it.
    case skipped(offset: Int, reason: String)
    /// Bytes that are no record; the file is read on from there when they change.
    case stopped(offset: Int, reason: String)
    /// The files of a log are gone; what was read of them is kept.
    case gone
    case forbiddenTag(String, reason: String)
    case stepNotIncreasing(tag: String, step: Int, last: Int)
  }

  public enum Action: String, Sendable {
    case open, read, write, cut, rename, create, list, remove
    case flush = "flush to disk"

    init(_ action: FileSystemError.Action) {
      self =
        switch action {
        case .open: .open
        case .read: .read
        case .write: .write
        case .rename: .rename
        case .remove: .remove
        case .list: .list
        case .flush: .flush
        case .create, .link: .create
        }
    }
  }

  public var description: String {
    switch problem {
    case .system(let action, let code):
      "cannot \(action.rawValue) \(file): \(String(cString: strerror(code)))" + (Self.cure(code).map { "; " + $0 } ?? "")
    case .notAFile: "\(file) is not a regular file; move it away or choose another folder for the log"
    case .corrupt(let offset, let reason):
      "\(file) is damaged at byte \(offset): \(reason); the records before that byte are intact; move the file away to continue without it"
    case .rewritten: "\(file) was cut, replaced or removed while it was being read; read it again from its start"
    case .ignored(let reason): "\(file) is ignored: \(reason)"
    case .skipped(let offset, let reason): "the record at byte \(offset) of \(file) is skipped: \(reason); the records after it are read"
    case .stopped(let offset, let reason):
      "\(file) is read up to byte \(offset) only: \(reason); other files are read, and this one is read on when those bytes change"
    case .gone: "the files of \(file) are gone; the values that were read of them stay"
    case .forbiddenTag(let tag, let reason): "the tag \"\(tag)\" cannot be logged to \(file): \(reason)"
    case .stepNotIncreasing(let tag, let step, let last):
      "\(file) holds \"\(tag)\" up to step \(last) already, so step \(step) cannot follow; cut the log first or choose another folder"
    }
  }

  private static func cure(_ code: Int32) -> String? {
    switch code {
    case ENOSPC, EDQUOT: "free some space on that disk or choose a folder on another one"
    case EFBIG: "this process may write no larger files: raise the limit with `ulimit -f`, or choose a disk whose files may be larger"
    case EROFS: "that file system is read-only: choose a folder on another one"
    case EACCES, EPERM: "check the permissions of the file and of its folder, or choose another folder"
    case ENOENT, ENOTDIR: "check the path: every folder on the way must exist"
    case EMFILE, ENFILE: "too many files are open: raise the limit with `ulimit -n`"
    case EIO: "the disk reports an error: check it before going on"
    default: nil
    }
  }
}

extension FileSystemError.Problem {
  fileprivate var isNotAFile: Bool { if case .notAFile = self { true } else { false } }
}
