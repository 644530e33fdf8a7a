import Foundation

/// A log file open for appending, whole frames only.
///
/// Each frame goes out in one write, so that a reader and a kill find it there or not there. A write that fails half-way
/// (a full disk) is taken back, so that the file stays readable and the next frame may go on where the last whole one ended.
package final class LogFile {
  /// `write(2)`, replaceable so that its failures can be tested.
  package typealias SystemWrite = (Int32, UnsafeRawPointer, Int) -> Int

  package let path: String
  /// Bytes of whole frames.
  package private(set) var length: Int
  package let descriptor: Int32
  private let systemWrite: SystemWrite
  /// Whether a part of a frame lies behind the last whole one because taking it back failed too.
  private var isTorn = false

  /// Opens an existing file.
  ///
  /// - Parameters:
  ///   - length: where its last whole frame ends; what lies behind is cut off.
  ///   - creating: make the file, which must not exist yet.
  package init(_ path: String, length: Int, creating: Bool = false, systemWrite: @escaping SystemWrite = { write($0, $1, $2) }) throws {
    descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | (creating ? O_CREAT | O_EXCL : 0), 0o666)
    guard descriptor >= 0 else { throw ScalarLogError(path, .system(creating ? .create : .open, code: errno)) }
    self.path = path
    self.length = length
    self.systemWrite = systemWrite
    try cut(to: length)
    if creating { try Self.flushFolder(of: path) }
  }

  deinit { close(descriptor) }

  /// Appends a frame.
  ///
  /// - Throws: `ScalarLogError`; the file then ends with the last whole frame.
  package func append(_ frame: [UInt8]) throws {
    if isTorn {
      try cut(to: length)
      isTorn = false
    }
    var done = 0
    while done < frame.count {
      let written = frame.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress! + done, $0.count - done) }
      if written > 0 {
        done += written
      } else if written == 0 || errno != EINTR {
        let code = written == 0 ? ENOSPC : errno
        if done > 0 { isTorn = ftruncate(descriptor, off_t(length)) != 0 }
        throw ScalarLogError(path, .system(.write, code: code))
      }
    }
    length += frame.count
  }

  /// Cuts the file to `length` bytes, the end of a whole frame.
  package func cut(to length: Int) throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ScalarLogError(path, .system(.cut, code: errno)) }
    if Int(status.st_size) > length {
      while ftruncate(descriptor, off_t(length)) != 0 {
        guard errno == EINTR else { throw ScalarLogError(path, .system(.cut, code: errno)) }
      }
    }
    self.length = length
  }

  /// Returns when every frame is on the disk.
  package func synchronize() throws { try Self.flush(descriptor, reportedAs: path) }

  /// Returns when the entries of the folder of `path` are on the disk.
  static func flushFolder(of path: String) throws {
    let folder = path.lastIndex(of: "/").map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ScalarLogError(path, .system(.flush, code: errno)) }
    defer { close(descriptor) }
    try flush(descriptor, reportedAs: path)
  }

  private static func flush(_ descriptor: Int32, reportedAs path: String) throws {
    while fsync(descriptor) != 0 {
      // What cannot be flushed (some file systems' folders) is as durable as it will ever be.
      if errno == EINVAL || errno == ENOTSUP { return }
      guard errno == EINTR else { throw ScalarLogError(path, .system(.flush, code: errno)) }
    }
  }
}
