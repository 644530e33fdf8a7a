import Files
import Foundation
import Names
import SwiftProtobuf

/// The part of a log writer that the two formats share: one file, opened after a crash or anew, appended to and cut.
final class LogAppender {
  let format: LogFormat
  private(set) var file: LogFile
  /// The last step of each curve.
  private(set) var lastSteps: [Name: Int] = [:]
  /// Records of each curve.
  private(set) var recordCounts: [Name: Int] = [:]
  /// Whether the file holds no record yet.
  var isEmpty: Bool { file.length == 0 }
  var path: String { file.path }
  var descriptor: Int32 { file.descriptor }

  /// Makes a new file.
  init(creating path: String, _ format: LogFormat) throws {
    self.format = format
    file = try LogFile(path, length: 0, creating: true)
  }

  /// Opens an existing file and drops what a killed writer left of its last record.
  ///
  /// A last record that is damaged is dropped too, and zeros behind the last record: a loss of power leaves such ends.
  ///
  /// - Throws: `ScalarLogError.corrupt` when the file is damaged elsewhere: cutting there could cost records that are sound.
  init(reopening path: String, _ format: LogFormat) throws {
    self.format = format
    let reader = try FrameReader(path, format.framing)
    var lastSteps: [Name: Int] = [:]
    var counts: [Name: Int] = [:]
    let length: Int
    do {
      try Self.forEachRecord(of: reader) { record, _ in
        for scalar in try format.scalars(in: record) {
          let tag = Name(scalar.tag)
          lastSteps[tag] = max(scalar.step, lastSteps[tag] ?? .min)
          counts[tag, default: 0] += 1
        }
      }
      length = reader.offset
    } catch let error as ScalarLogError {
      guard case .corrupt(let offset, _) = error.problem, try reader.onlyZerosFollow() else { throw error }
      length = offset
    }
    self.lastSteps = lastSteps
    recordCounts = counts
    file = try LogFile(path, length: length)
  }

  func append(_ message: some Message) throws {
    let record: [UInt8]
    do {
      record = try message.serializedBytes()
    } catch {
      preconditionFailure("a record of our own making cannot be serialised: \(error)")
    }
    try file.append(format.framing.frame(record))
  }

  /// Appends the next value of a curve.
  func append(_ message: some Message, tag: String, step: Int) throws {
    if let last = lastSteps[Name(tag)], step <= last { throw ScalarLogError(path, .stepNotIncreasing(tag: tag, step: step, last: last)) }
    try append(message)
    lastSteps[Name(tag)] = step
    recordCounts[Name(tag), default: 0] += 1
  }

  /// Removes the records that `keep` declines, durably: a crash leaves the old records or the new ones.
  func cut(keeping keep: (_ tag: String, _ step: Int) -> Bool) throws {
    let reader = try FrameReader(path, format.framing)
    var firstCut: Int?
    var isSuffix = true
    var keptSteps: [Name: Int] = [:]
    var keptCounts: [Name: Int] = [:]
    try Self.forEachRecord(of: reader) { record, start in
      switch try format.filter(record, keeping: keep) {
      case .whole: isSuffix = isSuffix && firstCut == nil
      case .part:
        isSuffix = false
        firstCut = firstCut ?? start
      case .nothing: firstCut = firstCut ?? start
      }
      for scalar in try format.scalars(in: record) where keep(scalar.tag, scalar.step) {
        let tag = Name(scalar.tag)
        keptSteps[tag] = max(scalar.step, keptSteps[tag] ?? .min)
        keptCounts[tag, default: 0] += 1
      }
    }
    guard let firstCut else { return }
    if isSuffix {
      try file.cut(to: firstCut)
      try file.synchronize()
    } else {
      try rewrite(keeping: keep)
    }
    lastSteps = keptSteps
    recordCounts = keptCounts
  }

  func synchronize() throws { try file.synchronize() }

  /// Writes what is kept to a file beside this one and renames it over this one.
  private func rewrite(keeping keep: (String, Int) -> Bool) throws {
    // Readers take a file for a log by what its name contains, so the temporary's must not contain it. A leftover of a
    // killed writer is in nobody's way: one process writes to a log's folder.
    let temporary = FileSystem.parent(of: path) + "/.cut.partial"
    do {
      try FileSystem.removeFile(temporary)
      let output = try LogFile(temporary, length: 0, creating: true)
      var pending: [UInt8] = []
      try Self.forEachRecord(of: FrameReader(path, format.framing)) { record, _ in
        switch try format.filter(record, keeping: keep) {
        case .whole: pending += format.framing.frame(record)
        case .part(let rest): pending += format.framing.frame(rest)
        case .nothing: break
        }
        if pending.count > 1 << 20 {
          try output.append(pending)
          pending.removeAll(keepingCapacity: true)
        }
      }
      try output.append(pending)
      try output.synchronize()
      try FileSystem.rename(temporary, to: path)
      file = try LogFile(path, length: output.length)
    } catch {
      DurableFile.discard(temporary)
      if let error = error as? ScalarLogError, error.file == temporary { throw ScalarLogError(path, error.problem) }
      if let error = error as? FileSystemError { throw ScalarLogError(path, error) }
      throw error
    }
    try LogFile.flushFolder(of: path)
  }

  /// Calls `body` with every whole record and its offset; a record that is no message is a corrupt one.
  private static func forEachRecord(of reader: FrameReader, _ body: ([UInt8], Int) throws -> Void) throws {
    while true {
      let start = reader.offset
      guard let record = try reader.next() else { return }
      do {
        try body(record, start)
      } catch let error as ScalarLogError {
        throw error
      } catch {
        throw reader.corrupt("a record's contents cannot be read", at: start)
      }
    }
  }
}
