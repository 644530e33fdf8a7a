import Foundation
import ScalarLogs
import Testing

/// Cutting a log back to a checkpoint, so that a resumed run writes what an uninterrupted one would have.
@Suite struct CutTests {
  @Test(arguments: LogFormat.allCases) func aSuffixIsCutOff(format: LogFormat) throws {
    let folder = try TemporaryFolder()
    let writer = try makeWriter(format, folder.path)
    for step in 1...10 { try writer.add("loss", step: step, value: Float(step)) }
    try writer.cut { _, step in step <= 6 }
    #expect(try points(folder.path, format) == (1...6).map { Point("loss", $0, Float($0)) })
    for step in 7...8 { try writer.add("loss", step: step, value: -1) }
    #expect(try points(folder.path, format) == (1...6).map { Point("loss", $0, Float($0)) } + [Point("loss", 7, -1), Point("loss", 8, -1)])
    #expect(throws: ScalarLogError.self) { try writer.add("loss", step: 8, value: 0) }
  }

  @Test(arguments: LogFormat.allCases) func recordsInBetweenAreTakenOut(format: LogFormat) throws {
    let folder = try TemporaryFolder()
    let writer = try makeWriter(format, folder.path)
    for step in 1...6 {
      try writer.add("train/loss", step: step, value: Float(step))
      if step % 3 == 0 { try writer.add("eval/loss", step: step / 3 - 1, value: Float(-step)) }
    }
    // Evaluation 0 stays although a step before it goes.
    try writer.cut { tag, step in tag == "eval/loss" ? step == 0 : step <= 2 }
    #expect(try points(folder.path, format) == [Point("train/loss", 1, 1), Point("train/loss", 2, 2), Point("eval/loss", 0, -3)])
    #expect(folder.names.count == 1)
    try writer.add("train/loss", step: 3, value: 3)
    try writer.add("eval/loss", step: 1, value: 0)
    #expect(try points(folder.path, format).count == 5)
    try writer.cut { _, _ in true }
    #expect(try points(folder.path, format).count == 5)
  }

  @Test(arguments: LogFormat.allCases) func aCutThatFailsLeavesTheLogAsItWas(format: LogFormat) throws {
    let folder = try TemporaryFolder()
    let writer = try makeWriter(format, folder.path)
    for step in 1...3 { try writer.add("loss", step: step, value: 0) }
    let (path, before) = (logFile(folder), try contents(logFile(folder)))
    // Something in the temporary file's place.
    try FileManager.default.createDirectory(atPath: folder.file(".cut.partial"), withIntermediateDirectories: false)
    #expect(throws: ScalarLogError(path, .system(.remove, code: EISDIR))) { try writer.cut { _, step in step == 2 } }
    #expect(try contents(path) == before)
    #expect(throws: ScalarLogError.self) { try writer.add("loss", step: 3, value: 0) }
    try writer.add("loss", step: 4, value: 0)
  }

  @Test func whatHasNoStepStays() throws {
    let folder = try TemporaryFolder()
    let writer = try VisualDLWriter(folder: folder.path) { 1_700_000_000 }
    try writer.addHyperparameters([("lr", .number(1))], metrics: [], run: "r")
    let length = try contents(writer.path).count
    try writer.add("loss", step: 1, value: 1)
    try writer.cut { _, _ in false }
    #expect(try contents(writer.path).count == length)
    try writer.add("loss", step: 1, value: 1)
    #expect(try points(folder.path, .visualDL) == [Point("loss", 1, 1)])
  }

