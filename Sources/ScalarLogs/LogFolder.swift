import Files
import Foundation

/// A log on disk: a folder with the files of one format.
public struct ScalarLog: Sendable, Hashable {
  public let format: LogFormat
  /// Where it lies.
  public let folder: String
  /// The folder relative to where the search began, "." for that place itself.
  public let name: String

  public init(_ format: LogFormat, folder: String, name: String) {
    self.format = format
    self.folder = folder
    self.name = name
  }
}

/// The logs in a folder and in all folders within.
///
/// Symbolic links within are not followed: they could lead in a circle and would show a log twice.
public struct LogFolder: Sendable {
  /// By name.
  public let logs: [ScalarLog]
  /// Folders that could not be looked into.
  public let problems: [ScalarLogError]

  /// - Throws: `ScalarLogError` when `root` itself cannot be looked into.
  public init(_ root: String) throws {
    var logs: [ScalarLog] = []
    var problems: [ScalarLogError] = []
    var pending = [(folder: root, name: ".", names: try Self.entries(of: root))]
    while let (folder, name, names) = pending.popLast() {
      for format in LogFormat.allCases where names.contains(where: format.isLogName) {
        logs.append(ScalarLog(format, folder: folder, name: name))
      }
      for entry in names {
        let path = folder + "/" + entry
        guard Self.isFolder(path) else { continue }
        do {
          pending.append((path, name == "." ? entry : name + "/" + entry, try Self.entries(of: path)))
        } catch let error as ScalarLogError {
          problems.append(error)
        }
      }
    }
    self.logs = logs.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    self.problems = problems
  }

  // MARK: Names

  /// A format's files in a folder, in the order of their names.
  static func logNames(in folder: String, _ format: LogFormat) throws -> [String] { try entries(of: folder).filter(format.isLogName) }

  /// Seconds as log names have them.
  static func tenDigits(_ seconds: Double) -> String {
    let digits = String(max(0, Int(seconds)))
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
  }

  /// Makes a folder and those above it, durably.
  static func create(_ folder: String) throws {
    do { try FileSystem.makeFolders(folder) } catch let error as FileSystemError { throw ScalarLogError(folder, error) }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in a folder, in byte order as Python sorts them.
  private static func entries(of folder: String) throws -> [String] {
    do { return try FileSystem.list(folder) } catch let error as FileSystemError { throw ScalarLogError(folder, error) }
  }
}

extension LogFormat {
  /// Whether the format's own reader takes a file of this name for a log.
  func isLogName(_ name: String) -> Bool { name.contains(self == .visualDL ? "vdlrecords" : "tfevents") }
}
