import Foundation
import WeightFiles

/// Keeps a second writer out of a run folder, and shows that a writer lives.
///
/// The lock is an advisory lock on a file (an open file description's), which the kernel drops with the process however it
/// dies; the file itself stays after a kill and means nothing then. It holds the writer's process number. Such a lock can
/// be asked for without being taken, so that who only looks never keeps a writer out.
public final class RunLock: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock file at `path`.
  ///
  /// - Throws: `RunFolderError.inUse` when another process holds it, `FileSystemError` when it cannot be made.
  public init(taking path: String) throws {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw FileSystemError(.create, path, code: errno) }
      var lock = Self.wholeFile(F_WRLCK)
      guard fcntl(descriptor, Self.setLock, &lock) == 0 else {
        let code = errno
        close(descriptor)
        if code == EINTR { continue }
        guard code == EAGAIN || code == EACCES else { throw FileSystemError(.open, path, code: code) }
        throw RunFolderError.inUse((path as NSString).deletingLastPathComponent, process: Self.writer(path))
      }
      // Its last holder may have removed the file between our opening and our locking it: then the lock is on nothing.
      guard Self.identity(descriptor) == Self.identity(path) else {
        close(descriptor)
        continue
      }
      ftruncate(descriptor, 0)
      let text = Array("\(getpid())\n".utf8)
      _ = text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      self.path = path
      self.descriptor = descriptor
      return
    }
  }

  deinit {
    // A file that took this one's place is another writer's lock.
    if isInPlace { unlink(path) }
    close(descriptor)
  }

  /// Whether the lock's path still leads to the locked file: false once it, or its folder, is removed, moved or replaced.
  public var isInPlace: Bool { Self.identity(descriptor) == Self.identity(path) }

  /// Whether some process holds the lock file at `path` now.
  public static func isHeld(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var lock = wholeFile(F_RDLCK)
    return fcntl(descriptor, getLock, &lock) == 0 && Int32(lock.l_type) != F_UNLCK
  }

  // F_OFD_GETLK and F_OFD_SETLK, which Swift's Glibc does not import.
  private static let getLock: Int32 = 36
  private static let setLock: Int32 = 37

  private static func wholeFile(_ type: Int32) -> flock {
    var lock = flock()
    lock.l_type = Int16(type)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }

  private static func writer(_ path: String) -> Int32? {
    (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  private struct Identity: Equatable {
    let device: UInt
    let node: UInt
  }

  private static func identity(_ descriptor: Int32) -> Identity? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Identity(device: UInt(status.st_dev), node: UInt(status.st_ino)) : nil
  }

  private static func identity(_ path: String) -> Identity? {
    var status = stat()
    return stat(path, &status) == 0 ? Identity(device: UInt(status.st_dev), node: UInt(status.st_ino)) : nil
  }
}
