import Foundation
import ScalarLogs
import Testing

/// Every file of a log's folder is read and followed, and none keeps another from it.
@Suite struct SeveralFilesTests {
  private func reader(_ folder: TemporaryFolder, _ format: LogFormat = .tensorBoard) -> ScalarLogReader {
    ScalarLogReader(ScalarLog(format, folder: folder.path, name: "."))
  }

  private func steps(_ portion: LogPortion, _ tag: String) -> [Int] { portion.records.filter { $0.tag == tag }.map(\.step) }

  @Test func aSecondFileDoesNotEndTheFirst() throws {
    let folder = try TemporaryFolder()
    let train = try EventFile(folder.file("events.out.tfevents.1.train"))
    let reader = reader(folder)
    for step in 0..<3 { try train.scalar("loss", step, 1, time: Double(step)) }
    #expect(steps(reader.next(), "loss") == [0, 1, 2])
    _ = try EventFile(folder.file("events.out.tfevents.2.profile-empty"))
    let eval = try EventFile(folder.file("events.out.tfevents.0.eval"))
    for step in 3..<6 {
      try train.scalar("loss", step, 1, time: Double(step))
      try eval.scalar("eval/loss", step, 2, time: Double(step))
      let portion = reader.next()
      #expect(steps(portion, "loss") == [step] && steps(portion, "eval/loss") == [step])
      #expect(!portion.isRestart && portion.problems.isEmpty)
    }
  }

  @Test(arguments: LogFormat.allCases) func filesAreMergedByTheirTimes(format: LogFormat) throws {
    let folder = try TemporaryFolder()
    let names = format == .tensorBoard ? ["events.out.tfevents.1", "events.out.tfevents.2"] : ["vdlrecords.1.log", "vdlrecords.2.log"]
    for (name, times) in zip(names, [[10.0, 30, 50], [20.0, 40, 60]]) {
      let elsewhere = try TemporaryFolder()
      var now = 0.0
      let clock = { now }
      let writer: any ScalarLogWriter =
        format == .tensorBoard
        ? try TensorBoardWriter(folder: elsewhere.path, clock: clock) : try VisualDLWriter(folder: elsewhere.path, clock: clock)
      for time in times {
        now = time
        try writer.add("loss", step: Int(time), value: 1)
      }
      try FileManager.default.moveItem(atPath: logFile(elsewhere), toPath: folder.file(name))
    }
    let records = reader(folder, format).next().records
    #expect(records.map(\.step) == [10, 20, 30, 40, 50, 60] && Set(records.map(\.file)).count == 2)
    // A portion ends anywhere, and the next goes on there.
    let slow = reader(folder, format)
    #expect((0..<7).flatMap { _ in slow.next(atMost: 1).records.map(\.step) } == [10, 20, 30, 40, 50, 60])
  }

