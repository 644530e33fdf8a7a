import Files
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
  package var descriptor: Int32 { file.descriptor }
  private let file: OpenFile
  private let systemWrite: SystemWrite
  /// Whether a part of a frame lies behind the last whole one because taking it back failed too.
  private var isTorn = false

  /// Opens an existing file.
  ///
  /// - Parameters:
  ///   - length: where its last whole frame ends; what lies behind is cut off.
  ///   - creating: make the file, which must not exist yet.
  package init(_ path: String, length: Int, creating: Bool = false, systemWrite: @escaping SystemWrite = { write($0, $1, $2) }) throws {
    do {
      file = try OpenFile(path, creating ? .creating : .appendingOnly)
    } catch let error as FileSystemError {
      throw ScalarLogError(path, error)
    }
    self.path = path
    self.length = length
    self.systemWrite = systemWrite
    try cut(to: length)
    if creating { try Self.flushFolder(of: path) }
  }

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
      let written = frame.withUnsafeBytes { systemWrite(file.descriptor, $0.baseAddress! + done, $0.count - done) }
      if written > 0 {
        done += written
      } else if written == 0 || errno != EINTR {
        let code = written == 0 ? ENOSPC : errno
        if done > 0 { isTorn = !takesBack() }
        throw ScalarLogError(path, .system(.write, code: code))
      }
    }
    length += frame.count
  }

  /// Cuts the file to `length` bytes, the end of a whole frame.
  package func cut(to length: Int) throws {
    do {
      if try file.status().byteCount > length { try file.truncate(to: length) }
    } catch let error as FileSystemError {
      throw ScalarLogError(path, .system(.cut, code: error.code))
    }
    self.length = length
  }

  /// Removes what was written of a frame; a failure is made good before the next frame.
  private func takesBack() -> Bool {
    do {
      try cut(to: length)
      return true
    } catch {
      return false
    }
  }

  /// Returns when every frame is on the disk.
  package func synchronize() throws {
    do { try file.flush() } catch let error as FileSystemError { throw ScalarLogError(path, error) }
  }

  /// Returns when the entries of the folder of `path` are on the disk.
  static func flushFolder(of path: String) throws {
    let folder = FileSystem.parent(of: path)
    do {
      try FileSystem.flushFolder(folder.isEmpty ? "." : folder, reportedAs: path)
    } catch let error as FileSystemError {
      throw ScalarLogError(path, error)
    }
  }
}
