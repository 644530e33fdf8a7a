/// A run folder that cannot be used as asked: which folder, what is wrong, what helps.
public enum RunFolderError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The folder holds a run already, and resuming was not asked for.
  case holdsARun(String)
  /// The folder holds things that are no part of a run.
  case holdsOtherThings(String, example: String)
  /// The path names something that is no folder.
  case notAFolder(String)
  /// Another process writes this run.
  case inUse(String, process: Int32?)

  public var description: String {
    switch self {
    case .holdsARun(let path): "\(path): holds a run already; add --resume to resume it, or name another folder with --run"
    case .holdsOtherThings(let path, let example):
      "\(path): is no run, as it has no config.toml, and is not empty: it holds \"\(example)\"; name a new or empty folder with --run"
    case .notAFolder(let path): "\(path): is not a folder; name a folder with --run"
    case .inUse(let path, let process):
      "\(path): is being written by \(process.map { "process \($0)" } ?? "another process"); wait for it to end, or name another folder with --run"
    }
  }
}
