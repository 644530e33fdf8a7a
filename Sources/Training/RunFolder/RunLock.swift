import Files
import Glibc

/// Keeps a second writer out of a run folder, and shows that a writer lives.
///
/// The lock is an advisory lock on a file (an open file description's), which the kernel drops with the process however it
/// dies; the file itself stays after a kill and means nothing then. It holds the writer's process number. Such a lock can
/// be asked for without being taken, so that who only looks never keeps a writer out.
public final class RunLock: Sendable {
  private let file: OpenFile

  /// Takes the lock file at `path`.
  ///
  /// - Throws: `RunFolderError.inUse` when another process holds it, `FileSystemError` when it cannot be made.
  public init(taking path: String) throws {
    while true {
      let file = try OpenFile(path, .readingAndWriting)
      guard try Self.takes(file) else {
        throw RunFolderError.inUse(FileSystem.parent(of: path), process: try Self.writer(file))
      }
      // Its last holder may have removed the file between our opening and our locking it: then the lock is on nothing.
      guard try FileSystem.status(path)?.identity == file.status().identity else { continue }
      try file.truncate(to: 0)
      try file.write(Array("\(getpid())\n".utf8))
      self.file = file
      return
    }
  }

  /// The kernel drops the lock whether or not the file can be removed; one that stays means nothing. A file that took this one's
  /// place is another writer's lock.
  deinit { if isInPlace { DurableFile.discard(file.path) } }

  /// Whether the lock's path still leads to the locked file: false once it, or its folder, is removed, moved or replaced.
  /// A path that cannot be examined counts as in place.
  public var isInPlace: Bool { HeldFile(path: file.path, descriptor: file.descriptor).isInPlace }

  /// Whether some process holds the lock file at `path` now.
  ///
  /// - Throws: `FileSystemError` when that cannot be found out.
  public static func isHeld(_ path: String) throws -> Bool {
    guard try FileSystem.status(path) != nil else { return false }
    let file: OpenFile
    do {
      file = try OpenFile(path, .reading)
    } catch let error as FileSystemError where error.code == ENOENT {
      // Its holder ended and removed it since.
      return false
    }
    var lock = wholeFile(F_RDLCK)
    try call(file, getLock, &lock)
    return Int32(lock.l_type) != F_UNLCK
  }

  /// False when another process holds the lock.
  private static func takes(_ file: OpenFile) throws -> Bool {
    var lock = wholeFile(F_WRLCK)
    do {
      try call(file, setLock, &lock)
      return true
    } catch let error as FileSystemError where error.code == EAGAIN || error.code == EACCES {
      return false
    }
  }

  private static func call(_ file: OpenFile, _ command: Int32, _ lock: inout flock) throws {
    while fcntl(file.descriptor, command, &lock) != 0 {
      guard errno == EINTR else { throw FileSystemError(.write, file.path, code: errno) }
    }
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

  /// The process number in the file; nil where its writer has not come to that yet.
  private static func writer(_ file: OpenFile) throws -> Int32? {
    Int32(String(decoding: try file.bytes(atMost: 64), as: UTF8.self).filter { $0 != "\n" })
  }
}
