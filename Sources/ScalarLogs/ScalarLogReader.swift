import Foundation
import Names

/// A piece of a log.
public struct LogPortion: Sendable {
  /// Whether everything that was read before is void: a file was cut or replaced, or a session of TensorBoard starts further back.
  public var isRestart = false
  /// In the order of the writers' times; within a file in its own order.
  public var records: [ScalarRecord] = []
  /// What cannot be read, each reported once.
  public var problems: [ScalarLogError] = []
  /// Steps at which the log's sessions were resumed; nil if they are the same as before.
  public var resumedAt: [Int]?

  public init() {}
}

/// Reads the curves of a log, also while they are being written.
///
/// All files of the folder are read and followed, and files that appear later. Of TensorBoard's files that are intact the values are those
/// that its own reader finds, of VisualDL's those that its `LogReader` finds in each file. One file is open at a time. Not for use
/// from several threads at once.
public final class ScalarLogReader {
  public let log: ScalarLog
  /// By name, which is the order in which TensorBoard reads.
  private var files: [FileCursor] = []
  private var nextNumber = 0
  private var resumedAt: [Int] = []
  private var listingFailure: ScalarLogError?
  /// Whether all files are gone.
  private var isGone = false
  /// What `read` throws next.
  private var pending: [ScalarLogError] = []

  /// Records that are decoded ahead, over all files, and bytes.
  private static let ahead = (records: 1 << 16, bytes: 1 << 25)
  /// Bytes of tags in a portion.
  private static let mostTagBytes = 1 << 25

  /// Opens nothing yet.
  public init(_ log: ScalarLog) { self.log = log }

  /// The records that were added since the last call; none when there are none for now. A log that was rewritten is returned from
  /// its start.
  ///
  /// - Throws: `ScalarLogError`: what cannot be read, once each, after the records were returned.
  public func read(atMost limit: Int = .max) throws -> [ScalarRecord] {
    var records: [ScalarRecord] = []
    while records.count < limit {
      let portion = next(atMost: limit - records.count)
      pending += portion.problems
      if portion.isRestart { records = [] }
      if portion.records.isEmpty { break }
      records += portion.records
    }
    if records.isEmpty && !pending.isEmpty { throw pending.removeFirst() }
    return records
  }

  /// What was added since the last call.
  ///
  /// - Parameter limit: records to return at most; less than this means that all is read for now.
  public func next(atMost limit: Int = .max) -> LogPortion {
    var portion = LogPortion()
    portion.isRestart = list(&portion.problems)
    if isGone { return portion }
    // A file that is rewritten again and again is left for the next call.
    for _ in 0..<3 {
      do {
        try fill(&portion.problems)
        try merge(atMost: limit, into: &portion)
        break
      } catch {
        for index in files.indices { files[index].rewind() }
        portion.isRestart = true
        portion.records = []
        if case .sessionStart = error { learnStarts(&portion.problems) }
      }
    }
    let steps = stepsOfSessions
    if steps != resumedAt || (portion.isRestart && !steps.isEmpty) { portion.resumedAt = steps }
    resumedAt = steps
    return portion
  }

  /// Why the log is to be read from its start.
  private enum Restart: Error {
    case rewritten
    /// A session starts at a step that was passed already.
    case sessionStart
  }

  // MARK: Files

  /// Finds files that are new or gone.
  ///
  /// - Returns: whether the log is to be read from its start.
  private func list(_ problems: inout [ScalarLogError]) -> Bool {
    let names: [Name]
    do {
      names = try LogListing(log.folder).files[log.format, default: []].map { Name($0) }
      listingFailure = nil
    } catch {
      if let error = error as? ScalarLogError, error != listingFailure {
        problems.append(error)
        listingFailure = error
      }
      return false
    }
    if names.isEmpty {
      // Values are not taken from the screen because a folder is being moved or removed.
      if !files.isEmpty && !isGone { problems.append(ScalarLogError(log.folder, .gone)) }
      isGone = !files.isEmpty
      return false
    }
    isGone = false
    let known = Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0) })
    let isShorter = files.contains { !names.contains($0.name) }
    guard isShorter || names.count > files.count else { return false }
    files = names.map { known[$0] ?? newFile($0) }
    if isShorter { for index in files.indices { files[index].rewind() } }
    return isShorter
  }

  private func newFile(_ name: Name) -> FileCursor {
    defer { nextNumber += 1 }
    return FileCursor(log.folder, name, number: nextNumber, format: log.format)
  }

  private func fill(_ problems: inout [ScalarLogError]) throws(Restart) {
    for index in files.indices { _ = try fill(index, &problems) }
  }

  /// - Returns: whether a session starts in what was read.
  private func fill(_ index: Int, _ problems: inout [ScalarLogError]) throws(Restart) -> Bool {
    let share = max(1, files.count)
    let before = files[index].starts.last?.offset
    do {
      problems += try files[index].fill(count: max(64, Self.ahead.records / share), bytes: max(1 << 14, Self.ahead.bytes / share))
    } catch {
      throw .rewritten
    }
    guard let start = files[index].starts.last, start.offset != before else { return false }
    let lowest = files[index].starts.first { $0.offset > before ?? -1 }?.step ?? start.step
    if files[...index].contains(where: { $0.highestStep.map { $0 >= lowest } ?? false }) { throw .sessionStart }
    return true
  }

  // MARK: Sessions

  /// Reads all files for the starts of sessions alone, so that a log with many is not begun anew for each.
  private func learnStarts(_ problems: inout [ScalarLogError]) {
    for index in files.indices {
      var scout = files[index]
      repeat {
        while scout.take() != nil {}
        do {
          problems += try scout.fill(count: Self.ahead.records, bytes: Self.ahead.bytes)
        } catch {
          break
        }
      } while !scout.isEmpty || !scout.isAtEnd
      scout.rewind()
      files[index] = scout
    }
  }

  /// Steps at which sessions start, the beginning of the log left out.
  private var stepsOfSessions: [Int] {
    var steps: Set<Int> = []
    for (index, file) in files.enumerated() {
      for start in file.starts where index > 0 || file.highestStep != nil && start.step > 0 { steps.insert(start.step) }
    }
    return steps.sorted()
  }

  // MARK: Merging

  private func merge(atMost limit: Int, into portion: inout LogPortion) throws(Restart) {
    var heap = TimeHeap()
    for index in files.indices where !files[index].isEmpty { heap.push(files[index].nextTime, index) }
    // What later files' sessions void, by file.
    var floors = laterFloors
    var tagBytes = 0
    while portion.records.count < limit && tagBytes < Self.mostTagBytes, let index = heap.pop() {
      guard let (record, offset) = files[index].take() else { continue }
      if floors[index].map({ record.step < $0 }) ?? true && !files[index].voids(record.step, at: offset) {
        portion.records.append(record)
        tagBytes += record.tag.utf8.count
        files[index].highestStep = max(files[index].highestStep ?? .min, record.step)
      }
      while files[index].isEmpty && !files[index].isAtEnd {
        if try fill(index, &portion.problems) { floors = laterFloors }
      }
      if !files[index].isEmpty { heap.push(files[index].nextTime, index) }
    }
  }

  /// For each file the lowest step at which a session starts in a later one.
  private var laterFloors: [Int?] {
    var floor: Int?
    var floors = [Int?](repeating: nil, count: files.count)
    for index in files.indices.reversed() {
      floors[index] = floor
      // Of a file's own the first is the lowest.
      if let start = files[index].starts.first { floor = min(start.step, floor ?? .max) }
    }
    return floors
  }
}
