import Glibc
import SystemText

/// A regular file that is open; closed with its last reference.
///
/// A pipe, a socket or a device that has the file's name is an error: opening one could wait for its other end for ever, or do
/// something to a machine. What `close` reports is ignored: on Linux the descriptor is gone whatever it reports, and whatever
/// must be on the disk was flushed before.
public final class OpenFile: Sendable {
  public let path: String
  package let descriptor: Int32

  public enum Mode: Sendable {
    case reading
    /// Makes the file if it is missing.
    case appending
    case appendingOnly
    /// Makes the file, which must not exist yet, to be appended to.
    case creating
    /// Makes the file if it is missing.
    case readingAndWriting

    fileprivate var flags: Int32 {
      switch self {
      case .reading: O_RDONLY
      case .appending: O_WRONLY | O_APPEND | O_CREAT
      case .appendingOnly: O_WRONLY | O_APPEND
      case .creating: O_WRONLY | O_APPEND | O_CREAT | O_EXCL
      case .readingAndWriting: O_RDWR | O_CREAT
      }
    }

    fileprivate var action: FileSystemError.Action {
      switch self {
      case .reading, .appendingOnly: .open
      case .appending, .readingAndWriting: .write
      case .creating: .create
      }
    }
  }

  /// - Throws: `FileSystemError`
  public init(_ path: String, _ mode: Mode) throws {
    do {
      // Examined before it is opened, as opening alone can do something to a device, and again once it is open, as it may
      // have been replaced in between.
      do {
        let kind = try FileSystem.rawStatus(path, follows: true).kind
        guard kind == .file else { throw FileSystemError(mode.action, path, .notAFile(kind)) }
      } catch let failure as SystemCall.Failure where failure.code == ENOENT {}
      let descriptor = try SystemCall.open.perform(path) {
        path.withSystemPath { open($0, mode.flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o666) }
      }
      do {
        let kind = try Self.status(descriptor, path).kind
        guard kind == .file else { throw FileSystemError(mode.action, path, .notAFile(kind)) }
      } catch {
        close(descriptor)
        throw error
      }
      self.path = path
      self.descriptor = descriptor
    } catch let failure as SystemCall.Failure {
      throw FileSystemError(mode.action, path, code: failure.code)
    }
  }

  deinit { close(descriptor) }

  private static func status(_ descriptor: Int32, _ path: String) throws(SystemCall.Failure) -> FileSystem.Status {
    var status = stat()
    try SystemCall.status.perform(path) { fstat(descriptor, &status) }
    return FileSystem.Status(status)
  }

  /// - Throws: `FileSystemError`
  public func status() throws -> FileSystem.Status {
    do { return try Self.status(descriptor, path) } catch { throw FileSystemError(.read, path, code: error.code) }
  }

  /// Reads at most `destination.count` bytes from `offset` on.
  ///
  /// - Returns: how many; 0 at the file's end.
  /// - Throws: `FileSystemError`
  public func read(into destination: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    do {
      // Linux reads at most 2 GiB at a time.
      return try SystemCall.read.perform(path) { () -> Int in
        pread(descriptor, destination.baseAddress, min(destination.count, 1 << 30), off_t(offset))
      }
    } catch {
      throw FileSystemError(.read, path, code: error.code)
    }
  }

  /// Reads the bytes from `offset` to the file's end.
  ///
  /// - Parameter limit: most bytes to read.
  /// - Throws: `FileSystemError`, `tooLarge` where there are more.
  public func bytes(from offset: Int = 0, atMost limit: Int) throws -> [UInt8] {
    guard try status().byteCount - offset <= limit else { throw FileSystemError(.read, path, .tooLarge(limit: limit)) }
    var result: [UInt8] = []
    try forEachPiece(from: offset) { piece in
      result += piece
      // It may grow while it is read.
      guard result.count <= limit else { throw FileSystemError(.read, path, .tooLarge(limit: limit)) }
    }
    return result
  }

  /// Calls `body` with the file's bytes, a piece at a time.
  public func forEachPiece(from offset: Int = 0, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    var offset = offset
    while true {
      let count = try read(into: buffer, at: offset)
      if count == 0 { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += count
    }
  }

  /// Writes all of `bytes` where the file's position is: at the end of one that is appended to.
  ///
  /// - Throws: `FileSystemError`
  public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try DurableFile.writeAll($0, to: descriptor, path) } }

  /// Returns when all that was written is on the disk, or as near to it as a file system without a flush brings it.
  ///
  /// - Throws: `FileSystemError`
  public func flush() throws {
    do {
      try SystemCall.flush.perform(path) { fsync(descriptor) }
    } catch  where error.code == EINVAL || error.code == ENOTSUP {
    } catch {
      throw FileSystemError(.flush, path, code: error.code)
    }
  }

  /// Cuts the file to `length` bytes.
  ///
  /// - Throws: `FileSystemError`
  public func truncate(to length: Int) throws {
    do {
      try SystemCall.truncate.perform(path) { ftruncate(descriptor, off_t(length)) }
    } catch {
      throw FileSystemError(.write, path, code: error.code)
    }
  }
}

extension FileSystem {
  /// The whole of a regular file.
  ///
  /// - Parameter limit: most bytes that are read.
  /// - Returns: nil if nothing has the name.
  /// - Throws: `FileSystemError`
  public static func read(_ path: String, atMost limit: Int) throws -> [UInt8]? {
    guard try status(path) != nil else { return nil }
    return try OpenFile(path, .reading).bytes(atMost: limit)
  }
}