  @Test func aDamagedRecordCostsItselfAlone() throws {
    let folder = try TemporaryFolder()
    let first = try EventFile(folder.file("events.out.tfevents.1"))
    var offsets: [Int] = []
    for step in 0..<4 {
      offsets.append(try contents(first.path).count)
      try first.scalar("loss", step, 1, time: Double(step))
    }
    let second = try EventFile(folder.file("events.out.tfevents.2"))
    try second.scalar("loss", 4, 1, time: 4)
    let sound = try contents(first.path)
    var damaged = sound
    damaged[offsets[1] + 14] ^= 0xFF
    try write(damaged, to: first.path)
    let reader = reader(folder)
    let portion = reader.next()
    #expect(steps(portion, "loss") == [0, 2, 3, 4])
    let problem = try #require(portion.problems.first)
    #expect(portion.problems.count == 1 && problem.file == first.path)
    #expect(problem.description.contains("the record at byte \(offsets[1]) of"))
    #expect(reader.next().problems.isEmpty)
    // The bytes come right: a network's file system showed them late.
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: first.path))
    try handle.write(contentsOf: sound)
    try handle.close()
    try first.scalar("loss", 5, 1, time: 5)
    #expect(steps(reader.next(), "loss") == [1, 5])
  }

  @Test func zerosThatBecomeDataAreRead() throws {
    let folder = try TemporaryFolder()
    let first = try EventFile(folder.file("events.out.tfevents.1"))
    try first.scalar("loss", 0, 1, time: 0)
    let sound = try contents(first.path)
    let rest = EventFile.scalar("loss", 1, 1, time: 1) + EventFile.scalar("loss", 2, 1, time: 2)
    try append([UInt8](repeating: 0, count: rest.count), to: first.path)
    try EventFile(folder.file("events.out.tfevents.2")).scalar("loss", 9, 1, time: 9)
    let reader = reader(folder)
    let portion = reader.next()
    #expect(steps(portion, "loss") == [0, 9])
    #expect(portion.problems == [ScalarLogError(first.path, .stopped(offset: sound.count, reason: "only zeros follow"))])
    #expect(reader.next().problems.isEmpty)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: first.path))
    try handle.seek(toOffset: UInt64(sound.count))
    try handle.write(contentsOf: rest)
    try handle.close()
    #expect(steps(reader.next(), "loss") == [1, 2])
    #expect(reader.next().records.isEmpty)
  }

  @Test func aDamagedVisualDLFileEndsAloneAndIsTriedAgain() throws {
    let folder = try TemporaryFolder()
    let writer = try makeWriter(.visualDL, folder.path)
    try writer.add("loss", step: 1, value: 1)
    let path = logFile(folder)
    let sound = try contents(path)
    try writer.add("loss", step: 2, value: 1)
    let whole = try contents(path)
    var damaged = whole
    damaged[sound.count + 9] = 0xFF
    try write(damaged, to: path)
    let elsewhere = try TemporaryFolder()
    try makeWriter(.visualDL, elsewhere.path).add("eval", step: 7, value: 1)
    try FileManager.default.moveItem(atPath: logFile(elsewhere), toPath: folder.file("vdlrecords.9999999999.log"))
    let reader = reader(folder, .visualDL)
    let portion = reader.next()
    #expect(portion.records.map(\.step) == [1, 7] && portion.problems.map(\.file) == [path])
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.write(contentsOf: whole)
    try handle.close()
    #expect(reader.next().records.map(\.step) == [2])
  }

  @Test func aSessionThatIsResumedVoidsWhatCameAfter() throws {
    let folder = try TemporaryFolder()
    let first = try EventFile(folder.file("events.out.tfevents.1"))
    for step in 0..<6 { try first.scalar("loss", step, 1, time: Double(step)) }
    let reader = reader(folder)
    #expect(reader.next().records.count == 6)
    let second = try EventFile(folder.file("events.out.tfevents.2"))
    try second.start(at: 3, time: 10)
    for step in 3..<5 { try second.scalar("loss", step, 2, time: 10 + Double(step)) }
    let portion = reader.next()
    #expect(portion.isRestart && portion.resumedAt == [3])
    #expect(portion.records.map(\.step) == [0, 1, 2, 3, 4] && portion.records.map(\.value) == [1, 1, 1, 2, 2])
    // What the first writer adds beyond that step is void too, as TensorBoard reads the files by name.
    try first.scalar("loss", 6, 1, time: 20)
    try second.scalar("loss", 5, 2, time: 21)
    let later = reader.next()
    #expect(!later.isRestart && later.resumedAt == nil && later.records.map(\.value) == [2])
    // Read afterwards it is the same, in one pass.
    let afterwards = self.reader(folder).next()
    #expect(afterwards.records.map(\.step) == [0, 1, 2, 3, 4, 5] && afterwards.resumedAt == [3])
  }

  @Test func filesThatGoAndComeBackAreFollowed() throws {
    let folder = try TemporaryFolder()
    let (one, two) = (folder.file("events.out.tfevents.1"), folder.file("events.out.tfevents.2"))
    try EventFile(one).scalar("loss", 1, 1, time: 1)
    try EventFile(two).scalar("loss", 2, 1, time: 2)
    let reader = reader(folder)
    #expect(reader.next().records.count == 2)
    try FileManager.default.moveItem(atPath: one, toPath: folder.file("away"))
    let without = reader.next()
    #expect(without.isRestart && without.records.map(\.step) == [2])
    try FileManager.default.moveItem(atPath: folder.file("away"), toPath: one)
    #expect(reader.next().records.map(\.step) == [1])
    // All gone: the values stay, which is reported once.
    for path in [one, two] { try FileManager.default.moveItem(atPath: path, toPath: path.replacing("tfevents", with: "away")) }
    #expect(reader.next().problems == [ScalarLogError(folder.path, .gone)])
    let gone = reader.next()
    #expect(!gone.isRestart && gone.problems.isEmpty)
    for path in [one, two] { try FileManager.default.moveItem(atPath: path.replacing("tfevents", with: "away"), toPath: path) }
    let back = reader.next()
    #expect(!back.isRestart && back.records.isEmpty && back.problems.isEmpty)
    // Other contents of the same length in the same file.
    let replaced = try EventFile(folder.file("elsewhere"))
    try replaced.scalar("loss", 3, 5, time: 3)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: one))
    try handle.write(contentsOf: contents(replaced.path))
    try handle.close()
    let rewritten = reader.next()
    #expect(rewritten.isRestart && rewritten.records.map(\.step) == [2, 3])
  }

  @Test func noFileStaysOpen() throws {
    let folder = try TemporaryFolder()
    var readers: [ScalarLogReader] = []
    for index in 0..<100 {
      let path = folder.file("run\(index)/events.out.tfevents.1")
      try EventFile(path).scalar("loss", 1, 1, time: 1)
      readers.append(ScalarLogReader(ScalarLog(.tensorBoard, folder: folder.file("run\(index)"), name: "x")))
    }
    for reader in readers { #expect(reader.next().records.count == 1) }
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter { descriptor in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + descriptor))?.hasPrefix(folder.path) ?? false
    }
    #expect(open.isEmpty)
  }

  @Test func anyNumbersAreRead() throws {
    let folder = try TemporaryFolder()
    let file = try EventFile(folder.file("events.out.tfevents.1"))
    let times = [Double.nan, .infinity, -.infinity, 1e300, -5, 3]
    for (index, time) in times.enumerated() { try file.scalar("loss", index.isMultiple(of: 2) ? .max : .min, .nan, time: time) }
    try EventFile(folder.file("events.out.tfevents.2")).scalar("loss", .max, .infinity, time: .nan)
    let records = reader(folder).next().records
    #expect(records.count == 7 && records.filter { $0.step == .max }.count == 4)
  }
}
