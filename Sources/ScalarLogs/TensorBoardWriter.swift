import Foundation
import Names

/// Writes TensorBoard event files: `events.out.tfevents.*` in a folder of the run's own.
///
/// TensorBoard reads all event files of a folder, in the order of their names. A resumed run appends to the last, and a cut
/// reaches all of them.
public final class TensorBoardWriter: ScalarLogWriter, LogFileHolder {
  private let appender: LogAppender
  private let earlier: [LogAppender]
  private let clock: () -> Double

  /// The file that is appended to.
  public var path: String { appender.path }
  package var openFiles: [(path: String, descriptor: Int32)] { (earlier + [appender]).map { ($0.path, $0.descriptor) } }

  public func recordCount(of tag: String) -> Int { (earlier + [appender]).reduce(0) { $0 + ($1.recordCounts[Name(tag)] ?? 0) } }

  /// Opens the log of `folder`, or makes folder and log.
  ///
  /// What a killed writer left of its last record is dropped.
  ///
  /// - Parameters:
  ///   - host: for a new file's name, as is the process number.
  ///   - clock: seconds since 1970; the time of the records and part of a new file's name.
  /// - Throws: `ScalarLogError`.
  public init(folder: String, host: String = ProcessInfo.processInfo.hostName, clock: @escaping () -> Double) throws {
    self.clock = clock
    try LogFolder.create(folder)
    let files = try LogFolder.logNames(in: folder, .tensorBoard).map { try LogAppender(reopening: folder + "/" + $0, .tensorBoard) }
    if let last = files.last {
      appender = last
      earlier = files.dropLast()
    } else {
      let host = host.replacing("/", with: "-")
      appender = try LogAppender(
        creating: "\(folder)/events.out.tfevents.\(LogFolder.tenDigits(clock())).\(host).\(getpid()).0", .tensorBoard)
      earlier = []
    }
    if appender.isEmpty { try appender.append(TensorBoardEvent.version(wallTime: clock())) }
  }

  public func add(_ tag: String, step: Int, value: Float) throws {
    if tag.isEmpty { throw ScalarLogError(path, .forbiddenTag(tag, reason: "a tag needs a name")) }
    for file in earlier {
      if let last = file.lastSteps[Name(tag)], step <= last {
        throw ScalarLogError(path, .stepNotIncreasing(tag: tag, step: step, last: last))
      }
    }
    try appender.append(TensorBoardEvent.scalar(tag, step: step, value: value, wallTime: clock()), tag: tag, step: step)
  }

  public func cut(keeping keep: (_ tag: String, _ step: Int) -> Bool) throws {
    for file in earlier + [appender] { try file.cut(keeping: keep) }
  }

  public func synchronize() throws { try appender.synchronize() }
}
