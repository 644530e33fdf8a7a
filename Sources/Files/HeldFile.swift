import Foundation
import SystemText

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
    let now = FileSystem.Lookup(path)
    if case .unknown = now { return true }
    return now == FileSystem.Lookup(descriptor: descriptor)
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
