import Foundation
import ScalarLogs
import Testing

/// Logs that end anywhere: a kill, a full disk and a reader that comes too early all leave such files.
@Suite struct TornTailTests {
  private static let count = 12

  private func value(_ step: Int) -> Float { 1 / Float(step) }

  /// Writes steps `steps` of two curves.
  private func write(_ steps: ClosedRange<Int>, to writer: any ScalarLogWriter) throws {
    for step in steps {
      try writer.add("train/loss", step: step, value: value(step))
      try writer.add("train/images_per_second", step: step, value: Float(step) * 10)
    }
  }

  private func expected(_ steps: ClosedRange<Int>) -> [Point] {
    steps.flatMap { [Point("train/loss", $0, value($0)), Point("train/images_per_second", $0, Float($0) * 10)] }
  }

  @Test(arguments: LogFormat.allCases) func everyCutLeavesTheWholeRecordsBeforeIt(format: LogFormat) throws {
    let whole = try TemporaryFolder()
    try write(1...3, to: makeWriter(format, whole.path))
    let file = try contents(logFile(whole))
    let all = expected(1...3)
    let folder = try TemporaryFolder()
    let path = folder.file(whole.names[0])
    var last = 0
    for length in 0...file.count {
      try ScalarLogsTests.write(file[..<length], to: path)
      let before = try points(folder.path, format)
      #expect(before == Array(all.prefix(before.count)) && before.count >= last, "cut at \(length)")
      last = before.count
      // A writer goes on after the last whole record, whatever the tail.
      let writer = try makeWriter(format, folder.path)
      try writer.add("after", step: 1, value: 7)
      #expect(try points(folder.path, format) == before + [Point("after", 1, 7)], "cut at \(length)")
    }
    #expect(last == all.count)
  }

  @Test(arguments: LogFormat.allCases) func aReaderSeesEachRecordWhenItsLastByteIsThere(format: LogFormat) throws {
    let whole = try TemporaryFolder()
    try write(1...3, to: makeWriter(format, whole.path))
    let file = try contents(logFile(whole))
    let folder = try TemporaryFolder()
    let path = folder.file(whole.names[0])
    try ScalarLogsTests.write([], to: path)
    let reader = ScalarLogReader(ScalarLog(format, folder: folder.path, name: "."))
    var seen: [Point] = []
    for byte in file {
      try append([byte], to: path)
      let new = try reader.read()
      #expect(new.count <= 1)
      seen += new.map { Point($0) }
    }
    #expect(seen == expected(1...3))
    #expect(try reader.read().isEmpty)
  }

  @Test(arguments: LogFormat.allCases) func aReaderForgetsATornTailThatAResumedRunReplaces(format: LogFormat) throws {
    let folder = try TemporaryFolder()
    try write(1...2, to: makeWriter(format, folder.path))
    let path = logFile(folder)
    try ScalarLogsTests.write(contents(path).dropLast(5), to: path)
    let reader = ScalarLogReader(ScalarLog(format, folder: folder.path, name: "."))
    #expect(try reader.read().count == 3)
    try makeWriter(format, folder.path).add("another/curve/of/the/resumed/run", step: 9, value: 9)
    #expect(try reader.read().map { Point($0) } == [Point("another/curve/of/the/resumed/run", 9, 9)])
  }

  @Test func aReaderWaitsForALogThatIsNotThereYet() throws {
    let folder = try TemporaryFolder()
    let reader = ScalarLogReader(ScalarLog(.tensorBoard, folder: folder.path, name: "."))
    #expect(try reader.read().isEmpty)
    let theirs = fixture("tensorboard/events.out.tfevents.")
    try ScalarLogsTests.write(contents(theirs + "1700000000.fixture.1.0"), to: folder.file("events.out.tfevents.1"))
    #expect(try reader.read().count == 16)
    try ScalarLogsTests.write(contents(theirs + "1700000100.fixture.1.0"), to: folder.file("events.out.tfevents.2"))
    #expect(try reader.read().count == 6)
    #expect(try reader.read().isEmpty)
  }

