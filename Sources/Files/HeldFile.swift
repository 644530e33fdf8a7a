import Foundation
import SystemText

/// What a path leads to, or why that is unknown: absence and failure are different answers.
package enum FileIdentity: Equatable, Sendable {
  case file(device: UInt, node: UInt)
  case missing
  case unknown(code: Int32)

  package init(_ path: String) {
    var status = stat()
    while path.withSystemPath({ stat($0, &status) }) != 0 {
      if errno == EINTR { continue }
      self = errno == ENOENT || errno == ENOTDIR ? .missing : .unknown(code: errno)
      return
    }
    self = .file(device: UInt(status.st_dev), node: UInt(status.st_ino))
  }

  package init(descriptor: Int32) {
    var status = stat()
    self =
      fstat(descriptor, &status) == 0 ? .file(device: UInt(status.st_dev), node: UInt(status.st_ino)) : .unknown(code: errno)
  }
}

/// An open file and the name that should lead to it.
///
/// A file that was removed, moved or replaced lives on while it is open: all that was written to it can be copied.
package struct HeldFile: Sendable {
  package let path: String
  private let descriptor: Int32

  package init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Whether the name still leads to the open file. A name that cannot be examined counts as in place: nothing is replaced on a
  /// failure, and the next look or the next write shows whether it lasts.
  package var isInPlace: Bool {
    let now = FileIdentity(path)
    if case .unknown = now { return true }
    return now == FileIdentity(descriptor: descriptor)
  }

  /// Writes all that the open file holds to `target`, durably; its folder must exist.
  ///
  /// - Throws: `FileSystemError`
  package func copy(to target: String) throws {
    // The descriptor itself may be open for writing only; the system opens the same file anew through its link.
    let link = "/proc/self/fd/\(descriptor)"
    let source = open(link, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw FileSystemError(.read, path, code: errno) }
    defer { close(source) }
    try DurableFile.write(target) { output in
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
      defer { buffer.deallocate() }
      while true {
        let count = read(source, buffer.baseAddress, buffer.count)
        if count == 0 { return }
        if count > 0 {
          try output.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } else if errno != EINTR {
          throw FileSystemError(.read, path, code: errno)
        }
      }
    }
  }

  /// Writes the file anew under its name and lets the descriptor lead there; its folder must exist.
  ///
  /// - Throws: `FileSystemError`; the descriptor is then as it was.
  package func restore() throws {
    try copy(to: path)
    let new = path.withSystemPath { open($0, O_WRONLY | O_APPEND | O_CLOEXEC) }
    guard new >= 0 else { throw FileSystemError(.open, path, code: errno) }
    defer { close(new) }
    while dup2(new, descriptor) < 0 {
      guard errno == EINTR || errno == EBUSY else { throw FileSystemError(.open, path, code: errno) }
    }
    // `dup2` gives the copy to programs that this one starts.
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw FileSystemError(.open, path, code: errno) }
  }
}
