import Foundation
import WeightFiles

/// The places in a run's folder.
///
///     config.toml                     the whole effective configuration
///     scalars/MODEL/                  VisualDL (and TensorBoard) logs
///     checkpoints/MODEL/step-N/       with the links `latest` and `best`
///     checkpoints/MODEL/diverged.json where a model of a comparison diverged and ended
///     predictions/MODEL.json          the last evaluation's confusion matrix; of more than a thousand classes what was right of
///                                     each, and the wrong pairs
///     report.html                     of a finished comparison
///     events.jsonl, console.log       what `--json` and the console showed
///     lock                            while a writer lives
public struct RunFolder: Sendable, Hashable {
  public let path: String

  public init(path: String) { self.path = path }

  public var configurationFile: String { path + "/config.toml" }
  public var eventsFile: String { path + "/events.jsonl" }
  public var consoleFile: String { path + "/console.log" }
  public var lockFile: String { path + "/lock" }
  public var checkpointsFolder: String { path + "/checkpoints" }
  public var reportFile: String { path + "/report.html" }
  public func predictionsFile(of model: String) -> String { path + "/predictions/" + model + ".json" }
  public func scalarsFolder(of model: String) -> String { path + "/scalars/" + model }
  public func checkpoints(of model: String) -> CheckpointStore { CheckpointStore(folder: checkpointsFolder + "/" + model) }

  /// Names of the models that have checkpoints here, sorted.
  public var models: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpointsFolder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  /// Whether a run was begun here.
  public var holdsRun: Bool { FileManager.default.fileExists(atPath: configurationFile) }

  /// Whether a process writes this run now.
  public var isBeingWritten: Bool { RunLock.isHeld(lockFile) }

  /// What a run makes here, its lock aside.
  private static let ownNames = ["config.toml", "scalars", "checkpoints", "predictions", "report.html", "events.jsonl", "console.log"]

  /// Makes the folder if there is none, takes its lock and checks that it may be written.
  ///
  /// A folder without `config.toml` must hold nothing but what a killed writer left half written: files that merely bear
  /// names of a run's are somebody's, perhaps a run that lost its configuration, and none of ours.
  /// - Parameter resuming: whether a run that is there already is welcome.
  /// - Throws: `RunFolderError`, `FileSystemError`.
  public func open(resuming: Bool) throws -> RunLock {
    try Self.makeFolder(path)
    // Before the lock, which would be left in a folder that is not ours.
    if let other = try otherThing { throw RunFolderError.holdsOtherThings(path, example: other) }
    let lock = try RunLock(taking: lockFile)
    // Asked under the lock: another process may just have begun a run here.
    if holdsRun && !resuming { throw RunFolderError.holdsARun(path) }
    try DurableFile.removeLeftovers(in: path)
    return lock
  }

  /// The first name here that is none of a run's; nil in a run's folder and in an empty one.
  private var otherThing: String? {
    get throws {
      guard !holdsRun else { return nil }
      return try DurableFile.entries(of: path).sorted().first { $0 != "lock" && !DurableFile.isTemporary(name: $0) }
    }
  }

  /// Makes an empty folder for a new run: `PARENT/DATE-MODEL`, with a number behind it if that is taken.
  ///
  /// Making it is what keeps it from others: of two runs begun in the same second each has its own.
  /// - Parameter date: `yyyyMMdd-HHmmss`.
  /// - Throws: `FileSystemError`, `RunFolderError`.
  public static func new(in parent: String, date: String, model: String) throws -> RunFolder {
    try makeFolder(parent)
    let base = "\(parent)/\(date)-\(model)"
    var path = base
    var number = 2
    while mkdir(path, 0o777) != 0 {
      switch errno {
      case EEXIST:
        path = "\(base)-\(number)"
        number += 1
      // Another run that never began has taken the parent with it.
      case ENOENT: try makeFolder(parent)
      case let code: throw FileSystemError(.create, path, code: code)
      }
    }
    flushParent(of: path)
    return RunFolder(path: path)
  }

  /// Removes the folder if it is empty: a run that never began leaves none. So goes the one that it lies in.
  public func removeIfEmpty() {
    if rmdir(path) == 0 { rmdir(Self.parent(of: path)) }
  }

  /// Makes a folder and those above it, each entry flushed so that it survives a loss of power.
  ///
  /// - Throws: `FileSystemError`, `RunFolderError.notAFolder`.
  static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o777) == 0 { return flushParent(of: path) }
    switch errno {
    case EEXIST:
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
        throw RunFolderError.notAFolder(path)
      }
    case ENOENT:
      let parent = Self.parent(of: path)
      guard !parent.isEmpty, parent != path else { throw FileSystemError(.create, path, code: ENOENT) }
      try makeFolder(parent)
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw FileSystemError(.create, path, code: errno) }
      flushParent(of: path)
    case let code:
      throw FileSystemError(.create, path, code: code)
    }
  }

  /// The folder that `path` lies in; empty where none is named. Foundation's own crashes on a name of one letter.
  static func parent(of path: String) -> String {
    var head = Substring(path)
    while head.count > 1, head.hasSuffix("/") { head.removeLast() }
    guard let slash = head.lastIndex(of: "/") else { return "" }
    return slash == head.startIndex ? "/" : String(head[..<slash])
  }

  /// As well as the file system can: a folder that cannot be flushed is no reason not to run.
  private static func flushParent(of path: String) {
    let parent = Self.parent(of: path)
    let descriptor = Foundation.open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

extension RunFolder {
  /// Removes a run that failed before its first step, so that the same command can be tried again.
  ///
  /// Only for a run that was begun by this process, in a folder that `open` found empty: all that is here is its own.
  public func removeIfUnused() {
    let isUsed = models.contains { !checkpoints(of: $0).steps.isEmpty }
    let events = FileManager.default.contents(atPath: eventsFile) ?? Data()
    guard !isUsed, events.range(of: Data("\"event\":\"step\"".utf8)) == nil else { return }
    for name in Self.ownNames { try? FileManager.default.removeItem(atPath: path + "/" + name) }
    // The folder itself goes only if nothing else is in it; the lock's file is removed by its holder.
    unlink(lockFile)
    rmdir(path)
  }
}
