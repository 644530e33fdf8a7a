import Foundation
import RunHistory
import ScalarLogs
import Testing

/// Curves of logs with several files, against what the formats' own readers find in them.
@Suite struct OwnReadersTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Fixtures/ScalarLogs").standardized

  /// A point of a curve, to be compared whatever its place.
  private func text(_ tag: String, _ step: Int, _ value: Float, _ time: Double) -> String { "\(Array(tag.utf8)) \(step) \(value) \(time)" }

  private func expected(_ folder: String) throws -> [String] {
    let data = try Data(contentsOf: Self.fixtures.appendingPathComponent(folder + "/expected.json"))
    let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[Any]])
    return try rows.map { row in
      let time = try #require((row[3] as? NSNumber)?.doubleValue)
      let digits = try #require(row[2] as? String)
      let value = try #require(Float(digits))
      return text(try #require(row[0] as? String), try #require(row[1] as? Int), value, time > 1e11 ? time / 1000 : time)
    }.sorted()
  }

  private func found(_ history: History) -> [String] {
    history.models.flatMap(\.entries).flatMap { entry in
      (0..<entry.curve.count).map { place in
        let point = entry.curve[place]
        return text(entry.tag, point.epoch ?? point.step, point.value, point.wallTime)
      }
    }.sorted()
  }

  @Test(arguments: ["tensorboard_files", "tensorboard_old", "visualdl_files"]) func curvesAreThoseOfTheFormatsOwnReader(name: String) throws
  {
    let watcher = LogWatcher([Self.fixtures.path + "/" + name])
    #expect(watcher.discover() == [])
    var history = History()
    for item in watcher.read() {
      #expect(item.problems.isEmpty && !item.isRestart)
      history.receive(item.records, of: item.name, sessions: item.resumedAt)
    }
    #expect(try found(history) == expected(name))
  }

  /// The same files as they grow: a part of each at a time, in turns.
  @Test(arguments: ["tensorboard_files", "tensorboard_old", "visualdl_files"], [7, 40, 333]) func liveTheyAreTheSame(
    name: String, piece: Int
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("own-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = Self.fixtures.appendingPathComponent(name)
    let names = try FileManager.default.contentsOfDirectory(atPath: source.path).filter { !$0.hasSuffix(".json") }.sorted()
    var rest = try names.map { try Data(contentsOf: source.appendingPathComponent($0)) }
    let handles = try names.map { file -> FileHandle in
      try Data().write(to: folder.appendingPathComponent(file))
      return try FileHandle(forWritingTo: folder.appendingPathComponent(file))
    }
    let watcher = LogWatcher([folder.path])
    _ = watcher.discover()
    var history = History()
    while rest.contains(where: { !$0.isEmpty }) {
      for index in rest.indices {
        try handles[index].write(contentsOf: rest[index].prefix(piece))
        rest[index] = rest[index].dropFirst(piece)
      }
      for item in watcher.read() {
        if item.isRestart { history.restart(item.name) }
        #expect(item.problems.isEmpty)
        history.receive(item.records, of: item.name, sessions: item.resumedAt)
      }
    }
    #expect(try found(history) == expected(name))
  }
}
