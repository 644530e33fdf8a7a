import Glibc
import SystemText

extension FileSystem {
  /// What tells one file or folder from another, whatever name leads to it: the only such type of the program.
  public struct Identity: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64

    package init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
    }

    /// Of a folder in an archive that is read in place, by its number there; no disk has this device.
    package init(inArchive number: UInt64) {
      device = UInt64.max
      inode = number
    }
  }

  /// What a path leads to, links followed, or why that is unknown: absence and failure are different answers.
  ///
  /// Unlike `status`, which throws for it, a link that leads nowhere is missing here: what the question is about is another file.
  package enum Lookup: Equatable, Sendable {
    case found(Identity)
    case missing
    case unknown(code: Int32)

    package init(_ path: String) {
      var status = stat()
      while path.withSystemPath({ stat($0, &status) }) != 0 {
        if errno == EINTR { continue }
        self = errno == ENOENT || errno == ENOTDIR ? .missing : .unknown(code: errno)
        return
      }
      self = .found(Identity(status))
    }

    package init(descriptor: Int32) {
      var status = stat()
      self = fstat(descriptor, &status) == 0 ? .found(Identity(status)) : .unknown(code: errno)
    }

    /// nil where nothing was found, for whichever reason.
    package var identity: Identity? { if case .found(let identity) = self { identity } else { nil } }
  }
}
