import Files
import Foundation
import Names
import SystemText

/// A log on disk: a folder with the files of one format.
public struct ScalarLog: Sendable, Hashable {
  public let format: LogFormat
  /// The folder that holds the files.
  public let folder: String
  /// The folder relative to where the search began, "." for that place itself; for people.
  public let name: String

  public init(_ format: LogFormat, folder: String, name: String) {
    self.format = format
    self.folder = folder
    self.name = name
  }

  public static func == (a: ScalarLog, b: ScalarLog) -> Bool { a.format == b.format && a.folder.hasSameBytes(as: b.folder) }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(format)
    hasher.combine(Name(folder))
  }
}

/// The logs in a folder and in all folders within.
///
/// Links to folders are followed, after the folders themselves. No folder is entered twice, so that circles end and a log that
/// a link leads to as well is listed once, under the path without a link.
public struct LogFolder: Sendable {
  /// By name.
  public let logs: [ScalarLog]
  /// Folders that cannot be listed, and entries with a log's name that are not read.
  public let problems: [ScalarLogError]

  /// - Throws: `ScalarLogError` when `root` itself cannot be listed.
  public init(_ root: String) throws {
    var logs: [ScalarLog] = []
    var problems: [ScalarLogError] = []
    var entered: Set<FileSystem.Identity> = []
    var folders: [(place: String, name: String?)] = [(root, nil)]
    var links = folders.dropFirst()
    while let (place, name) = folders.popLast() ?? links.popFirst() {
      // One that is gone again or cannot be examined is for the listing to report.
      if let identity = FileSystem.Lookup(place).identity, !entered.insert(identity).inserted { continue }
      let listing: LogListing
      do {
        listing = try LogListing(place)
      } catch let error as ScalarLogError where name != nil {
        // A folder that is removed while its parent is looked through is no trouble.
        if error.problem != .system(.list, code: ENOENT) { problems.append(error) }
        continue
      }
      problems += listing.problems
      for format in LogFormat.allCases where listing.files[format] != nil {
        logs.append(ScalarLog(format, folder: place, name: name ?? "."))
      }
      func within(_ entry: String) -> (String, String?) { (place + "/" + entry, name.map { $0 + "/" + entry } ?? entry) }
      folders += listing.folders.map(within)
      links += listing.linkedFolders.map(within)
    }
    self.logs = logs.sorted { SystemPath.precedes($0.name, $1.name) }
    self.problems = problems
  }

  // MARK: Names

  /// A format's files in a folder, in the order of their names.
  static func logNames(in folder: String, _ format: LogFormat) throws -> [String] {
    try LogListing(folder).files[format, default: []]
  }

  /// Seconds as log names have them.
  static func tenDigits(_ seconds: Double) -> String {
    let digits = String(max(0, Int(seconds)))
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
  }

  /// Makes a folder and those above it, durably.
  static func create(_ folder: String) throws {
    do { try FileSystem.makeFolders(folder) } catch let error as FileSystemError { throw ScalarLogError(folder, error) }
  }
}
