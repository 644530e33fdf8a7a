import Files
import Foundation
import Names
import SystemText

/// Reads one file of a log in portions. Between two portions the file is closed.
///
/// A damaged record costs itself alone where the format tells where the next one begins; else the file is read up to the damage and
/// tried again with each portion, as a network's file system may show zeros before it shows the data.
struct FileCursor {
  let path: String
  /// Its name within the log's folder.
  let name: Name
  let number: Int
  let format: LogFormat

  /// Records that were read and not yet taken, the next one last.
  private var waiting: [(record: ScalarRecord, offset: Int)] = []
  /// Whether the last portion went up to what can be read for now.
  private(set) var isAtEnd = false
  /// The time of the record taken last, as far as times tell: never falling.
  private(set) var clock = -Double.infinity
  /// The highest step among the records taken.
  var highestStep: Int?
  /// Where sessions start in the file, as far as read, and at which step: both rising, as a later start at a lower step covers
  /// the earlier one.
  private(set) var starts: [(offset: Int, step: Int)] = []

  /// Where the next frame begins.
  private var offset = 0
  /// The last bytes before `offset`: a file that was cut and has grown again has others there.
  private var tail: [UInt8] = []
  private var identity: FileSystem.Identity?
  private var version: Version?
  /// Damaged frames that were passed.
  private var holes: [Range<Int>] = []
  /// Where the file cannot be read any further.
  private var obstacle: Int?
  private var reported: Set<Int> = []
  private var lastFailure: ScalarLogError?
  private var knowsVersion = false
  private var lastStep = Int.min

  /// What changes when a file does.
  private struct Version: Equatable {
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  private static let tailLength = 64
  private static let mostHoles = 1000

  init(_ folder: String, _ name: Name, number: Int, format: LogFormat) {
    self.init(at: folder + "/" + name.text, name, number, format)
  }

  private init(at path: String, _ name: Name, _ number: Int, _ format: LogFormat) {
    self.path = path
    self.name = name
    self.number = number
    self.format = format
  }

  // MARK: Records

  var isEmpty: Bool { waiting.isEmpty }

  /// When the next record was written, not before the one that was taken last.
  var nextTime: Double { waiting.last.map { $0.record.wallTime > clock ? $0.record.wallTime : clock } ?? clock }

  mutating func take() -> (record: ScalarRecord, offset: Int)? {
    clock = nextTime
    return waiting.popLast()
  }

  /// The same file from its start. What is known of sessions and was reported stays so.
  mutating func rewind() {
    var fresh = FileCursor(at: path, name, number, format)
    (fresh.starts, fresh.reported, fresh.lastFailure) = (starts, reported, lastFailure)
    self = fresh
  }

  /// Whether a session that starts after `offset` in this file voids a record of `step`.
  func voids(_ step: Int, at offset: Int) -> Bool {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = low + (high - low) / 2
      if starts[middle].offset > offset { high = middle } else { low = middle + 1 }
    }
    return low < starts.count && starts[low].step <= step
  }

  // MARK: Reading

  /// Reads further records when none are waiting.
  ///
  /// - Parameters:
  ///   - count: stop after so many.
  ///   - bytes: stop after so many.
  /// - Returns: what is wrong and was not reported before.
  /// - Throws: `ScalarLogError`, only `rewritten`: begin anew.
  mutating func fill(count: Int, bytes: Int) throws -> [ScalarLogError] {
    guard waiting.isEmpty else { return [] }
    var problems: [ScalarLogError] = []
    do {
      let now = try look()
      if isAtEnd && obstacle == nil && now == version { return [] }
      let reader = try FrameReader(path, format.framing, from: offset)
      try check(reader)
      let isChanged = now != version
      version = now
      var found: [(ScalarRecord, Int)] = []
      if isChanged { found += try refill(reader) }
      isAtEnd = false
      while found.count < count && reader.offset - offset < bytes && !isAtEnd {
        try readFrame(reader, &found, &problems)
      }
      offset = reader.offset
      tail = try reader.bytes(max(0, offset - Self.tailLength)..<offset)
      waiting = found.reversed()
      lastFailure = nil
    } catch let error as ScalarLogError where error.problem != .rewritten {
      isAtEnd = true
      // The failure may pass while the file stays as it is: the next look reads again.
      version = nil
      if lastFailure != error { problems.append(error) }
      lastFailure = error
    }
    return problems
  }

