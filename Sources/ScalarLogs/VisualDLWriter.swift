import Foundation
import Names
import SwiftProtobuf

/// Writes a VisualDL log: one `vdlrecords.*.log` in a folder of its own.
///
/// VisualDL reads only the greatest `vdlrecords*` of a folder, so a resumed run appends to that one.
public final class VisualDLWriter: ScalarLogWriter, LogFileHolder {
  private let appender: LogAppender
  private let clock: () -> Double
  private var hasHyperparameters = false

  /// The log's file.
  public var path: String { appender.path }
  package var openFiles: [(path: String, descriptor: Int32)] { [(appender.path, appender.descriptor)] }

  public func recordCount(of tag: String) -> Int { appender.recordCounts[Name(tag)] ?? 0 }

  /// Opens the log of `folder`, or makes folder and log.
  ///
  /// What a killed writer left of its last record is dropped.
  ///
  /// - Parameter clock: seconds since 1970; the time of the records and, for a new log, part of its name.
  /// - Throws: `ScalarLogError`.
  public init(folder: String, clock: @escaping () -> Double) throws {
    self.clock = clock
    try LogFolder.create(folder)
    if let name = try LogFolder.logNames(in: folder, .visualDL).last {
      appender = try LogAppender(reopening: folder + "/" + name, .visualDL)
      hasHyperparameters = try Self.holdsHyperparameters(appender.path)
    } else {
      appender = try LogAppender(creating: "\(folder)/vdlrecords.\(LogFolder.tenDigits(clock())).log", .visualDL)
    }
    if appender.isEmpty { try appender.append(VisualDLRecord.meta(milliseconds: milliseconds)) }
  }

  public func add(_ tag: String, step: Int, value: Float) throws {
    try check(tag)
    try appender.append(VisualDLRecord.scalar(tag, step: step, value: value, milliseconds: milliseconds), tag: tag, step: step)
  }

  /// Writes the run's hyper-parameters, unless the log has them already: a resumed run writes them again.
  ///
  /// - Parameters:
  ///   - metrics: tags of curves that VisualDL shows beside them.
  ///   - run: tells runs apart in VisualDL's table.
  public func addHyperparameters(_ parameters: [(name: String, value: HyperparameterValue)], metrics: [String], run: String) throws {
    if hasHyperparameters { return }
    try appender.append(VisualDLRecord.hyperparameters(parameters, metrics: metrics, name: run, milliseconds: milliseconds))
    hasHyperparameters = true
  }

  public func cut(keeping keep: (_ tag: String, _ step: Int) -> Bool) throws { try appender.cut(keeping: keep) }

  public func synchronize() throws { try appender.synchronize() }

  private var milliseconds: Int64 { Int64((clock() * 1000).rounded()) }

  private func check(_ tag: String) throws {
    // VisualDL writes a slash as a percent sign in places and could not tell the two apart.
    if tag.contains("%") { throw ScalarLogError(path, .forbiddenTag(tag, reason: "VisualDL does not allow '%' in tags")) }
    if tag.isEmpty { throw ScalarLogError(path, .forbiddenTag(tag, reason: "a tag needs a name")) }
  }

  private static func holdsHyperparameters(_ path: String) throws -> Bool {
    let reader = try FrameReader(path, LogFormat.visualDL.framing)
    while let record = try reader.next() {
      if try VisualDLRecord(serializedBytes: record).values.contains(where: { $0.tag == VisualDLRecord.hyperparameterTag }) { return true }
    }
    return false
  }
}