  /// TensorBoard reads all files of a folder, and its own writers put several values into an event.
  @Test func allEventFilesAndPartsOfEventsAreCut() throws {
    let folder = try TemporaryFolder()
    for name in ["events.out.tfevents.1700000000.fixture.1.0", "events.out.tfevents.1700000100.fixture.1.0"] {
      try write(contents(fixture("tensorboard/" + name)), to: folder.file(name))
    }
    let before = try points(folder.path, .tensorBoard)
    let writer = try TensorBoardWriter(folder: folder.path) { 1_800_000_000 }
    #expect(writer.path.hasSuffix("1700000100.fixture.1.0"))
    let keep = { (tag: String, step: Int) in tag == "train/acc" ? step <= 7 : step <= 4 }
    try writer.cut(keeping: keep)
    let kept = before.filter { keep($0.tag, $0.step) && !$0.value.isNaN }
    #expect(try points(folder.path, .tensorBoard).filter { !$0.value.isNaN } == kept)
    #expect(kept.contains(Point("train/acc", 7, 10.5)) && !kept.contains { $0.tag == "train/loss" && $0.step == 7 })
    #expect(throws: ScalarLogError.self) { try writer.add("train/loss", step: 4, value: 0) }
    try writer.add("train/loss", step: 5, value: 0)
  }

  @Test(arguments: LogFormat.allCases) func aReaderIsToldThatTheLogWasCut(format: LogFormat) throws {
    let folder = try TemporaryFolder()
    let writer = try makeWriter(format, folder.path)
    for step in 1...4 { try writer.add("loss", step: step, value: 0) }
    let log = ScalarLog(format, folder: folder.path, name: ".")
    let reader = ScalarLogReader(log)
    func look() -> (Bool, [Int]) {
      let portion = reader.next()
      #expect(portion.problems.isEmpty)
      return (portion.isRestart, portion.records.map(\.step))
    }
    #expect(look() == (false, [1, 2, 3, 4]))
    try writer.cut { _, step in step < 4 }
    #expect(look() == (true, [1, 2, 3]))
    try writer.cut { _, step in step != 2 }
    #expect(look() == (true, [1, 3]))
    // The file is longer again than what was read of it.
    try writer.cut { _, step in step < 3 }
    for step in 5...9 { try writer.add("loss", step: step, value: 0) }
    #expect(look() == (true, [1, 5, 6, 7, 8, 9]))
    #expect(look() == (false, []))
  }

  /// A run that is killed anywhere and resumed from its last checkpoint leaves the curves of an undisturbed one.
  @Test(arguments: LogFormat.allCases, [1, 2, 3, 4] as [UInt64]) func resumedRunsLeaveTheSameCurves(format: LogFormat, seed: UInt64) throws
  {
    let (stepsPerEpoch, epochs, every) = (7, 4, 5)
    func run(_ writer: any ScalarLogWriter, from checkpoint: Int, to end: Int) throws {
      for step in checkpoint + 1..<end + 1 {
        try writer.add("train/loss", step: step, value: 1 / Float(step))
        if step % stepsPerEpoch == 0 { try writer.add("eval/loss", step: step / stepsPerEpoch - 1, value: 2 / Float(step)) }
      }
      try writer.synchronize()
    }
    let whole = try TemporaryFolder()
    try run(makeWriter(format, whole.path), from: 0, to: stepsPerEpoch * epochs)
    let expected = try points(whole.path, format)
    let folder = try TemporaryFolder()
    var generator = seed
    func draw(_ bound: Int) -> Int {
      generator = generator &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(generator >> 33) % bound
    }
    let clock = TestClock()
    var (checkpoint, killed) = (0, 0)
    while checkpoint < stepsPerEpoch * epochs {
      let writer = try makeWriter(format, folder.path, clock)
      try writer.cut { tag, step in tag == "eval/loss" ? (step + 1) * stepsPerEpoch <= checkpoint : step <= checkpoint }
      let end = min(checkpoint + draw(2 * every) + 1, stepsPerEpoch * epochs)
      try run(writer, from: checkpoint, to: end)
      checkpoint = end == stepsPerEpoch * epochs ? end : end / every * every
      if checkpoint < stepsPerEpoch * epochs {
        // The kill comes within the next record.
        try append([UInt8](repeating: 0x1A, count: 1).prefix(draw(2)) + [26, 0, 0, 0, 0, 0, 0].prefix(draw(8)), to: logFile(folder))
        killed += 1
      }
    }
    #expect(try points(folder.path, format) == expected, "seed \(seed)")
    #expect(killed > 2, "seed \(seed)")
    #expect(folder.names.count == 1)
  }
}
