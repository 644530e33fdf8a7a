import Files
import Foundation
import SystemText

/// Reads the records of a log file one after the other, also while a writer appends to it.
///
/// A frame that is not wholly there yet is the end for now: the next call looks again from the frame's start.
final class FrameReader {
  let path: String
  /// Where the next frame begins.
  private(set) var offset: Int
  /// Where the frame that was looked at last ends, as far as its header can be believed.
  private(set) var examinedEnd: Int

  private let framing: Framing
  private let descriptor: Int32
  let identity: FileSystem.Identity
  /// File bytes from `offset` on lie at `begin..<end`.
  private var buffer: UnsafeMutableRawBufferPointer
  private var begin = 0
  private var end = 0

  /// - Throws: `ScalarLogError` when the file cannot be opened or is not a regular one.
  init(_ path: String, _ framing: Framing, from offset: Int = 0) throws {
    descriptor = path.withSystemPath { path in
      while true {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor >= 0 || errno != EINTR { return descriptor }
      }
    }
    guard descriptor >= 0 else { throw ScalarLogError(path, .system(.open, code: errno)) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ScalarLogError(path, .notAFile)
    }
    self.path = path
    self.framing = framing
    self.offset = offset
    examinedEnd = offset
    identity = FileSystem.Identity(status)
    buffer = .allocate(byteCount: 1 << 18, alignment: 16)
  }

  deinit {
    buffer.deallocate()
    close(descriptor)
  }

  /// What lies at `offset`.
  enum Frame {
    case record([UInt8])
    /// A whole frame whose record is not what was written. `skip` passes it.
    case damaged
    /// Bytes that cannot be a frame's beginning.
    case unreadable(reason: String)
    /// No further frame is wholly there.
    case end
  }

  /// The next record, or nil when no further one is wholly there.
  ///
  /// - Throws: `ScalarLogError`: `corrupt` at a frame that cannot be one (calling again throws again), `rewritten` as `frame` does.
  func next() throws -> [UInt8]? {
    switch try frame() {
    case .record(let record): return record
    case .damaged: throw corrupt(Self.wrongRecord)
    case .unreadable(let reason): throw corrupt(reason)
    case .end: return nil
    }
  }

  static let wrongRecord = "the checksum of a record is wrong"

  /// Reads the frame at `offset` and moves on if it is a record.
  ///
  /// - Throws: `ScalarLogError`: `rewritten` when the file was cut, replaced or removed since; a file that was cut and has grown past
  ///   `offset` again may show as damaged or, where the same records were written again, as neither.
  func frame() throws -> Frame {
    while true {
      let available = UnsafeRawBufferPointer(rebasing: buffer[begin..<end])
      var needed = framing.headerLength
      if available.count >= needed {
        examinedEnd = offset
        guard let length = framing.recordLength(header: available) else {
          return .unreadable(
            reason: framing == .plain ? "a record cannot have the length given there" : "the checksum of a record's length is wrong")
        }
        needed += length + framing.trailerLength
        if available.count >= needed {
          examinedEnd = offset + needed
          let frame = UnsafeRawBufferPointer(rebasing: available[..<needed])
          guard framing.isIntact(frame: frame) else { return .damaged }
          begin += needed
          offset += needed
          return .record([UInt8](frame[framing.headerLength..<framing.headerLength + length]))
        }
      }
      guard try fill(needed: needed) else {
        // What lies in the buffer may be a torn frame that a resumed run replaces: read it anew next time.
        begin = 0
        end = 0
        return .end
      }
    }
  }

  /// Passes the damaged frame that was looked at last.
  func skip() {
    begin += examinedEnd - offset
    offset = examinedEnd
  }

  /// Goes back to a frame that was read and turns out not to be one.
  func retreat(to offset: Int) {
    self.offset = offset
    begin = 0
    end = 0
  }

  /// The bytes at `range` of the file; fewer where it ends before.
  func bytes(_ range: Range<Int>) throws -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 16)
    defer { buffer.deallocate() }
    var count = 0
    while count < range.count {
      let more = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), at: range.lowerBound + count)
      if more == 0 { break }
      count += more
    }
    return [UInt8](buffer[..<count])
  }

  func corrupt(_ reason: String, at offset: Int? = nil) -> ScalarLogError {
    ScalarLogError(path, .corrupt(offset: offset ?? self.offset, reason: reason))
  }

  /// Whether nothing but zeros follows the frame that was looked at last. Ends the reader's use.
  func onlyZerosFollow() throws -> Bool {
    var position = examinedEnd
    while true {
      let count = try read(buffer, at: position)
      if count == 0 { return true }
      if buffer[..<count].contains(where: { $0 != 0 }) { return false }
      position += count
    }
  }

  /// Makes at least one more byte available; false when the file has not `needed` bytes from `offset` on.
  private func fill(needed: Int) throws -> Bool {
    guard try length() - offset >= needed else { return false }
    if begin > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[begin..<end]))
      (begin, end) = (0, end - begin)
    }
    if needed > buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: needed, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<end]))
      buffer.deallocate()
      buffer = larger
    }
    let count = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[end...]), at: offset + end)
    end += count
    return count > 0
  }

  /// The file's length now, which must not lie before `offset`.
  private func length() throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ScalarLogError(path, .system(.read, code: errno)) }
    let length = Int(status.st_size)
    var named = stat()
    let isThere = path.withSystemPath { stat($0, &named) } == 0 && FileSystem.Identity(named) == identity
    guard isThere && length >= offset else { throw ScalarLogError(path, .rewritten) }
    return length
  }

  private func read(_ destination: UnsafeMutableRawBufferPointer, at position: Int) throws -> Int {
    while true {
      let count = pread(descriptor, destination.baseAddress, destination.count, off_t(position))
      if count >= 0 { return count }
      guard errno == EINTR else { throw ScalarLogError(path, .system(.read, code: errno)) }
    }
  }
}
