import Names
import ScalarLogs
import SystemText

/// News from a log on disk.
public struct LogNews: Sendable {
  /// The log's name among those watched.
  public var name: String
  /// Whether the log was written anew, so that what was read of it before is void.
  public var isRestart: Bool
  public var records: [ScalarRecord]
  /// Steps at which the log's sessions were resumed; nil if they are the same as before.
  public var resumedAt: [Int]?
  /// What cannot be read, for people; each once.
  public var problems: [String]

  public init(name: String, isRestart: Bool = false, records: [ScalarRecord] = [], resumedAt: [Int]? = nil, problems: [String] = []) {
    self.name = name
    self.isRestart = isRestart
    self.records = records
    self.resumedAt = resumedAt
    self.problems = problems
  }
}

/// Reads all logs in some folders, and goes on reading them while other processes write.
///
/// VisualDL and TensorBoard logs of any program do. It never writes. Not for use from several threads at once.
public final class LogWatcher {
  private struct Watched {
    let name: String
    let log: ScalarLog
    let reader: ScalarLogReader
  }

  private let roots: [String]
  private var watched: [Watched] = []
  private var known: Set<ScalarLog> = []
  private var names: Set<Name> = []
  private var complaints: Set<Name> = []
  private var next = 0

  private let place: (ScalarLog) -> (run: String, rank: Int)?

  /// - Parameter place: the run that a log is of, and its model's place among the run's; nil where nothing tells.
  public init(_ roots: [String], place: @escaping (ScalarLog) -> (run: String, rank: Int)? = { _ in nil }) {
    self.roots = roots
    self.place = place
  }

  public var logCount: Int { watched.count }

  /// What is watched: names as the news have them, and where each lies. In the order in which it was found; the models of a run
  /// that were found together in the run's own order.
  public var logs: [(name: String, folder: String)] { watched.map { ($0.name, $0.log.folder) } }

  /// Looks for logs that were not there before.
  ///
  /// - Returns: what cannot be looked into, each said once.
  public func discover() -> [String] {
    var news: [String] = []
    for root in roots {
      do {
        let folder = try LogFolder(root)
        news += folder.problems.map(\.description)
        // Where one folder has both formats they are one run's, written twice.
        let visualDL = Set(folder.logs.filter { $0.format == .visualDL }.map { Name($0.folder) })
        let new = folder.logs.filter { log in
          (log.format == .visualDL || !visualDL.contains(Name(log.folder))) && known.insert(log).inserted
        }
        for log in inOrder(new) {
          watched.append(Watched(name: unusedName(for: log, in: root), log: log, reader: ScalarLogReader(log)))
        }
      } catch {
        news.append("\(error)")
      }
    }
    return news.filter { complaints.insert(Name($0)).inserted }
  }

  /// Models of a run stand in its own order where the first of them stands by name.
  private func inOrder(_ logs: [ScalarLog]) -> [ScalarLog] {
    var firsts: [Name: Int] = [:]
    let keys = logs.enumerated().map { index, log -> (Int, Int, Int) in
      guard let (run, rank) = place(log) else { return (index, 0, index) }
      let first = firsts[Name(run)] ?? index
      firsts[Name(run)] = first
      return (first, rank, index)
    }
    return keys.sorted(by: <).map { logs[$0.2] }
  }

  /// What was added since the last call; a log at a time, in turns.
  ///
  /// - Parameter limit: records to return at most, so that a screen can be drawn between; less than this means that all is
  ///   read for now.
  public func read(atMost limit: Int = .max) -> [LogNews] {
    var news: [LogNews] = []
    var left = limit
    for _ in watched.indices where left > 0 {
      let place = next % watched.count
      let item = readOne(place, atMost: left)
      // Tags of a megabyte each must not fill the memory.
      left -= item?.records.reduce(0) { $0 + 1 + $1.tag.utf8.count / 1024 } ?? 0
      // One that has more to give goes on at the next call.
      if left > 0 { next = (place + 1) % watched.count }
      if let item { news.append(item) }
    }
    return news
  }

  private func readOne(_ place: Int, atMost limit: Int) -> LogNews? {
    let portion = watched[place].reader.next(atMost: limit)
    guard portion.isRestart || !portion.records.isEmpty || !portion.problems.isEmpty || portion.resumedAt != nil else { return nil }
    return LogNews(
      name: watched[place].name, isRestart: portion.isRestart, records: portion.records, resumedAt: portion.resumedAt,
      problems: portion.problems.map(\.description).filter { complaints.insert(Name($0)).inserted })
  }

  /// The folder's path as far as it tells runs apart: `runs/a/scalars/mobilevit_s` under `runs` is `a/mobilevit_s`.
  private func unusedName(for log: ScalarLog, in root: String) -> String {
    var parts = log.name == "." ? [] : log.name.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    parts.removeAll { $0 == "scalars" }
    let last = SystemPath.name(of: root)
    let rootName = last.isEmpty ? root : last
    if parts.isEmpty || roots.count > 1 { parts.insert(rootName, at: 0) }
    let name = parts.joined(separator: "/")
    if names.insert(Name(name)).inserted { return name }
    return (2...).lazy.map { "\(name) (\($0))" }.first { self.names.insert(Name($0)).inserted }!
  }
}
