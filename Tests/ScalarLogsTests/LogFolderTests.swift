import Files
import Foundation
import ScalarLogs
import SystemText
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
    #expect(found.logs.map(\.name) == ["tensorboard", "tensorboard_files", "tensorboard_old", "visualdl", "visualdl_files"])
  }

  @Test func followsALinkToTheRoot() throws {
    let folder = try TemporaryFolder()
    _ = try makeWriter(.visualDL, folder.file("run"))
    try FileManager.default.createSymbolicLink(atPath: folder.file("latest"), withDestinationPath: "run")
    #expect(try LogFolder(folder.file("latest")).logs.count == 1)
  }

  @Test func followsLinksToRunsAndListsNoneTwice() throws {
    let (folder, elsewhere) = (try TemporaryFolder(), try TemporaryFolder())
    _ = try makeWriter(.tensorBoard, elsewhere.file("deep/run"))
    _ = try makeWriter(.tensorBoard, folder.file("z/own"))
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder.file("a"), withDestinationPath: elsewhere.file("deep"))
    try files.createSymbolicLink(atPath: folder.file("again"), withDestinationPath: folder.file("z/own"))
    try files.createSymbolicLink(atPath: folder.file("z/up"), withDestinationPath: "..")
    try files.createSymbolicLink(atPath: elsewhere.file("deep/back"), withDestinationPath: folder.path)
    try files.createSymbolicLink(atPath: folder.file("nowhere"), withDestinationPath: "gone")
    let found = try LogFolder(folder.path)
    #expect(found.logs.map(\.name) == ["a/run", "z/own"] && found.problems.isEmpty)
  }

  @Test func aFolderWithALogsNameIsAFolder() throws {
    let folder = try TemporaryFolder()
    for name in ["run/tfevents", "run/vdlrecords.d"] { _ = try makeWriter(.tensorBoard, folder.file(name)) }
    let found = try LogFolder(folder.path)
    #expect(found.logs.map(\.name) == ["run/tfevents", "run/vdlrecords.d"] && found.problems.isEmpty)
  }

  @Test func whatHasALogsNameAndIsNoneIsReported() throws {
    let folder = try TemporaryFolder()
    _ = try makeWriter(.tensorBoard, folder.path)
    let log = logFile(folder)
    for suffix in [".gz", ":Zone.Identifier"] { try write([1, 2, 3], to: log + suffix) }
    #expect(mkfifo(folder.file("tfevents.pipe"), 0o600) == 0)
    try FileManager.default.createSymbolicLink(atPath: folder.file("tfevents.link"), withDestinationPath: "gone")
    let found = try LogFolder(folder.path)
    #expect(found.logs.count == 1 && found.problems.count == 4)
    #expect(found.problems.allSatisfy { $0.description.contains("is ignored: ") })
    // None of them keeps the log from being read, and the pipe is not opened.
    let portion = ScalarLogReader(found.logs[0]).next()
    #expect(portion.problems.isEmpty)
  }

  @Test func namesAreBytes() throws {
    let folder = try TemporaryFolder()
    let file = try contents(fixture("tensorboard/events.out.tfevents.1700000100.fixture.1.0"))
    let names: [[UInt8]] = [[0x63, 0xE8], [0x63, 0xE9], Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8)]
    for name in names {
      let run = Array((folder.path + "/").utf8) + name
      func cString(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
      try #require(mkdir(cString(run), 0o700) == 0)
      let descriptor = open(cString(run + Array("/tfevents".utf8)), O_WRONLY | O_CREAT, 0o600)
      defer { close(descriptor) }
      try #require(descriptor >= 0 && Glibc.write(descriptor, file, file.count) == file.count)
    }
    let found = try LogFolder(folder.path)
    #expect(found.logs.map(\.name.utf8.count) == [6, 5, 5, 5] && Set(found.logs).count == 4)
    #expect(found.logs.map(\.name.plainLine).filter { $0.contains("\\x") } == ["c\\xE8", "c\\xE9"])
    for log in found.logs { #expect(ScalarLogReader(log).next().records.count == 6) }
    // A writer keeps two such tags apart too.
    let writer = try makeWriter(.visualDL, folder.file("tags"))
    for (index, tag) in ["caf\u{E9}", "cafe\u{301}"].enumerated() { try writer.add(tag, step: 2 - index, value: 0) }
    #expect(try points(folder.file("tags"), .visualDL).map(\.step) == [2, 1])
  }

  @Test func saysWhatCannotBeLookedInto() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ScalarLogError(folder.file("none"), .system(.list, code: ENOENT))) { try LogFolder(folder.file("none")) }
  }
}
