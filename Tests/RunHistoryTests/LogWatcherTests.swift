import Foundation
import RunHistory
import ScalarLogs
import Testing

@Suite struct LogWatcherTests {
  /// A folder of the test's own, removed afterwards.
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("watch-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func values(_ news: [LogNews]) -> [Float] { news.flatMap(\.records).map(\.value) }

  @Test func followsALogThatGrowsByHalfRecords() throws {
    try inFolder { folder in
      let whole = folder + "/elsewhere"
      let writer = try VisualDLWriter(folder: whole) { 1_700_000_000 }
      for step in 1...5 { try writer.add("train/loss", step: step, value: Float(step)) }
      let bytes = try Data(contentsOf: URL(fileURLWithPath: writer.path))

      let watchedFolder = folder + "/runs/one/scalars/mobilevit_xxs"
      try FileManager.default.createDirectory(atPath: watchedFolder, withIntermediateDirectories: true)
      let file = watchedFolder + "/vdlrecords.1700000000.log"
      #expect(FileManager.default.createFile(atPath: file, contents: nil))
      let handle = try #require(FileHandle(forWritingAtPath: file))
      let watcher = LogWatcher([folder + "/runs"])
      #expect(watcher.discover() == [])
      var history = History()
      // A byte at a time: at no moment is a half-written record an error or a wrong value.
      for (index, byte) in bytes.enumerated() {
        try handle.write(contentsOf: Data([byte]))
        guard index % 7 == 0 || index == bytes.count - 1 else { continue }
        for item in watcher.read() {
          #expect(item.problems.isEmpty && !item.isRestart)
          history.receive(item.records, of: item.name)
        }
      }
      let curve = try #require(history.model(named: "one/mobilevit_xxs")?.curve(.loss, .training))
      #expect((0..<curve.count).map { curve[$0].value } == [1, 2, 3, 4, 5])
    }
  }

  @Test func findsLogsThatComeLaterAndRunsThatAreResumed() throws {
    try inFolder { folder in
      let watcher = LogWatcher([folder])
      #expect(watcher.discover() == [])
      #expect(watcher.read().isEmpty)
      let writer = try VisualDLWriter(folder: folder + "/late") { 1_700_000_000 }
      for step in 1...10 { try writer.add("train/loss", step: step, value: Float(step)) }
      #expect(watcher.discover() == [])
      #expect(values(watcher.read()) == (1...10).map(Float.init))
      #expect(watcher.read().isEmpty)

      try writer.cut { _, step in step <= 6 }
      try writer.add("train/loss", step: 7, value: 70)
      let news = watcher.read()
      #expect(news.map(\.isRestart) == [true])
      #expect(values(news) == [1, 2, 3, 4, 5, 6, 70])
    }
  }

  /// A run of VisualDL that was resumed, or opened its log anew for each point, has several files.
  @Test func aNewLogInTheSameFolderJoinsTheOld() throws {
    try inFolder { folder in
      let first = try VisualDLWriter(folder: folder + "/run") { 1_700_000_000 }
      for step in 1...3 { try first.add("loss", step: step, value: 1) }
      let watcher = LogWatcher([folder])
      var history = History()
      func follow() -> [LogNews] {
        let news = watcher.read()
        for item in news { history.receive(item.records, of: item.name, sessions: item.resumedAt) }
        return news
      }
      _ = watcher.discover()
      #expect(values(follow()) == [1, 1, 1])
      // As the other program writes it: a file of its own.
      let elsewhere = try VisualDLWriter(folder: folder + "/elsewhere") { 1_700_000_100 }
      for step in 3...5 { try elsewhere.add("loss", step: step, value: 5) }
      let name = try #require(elsewhere.path.split(separator: "/").last)
      try FileManager.default.moveItem(atPath: elsewhere.path, toPath: "\(folder)/run/\(name)")
      let news = follow()
      #expect(news.map(\.isRestart) == [false] && news.map(\.problems) == [[]])
      let model = try #require(history.model(named: "run"))
      let curve = try #require(model.curve(tag: "loss"))
      #expect((0..<curve.count).map { curve[$0].value } == [1, 1, 1, 5, 5, 5])
      #expect((0..<curve.count).map { curve[$0].step } == [1, 2, 3, 3, 4, 5])
      #expect(model.restartSteps == [3] && model.sharedTag == nil)
      #expect(watcher.read().isEmpty)
    }
  }

  @Test func twoFormatsOfOneRunAreShownOnce() throws {
    try inFolder { folder in
      let clock = { 1_700_000_000.0 }
      let both: [any ScalarLogWriter] = [
        try VisualDLWriter(folder: folder + "/run", clock: clock), try TensorBoardWriter(folder: folder + "/run", clock: clock),
        try TensorBoardWriter(folder: folder + "/other", clock: clock),
      ]
      for writer in both { try writer.add("loss", step: 1, value: 2) }
      let watcher = LogWatcher([folder])
      _ = watcher.discover()
      #expect(watcher.read().map(\.name).sorted() == ["other", "run"])
    }
  }

  @Test func aFolderThatIsNotThereIsToldOnce() throws {
    let watcher = LogWatcher(["/nowhere/at/all"])
    let problems = watcher.discover()
    #expect(problems.count == 1 && problems[0].contains("/nowhere/at/all"))
    #expect(watcher.discover() == [])
  }

  @Test func aDamagedRecordIsReportedOnce() throws {
    try inFolder { folder in
      let writer = try TensorBoardWriter(folder: folder + "/run") { 1_700_000_000 }
      for step in 1...3 { try writer.add("loss", step: step, value: 1) }
      var bytes = try Data(contentsOf: URL(fileURLWithPath: writer.path))
      bytes[bytes.count - 3] ^= 0xFF
      try bytes.write(to: URL(fileURLWithPath: writer.path))
      let watcher = LogWatcher([folder])
      _ = watcher.discover()
      let news = watcher.read()
      #expect(values(news) == [1, 1])
      let problem = try #require(news.flatMap(\.problems).first)
      #expect(problem.contains(writer.path) && problem.contains("skipped"))
      #expect(watcher.read().isEmpty)
    }
  }

  @Test func logsWhoseNamesDifferInBytesAlone() throws {
    try inFolder { folder in
      let names = ["caf\u{E9}", "cafe\u{301}"]
      for (index, name) in names.enumerated() {
        let writer = try VisualDLWriter(folder: "\(folder)/\(name)") { 1_700_000_000 }
        try writer.add("loss", step: 1, value: Float(index))
      }
      let watcher = LogWatcher([folder])
      #expect(watcher.discover() == [] && watcher.logCount == 2)
      var history = History()
      history.number(watcher.logs.map(\.name))
      for item in watcher.read() { history.receive(item.records, of: item.name) }
      #expect(history.models.count == 2 && Set(history.models.map(\.number)) == [1, 2])
      for (index, name) in names.enumerated() { #expect(history.model(named: name)?.curve(tag: "loss")?.last?.value == Float(index)) }
    }
  }

  @Test func modelsOfARunComeInItsOrderAndOthersByName() throws {
    try inFolder { folder in
      for name in ["a", "run/scalars/x", "run/scalars/y", "run/scalars/z", "run2/scalars/z", "s"] {
        let writer = try VisualDLWriter(folder: folder + "/" + name) { 1_700_000_000 }
        try writer.add("loss", step: 1, value: 1)
      }
      let ranks = ["z": 0, "x": 1, "y": 2]
      let watcher = LogWatcher([folder]) { log in
        guard let scalars = log.folder.range(of: "/scalars/"), let rank = ranks[String(log.folder[scalars.upperBound...])] else {
          return nil
        }
        return (String(log.folder[..<scalars.lowerBound]), rank)
      }
      _ = watcher.discover()
      let names = ["a", "run/z", "run/x", "run/y", "run2/z", "s"]
      #expect(watcher.logs.map(\.name) == names && watcher.read().map(\.name) == names)
      let late = try VisualDLWriter(folder: folder + "/0") { 1_700_000_000 }
      try late.add("loss", step: 1, value: 1)
      _ = watcher.discover()
      #expect(watcher.logs.map(\.name) == names + ["0"])
    }
  }

  @Test func readsInPortions() throws {
    try inFolder { folder in
      for name in ["a", "b"] {
        let writer = try VisualDLWriter(folder: folder + "/" + name) { 1_700_000_000 }
        for step in 1...50 { try writer.add("loss", step: step, value: 1) }
      }
      let watcher = LogWatcher([folder])
      _ = watcher.discover()
      var counts: [String: Int] = [:]
      for _ in 0..<20 {
        let news = watcher.read(atMost: 15)
        #expect(values(news).count <= 15)
        for item in news { counts[item.name, default: 0] += item.records.count }
      }
      #expect(counts == ["a": 50, "b": 50])
    }
  }
}
