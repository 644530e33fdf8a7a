import Files
import Foundation

/// The places in a run's folder.
///
///     config.toml                     the whole effective configuration
///     data.json                       the images of the run
///     scalars/MODEL/                  VisualDL (and TensorBoard) logs
///     checkpoints/MODEL/step-N/       with the links `latest` and `best`
///     checkpoints/MODEL/diverged.json where a model of a comparison diverged and ended
///     predictions/MODEL.json          the last evaluation's confusion matrix; of more than a thousand classes what was right of
///                                     each, and the wrong pairs
///     report.html                     of a comparison, and of any run after `mvit-tui report`
///     events.jsonl, console.log       what `--json` and the console showed
///     lock                            while a writer lives
public struct RunFolder: Sendable, Hashable {
  public let path: String

  public init(path: String) { self.path = path }

  public var configurationFile: String { path + "/config.toml" }
  public var dataRecord: DataRecordFile { DataRecordFile(path: path + "/data.json") }
  public var eventsFile: String { path + "/events.jsonl" }
  public var consoleFile: String { path + "/console.log" }
  public var lockFile: String { path + "/lock" }
  public var checkpointsFolder: String { path + "/checkpoints" }
  public var reportFile: String { path + "/report.html" }
  public func predictionsFile(of model: String) -> String { path + "/predictions/" + model + ".json" }
  public func scalarsFolder(of model: String) -> String { path + "/scalars/" + model }
  public func checkpoints(of model: String) -> CheckpointStore { CheckpointStore(folder: checkpointsFolder + "/" + model) }

  /// Names of the models that have checkpoints here, sorted.
  ///
  /// - Throws: `FileSystemError`
  public var models: [String] {
    get throws {
      guard let names = try FileSystem.listIfPresent(checkpointsFolder) else { return [] }
      return try names.filter { try !$0.hasPrefix(".") && FileSystem.status(checkpointsFolder + "/" + $0)?.kind == .folder }
    }
  }

  /// Whether a run was begun here.
  ///
  /// - Throws: `FileSystemError`: a folder that cannot be searched is not one without a run.
  public var holdsRun: Bool { get throws { try FileSystem.status(configurationFile) != nil } }

  /// Whether a process writes this run now.
  ///
  /// - Throws: `FileSystemError`
  public var isBeingWritten: Bool { get throws { try RunLock.isHeld(lockFile) } }

  /// What a run makes here, its lock aside.
  private static let ownNames = [
    "config.toml", "data.json", "scalars", "checkpoints", "predictions", "report.html", "events.jsonl", "console.log",
  ]

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
    if try holdsRun && !resuming { throw RunFolderError.holdsARun(path) }
    try sweepLeftovers()
    return lock
  }

  /// Removes what killed writers left half written, wherever a run writes.
  private func sweepLeftovers() throws {
    try DurableFile.removeLeftovers(in: path)
    for folder in ["predictions", "scalars"].map({ path + "/" + $0 }) {
      for name in try FileSystem.listIfPresent(folder) ?? [] {
        let entry = folder + "/" + name
        if DurableFile.isTemporary(name: name) {
          try FileSystem.removeAll(entry)
        } else if try FileSystem.status(entry)?.kind == .folder {
          try DurableFile.removeLeftovers(in: entry)
        }
      }
    }
    for model in try models { try checkpoints(of: model).sweepLeftovers() }
  }

  /// The first name here that is none of a run's; nil in a run's folder and in an empty one.
  private var otherThing: String? {
    get throws {
      guard try !holdsRun else { return nil }
      return try FileSystem.list(path).first { $0 != "lock" && !DurableFile.isTemporary(name: $0) }
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
    while true {
      do {
        if try FileSystem.makeFolder(path) { break }
        path = "\(base)-\(number)"
        number += 1
      } catch let error as FileSystemError where error.problem == .system(code: ENOENT) {
        // Another run that never began has taken the parent with it.
        try makeFolder(parent)
      }
    }
    try FileSystem.flushFolder(parent, reportedAs: path)
    return RunFolder(path: path)
  }

  /// Removes the folder if it is empty: a run that never began leaves none. So goes the one that it lies in.
  public func removeIfEmpty() {
    guard FileSystem.removeEmptyFolder(path) else { return }
    let parent = FileSystem.parent(of: path)
    if !parent.isEmpty { FileSystem.removeEmptyFolder(parent) }
  }

  /// Makes a folder and those above it, each entry flushed so that it survives a loss of power.
  ///
  /// - Throws: `FileSystemError`, `RunFolderError.notAFolder`.
  static func makeFolder(_ path: String) throws {
    do {
      try FileSystem.makeFolders(path)
    } catch let error as FileSystemError where error == FileSystemError(.create, path, code: ENOTDIR) {
      guard try FileSystem.status(path) != nil else { throw error }
      throw RunFolderError.notAFolder(path)
    }
  }
}

extension RunFolder {
  /// Removes a run that failed before its first step, so that the same command can be tried again.
  ///
  /// Only for a run that was begun by this process, in a folder that `open` found empty: all that is here is its own.
  /// It stays as it is where it cannot be examined.
  public func removeIfUnused() {
    do {
      guard try !isUsed else { return }
      // The configuration last: what cannot be removed leaves a run that can be resumed or named to its user.
      for name in Self.ownNames.reversed() where try FileSystem.status(path + "/" + name) != nil {
        try FileSystem.removeAll(path + "/" + name)
      }
      // The folder itself goes only if nothing else is in it; the lock's file is removed by its holder.
      try FileSystem.removeFile(lockFile)
      FileSystem.removeEmptyFolder(path)
    } catch {
      // The error that ended the run is the one to report. What is left here is a run of the same name, and the next attempt
      // at it says so.
    }
  }

  /// Whether a step was made here.
  private var isUsed: Bool {
    get throws {
      for model in try models where try !checkpoints(of: model).steps.isEmpty { return true }
      guard let status = try FileSystem.status(eventsFile) else { return false }
      // So long a file holds more than the lines of a beginning.
      guard status.byteCount <= 1 << 20, let events = try FileSystem.read(eventsFile, atMost: 1 << 20) else { return true }
      return Data(events).range(of: Data("\"event\":\"step\"".utf8)) != nil
    }
  }
}