  @Test(arguments: LogFormat.allCases) func zerosAndADamagedLastRecordAreDropped(format: LogFormat) throws {
    let folder = try TemporaryFolder()
    try write(1...2, to: makeWriter(format, folder.path))
    let path = logFile(folder)
    let sound = try contents(path)
    for zeros in [1, 8, 40, 5000] {
      try ScalarLogsTests.write(sound + [UInt8](repeating: 0, count: zeros), to: path)
      try makeWriter(format, folder.path).add("train/loss", step: 3, value: 0)
      #expect(try points(folder.path, format) == expected(1...2) + [Point("train/loss", 3, 0)], "\(zeros) zeros")
    }
    // The last record's frame is there, its contents are not.
    var damaged = sound
    for index in sound.count - 30..<sound.count { damaged[index] = 0 }
    for tail in [0, 100] {
      try ScalarLogsTests.write(damaged + [UInt8](repeating: 0, count: tail), to: path)
      _ = try makeWriter(format, folder.path)
      #expect(try points(folder.path, format) == Array(expected(1...2).dropLast()))
    }
  }

  @Test func tensorBoardNoticesEveryFlippedByte() throws {
    let folder = try TemporaryFolder()
    try write(1...2, to: makeWriter(.tensorBoard, folder.path))
    let path = logFile(folder)
    let sound = try contents(path)
    let starts = frameStarts(sound, trailer: 4, header: 12)
    // In the last record the damage is a torn tail to a writer, so only earlier ones are flipped.
    for index in 0..<starts.last! {
      var damaged = sound
      damaged[index] ^= 0x10
      try ScalarLogsTests.write(damaged, to: path)
      let start = starts.last { $0 <= index }!
      // A length that is sound tells where the next record begins.
      let (place, endsFile) = (try #require(starts.firstIndex(of: start)), index - start < 12)
      let all = expected(1...2)
      let left = all.enumerated().filter { $0.offset + 1 < place || (!endsFile && $0.offset + 1 > place) }.map(\.element)
      #expect(try recordsAroundDamage(folder.path, .tensorBoard, path, offset: start) == left, "byte \(index)")
      #expect(throws: ScalarLogError.self, "byte \(index)") { try makeWriter(.tensorBoard, folder.path) }
      #expect(try contents(path) == damaged, "a damaged log must be left alone")
    }
  }

  @Test func visualDLNoticesLengthsAndContentsThatCannotBe() throws {
    let folder = try TemporaryFolder()
    try write(1...2, to: makeWriter(.visualDL, folder.path))
    let path = logFile(folder)
    let sound = try contents(path)
    let start = frameStarts(sound, trailer: 0, header: 8)[2]
    for (offset, byte) in [(7, UInt8(0x7F)), (4, 1), (0, 0), (8, 0), (9, 0xFF)] {
      var damaged = sound
      damaged[start + offset] = byte
      try ScalarLogsTests.write(damaged, to: path)
      #expect(try recordsAroundDamage(folder.path, .visualDL, path, offset: start) == [expected(1...1)[0]], "byte \(offset)")
      #expect(throws: ScalarLogError.self, "byte \(offset)") { try makeWriter(.visualDL, folder.path) }
    }
  }

  /// All records that can be read; the damage at `offset` must be reported once.
  private func recordsAroundDamage(_ folder: String, _ format: LogFormat, _ path: String, offset: Int) throws -> [Point] {
    let reader = ScalarLogReader(ScalarLog(format, folder: folder, name: "."))
    let portion = reader.next()
    let problem = try #require(portion.problems.first)
    switch problem.problem {
    case .skipped(offset, _), .stopped(offset, _): #expect(portion.problems.count == 1 && problem.file == path)
    default: Issue.record("\(problem)")
    }
    let more = reader.next()
    #expect(more.problems.isEmpty && more.records.isEmpty)
    return portion.records.map { Point($0) }
  }

  private func frameStarts(_ file: [UInt8], trailer: Int, header: Int) -> [Int] {
    var starts: [Int] = []
    var position = 0
    while position < file.count {
      starts.append(position)
      position += header + Int(file[position]) + trailer
    }
    return starts
  }
}
