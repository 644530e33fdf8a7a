import Foundation
import ScalarLogs
import Testing

@Suite struct WriterErrorTests {
  @Test(arguments: LogFormat.allCases) func stepsOfACurveIncrease(format: LogFormat) throws {
    let folder = try TemporaryFolder()
    let writer = try makeWriter(format, folder.path)
    try writer.add("a", step: 3, value: 0)
    try writer.add("b", step: 1, value: 0)
    let error = ScalarLogError(logFile(folder), .stepNotIncreasing(tag: "a", step: 3, last: 3))
    #expect(throws: error) { try writer.add("a", step: 3, value: 0) }
    #expect(error.description.contains("up to step 3"))
    let reopened = try makeWriter(format, folder.path)
    #expect(throws: ScalarLogError(logFile(folder), .stepNotIncreasing(tag: "a", step: 2, last: 3))) {
      try reopened.add("a", step: 2, value: 0)
    }
    try reopened.add("a", step: 4, value: 0)
    #expect(try points(folder.path, format) == [Point("a", 3, 0), Point("b", 1, 0), Point("a", 4, 0)])
  }

  @Test func tagsThatVisualDLCannotTellApartAreRefused() throws {
    let folder = try TemporaryFolder()
    let writer = try makeWriter(.visualDL, folder.path)
    for tag in ["100%", ""] {
      #expect(throws: ScalarLogError.self) { try writer.add(tag, step: 1, value: 0) }
    }
    #expect(try points(folder.path, .visualDL).isEmpty)
    let tensorBoardFolder = try TemporaryFolder()
    try makeWriter(.tensorBoard, tensorBoardFolder.path).add("100%", step: 1, value: 0)
    #expect(try points(tensorBoardFolder.path, .tensorBoard) == [Point("100%", 1, 0)])
  }

  /// A disk that fills in the middle of a frame: the file keeps its whole frames, and the next one may follow them.
  @Test func aFrameThatDoesNotFitIsTakenBack() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("log")
    var room = 10
    let file = try LogFile(path, length: 0, creating: true) { descriptor, bytes, count in
      let fits = min(room, count, 4)
      if fits == 0 {
        errno = ENOSPC
        return -1
      }
      room -= fits
      return write(descriptor, bytes, fits)
    }
    try file.append([1, 2, 3, 4, 5, 6])
    #expect(throws: ScalarLogError(path, .system(.write, code: ENOSPC))) { try file.append([7, 8, 9, 10, 11, 12]) }
    #expect(try contents(path) == [1, 2, 3, 4, 5, 6])
    room = 100
    try file.append([13])
    #expect(try contents(path) == [1, 2, 3, 4, 5, 6, 13])
    #expect(file.length == 7)
  }

  @Test func interruptedWritesGoOn() throws {
    let folder = try TemporaryFolder()
    var calls = 0
    let file = try LogFile(folder.file("log"), length: 0, creating: true) { descriptor, bytes, count in
      calls += 1
      if calls % 2 == 1 {
        errno = EINTR
        return -1
      }
      return write(descriptor, bytes, count)
    }
    try file.append([1, 2, 3])
    #expect(try contents(file.path) == [1, 2, 3])
  }

  @Test func errorsSayFileReasonAndCure() throws {
    let full = ScalarLogError("runs/a/log", .system(.write, code: ENOSPC)).description
    #expect(full == "cannot write runs/a/log: No space left on device; free some space on that disk or choose a folder on another one")
    #expect(ScalarLogError("x", .corrupt(offset: 7, reason: "so")).description.contains("byte 7: so"))
    let folder = try TemporaryFolder()
    try write([], to: folder.file("taken"))
    #expect(throws: ScalarLogError(folder.file("taken"), .system(.create, code: ENOTDIR))) {
      try makeWriter(.visualDL, folder.file("taken"))
    }
    #expect(throws: ScalarLogError(folder.file("taken/deeper"), .system(.create, code: ENOTDIR))) {
      try makeWriter(.tensorBoard, folder.file("taken/deeper"))
    }
  }

  /// A folder with a log's name is no log: the writer makes one.
  @Test func aFolderWithALogsNameIsLeftAlone() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("vdlrecords.9.log"), withIntermediateDirectories: false)
    try makeWriter(.visualDL, folder.path).add("a", step: 1, value: 1)
    #expect(folder.names == ["vdlrecords.1700000000.log", "vdlrecords.9.log"])
    #expect(try points(folder.path, .visualDL) == [Point("a", 1, 1)])
  }

  /// VisualDL's own screen shows the greatest file alone, so a resumed run writes to that one.
  @Test func theGreatestVisualDLFileIsTheOneThatIsWrittenTo() throws {
    let folder = try TemporaryFolder()
    try write(contents(fixture("visualdl/vdlrecords.1700000000.log")), to: folder.file("vdlrecords.1700000000.log"))
    try write([], to: folder.file("vdlrecords.1800000000.log"))
    try makeWriter(.visualDL, folder.path).add("a", step: 1, value: 1)
    #expect(folder.names == ["vdlrecords.1700000000.log", "vdlrecords.1800000000.log"])
    #expect(try contents(folder.file(folder.names[0])) == contents(fixture("visualdl/vdlrecords.1700000000.log")))
    #expect(try contents(folder.file(folder.names[1])).count > 20)
  }
}
