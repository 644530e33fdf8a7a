import Files
import Foundation
import ScalarLogs
import Testing

@Suite struct LogFolderTests {
  /// A loss of power after the first record must not take the folders that it is in.
  @Test(arguments: LogFormat.allCases) func theFoldersOfANewLogAreFlushed(format: LogFormat) throws {
    let folder = try TemporaryFolder()
    let flushed = Paths()
    try SystemCall.$fault.withValue({ call, path in
      if call == .flush { flushed.add(path) }
      return nil
    }) { _ = try makeWriter(format, folder.file("run/scalars/m")) }
    for name in ["run", "run/scalars", "run/scalars/m"] { #expect(flushed.all.contains(folder.file(name)), "\(name)") }
    #expect(flushed.all.contains(folder.path))
  }

  private final class Paths: @unchecked Sendable {  // all is guarded by `lock`
    private let lock = NSLock()
    private var paths: Set<String> = []

    var all: Set<String> { lock.withLock { paths } }
    func add(_ path: String) { lock.withLock { _ = paths.insert(path) } }
  }

  @Test func findsEveryLogOnce() throws {
    let folder = try TemporaryFolder()
    _ = try makeWriter(.visualDL, folder.path)
    _ = try makeWriter(.visualDL, folder.file("b/scalars/model"))
    _ = try makeWriter(.tensorBoard, folder.file("b/scalars/model"))
    _ = try makeWriter(.tensorBoard, folder.file("a"))
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: folder.file("a/loop"), withDestinationPath: "..")
    let found = try LogFolder(folder.path)
    #expect(found.logs.map(\.name) == [".", "a", "b/scalars/model", "b/scalars/model"])
    #expect(found.logs.map(\.format) == [.visualDL, .tensorBoard, .visualDL, .tensorBoard])
    #expect(found.logs[2].folder == folder.file("b/scalars/model"))
    #expect(found.problems.isEmpty)
  }

  @Test func findsTheFixtures() throws {
    let found = try LogFolder(fixture("."))
    #expect(found.logs.map(\.name) == ["tensorboard", "visualdl"])
  }

  @Test func followsALinkToTheRoot() throws {
    let folder = try TemporaryFolder()
    _ = try makeWriter(.visualDL, folder.file("run"))
    try FileManager.default.createSymbolicLink(atPath: folder.file("latest"), withDestinationPath: "run")
    #expect(try LogFolder(folder.file("latest")).logs.count == 1)
  }

  @Test func saysWhatCannotBeLookedInto() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ScalarLogError(folder.file("none"), .system(.list, code: ENOENT))) { try LogFolder(folder.file("none")) }
  }
}