  private mutating func readFrame(_ reader: FrameReader, _ found: inout [(ScalarRecord, Int)], _ problems: inout [ScalarLogError]) throws {
    let start = reader.offset
    func problem(_ problem: ScalarLogError.Problem) {
      if reported.insert(start).inserted { problems.append(ScalarLogError(path, problem)) }
    }
    switch try reader.frame() {
    case .record(let record):
      obstacle = nil
      do {
        found += try values(of: record, at: start)
      } catch {
        // The contents are whole, as the checksum tells, or, without one, the length before them may be wrong.
        if format.framing == .checksummed {
          problem(.skipped(offset: start, reason: "its contents cannot be read"))
        } else {
          reader.retreat(to: start)
          obstacle = start
          isAtEnd = true
          problem(.stopped(offset: start, reason: "the contents of a record cannot be read"))
        }
      }
    case .damaged:
      obstacle = nil
      reader.skip()
      if holes.count < Self.mostHoles { holes.append(start..<reader.offset) }
      problem(.skipped(offset: start, reason: FrameReader.wrongRecord))
    case .unreadable(let reason):
      isAtEnd = true
      guard obstacle != start || !reported.contains(start) else { return }
      obstacle = start
      problem(.stopped(offset: start, reason: try reader.onlyZerosFollow() ? "only zeros follow" : reason))
    case .end:
      obstacle = nil
      isAtEnd = true
    }
  }

  /// The values of a record, with what they mean for those before.
  private mutating func values(of bytes: [UInt8], at start: Int) throws -> [(ScalarRecord, Int)] {
    let contents = try format.contents(of: bytes)
    if let version = contents.fileVersion, version >= 2 { knowsVersion = true }
    if let step = contents.sessionStart { note(start: step, at: start) }
    // TensorBoard's rule for files of writers from before sessions were logged.
    let isRestart = format == .tensorBoard && !knowsVersion && contents.step < lastStep && !contents.scalars.isEmpty
    if !isRestart { lastStep = contents.step }
    return contents.scalars.map { scalar in
      var scalar = scalar
      scalar.file = number
      scalar.isRestart = isRestart
      return (scalar, start)
    }
  }

  private mutating func note(start step: Int, at offset: Int) {
    guard offset > starts.last?.offset ?? -1 else { return }
    while let last = starts.last, last.step >= step { starts.removeLast() }
    starts.append((offset, step))
  }

  /// Frames that were damaged and are whole now.
  private mutating func refill(_ reader: FrameReader) throws -> [(ScalarRecord, Int)] {
    var found: [(ScalarRecord, Int)] = []
    var left: [Range<Int>] = []
    for hole in holes {
      let bytes = try reader.bytes(hole)
      let isWhole =
        bytes.count == hole.count
        && bytes.withUnsafeBytes { frame in
          format.framing.recordLength(header: frame) == hole.count - format.framing.headerLength - format.framing.trailerLength
            && format.framing.isIntact(frame: frame)
        }
      guard isWhole else {
        left.append(hole)
        continue
      }
      let record = Array(bytes[format.framing.headerLength..<bytes.count - format.framing.trailerLength])
      // Whole and still not to be read: it was reported as damaged, and stays so.
      if let values = try? values(of: record, at: hole.lowerBound) { found += values }
    }
    holes = left
    return found
  }

  // MARK: The file

  /// - Throws: `rewritten` for another file under the name or a shorter one; `system` where the file cannot be examined.
  private mutating func look() throws -> Version {
    var status = stat()
    guard path.withSystemPath({ stat($0, &status) }) == 0 else { throw ScalarLogError(path, .system(.open, code: errno)) }
    if let identity, identity != FileSystem.Identity(status) { throw ScalarLogError(path, .rewritten) }
    if Int(status.st_size) < offset { throw ScalarLogError(path, .rewritten) }
    identity = FileSystem.Identity(status)
    return Version(size: Int64(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }

  /// - Throws: `rewritten` where the bytes before `offset` are no longer those that were read.
  private func check(_ reader: FrameReader) throws {
    let isSame = try reader.identity == identity && reader.bytes(offset - tail.count..<offset) == tail
    if !isSame { throw ScalarLogError(path, .rewritten) }
  }
}
