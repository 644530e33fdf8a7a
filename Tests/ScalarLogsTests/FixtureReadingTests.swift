import Foundation
import ScalarLogs
import Testing

/// Logs of the formats' own writers, against what their own readers found in them.
@Suite struct FixtureReadingTests {
  private struct Row {
    let tag: String
    let step: Int
    let value: String
    let time: Double
  }

  private func expected(_ folder: String) throws -> [Row] {
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture(folder + "/expected.json")))
    let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[Any]])
    return try rows.map { row in
      Row(
        tag: try #require(row[0] as? String), step: try #require(row[1] as? Int), value: try #require(row[2] as? String),
        time: try #require((row[3] as? NSNumber)?.doubleValue))
    }
  }

  private func check(_ format: LogFormat, _ folder: String, seconds: (Double) -> Double) throws {
    let records = try ScalarLogReader(ScalarLog(format, folder: fixture(folder), name: folder)).read()
    let rows = try expected(folder)
    #expect(records.count == rows.count)
    for row in rows {
      let record = try #require(records.first { $0.tag == row.tag && $0.step == row.step }, "\(row)")
      let value = try #require(Double(row.value))
      #expect(Double(record.value) == value || record.value.isNaN && value.isNaN, "\(row)")
      #expect(abs(record.wallTime - seconds(row.time)) < 1e-6, "\(row)")
    }
    for tag in Set(rows.map(\.tag)) {
      #expect(records.filter { $0.tag == tag }.map(\.step) == rows.filter { $0.tag == tag }.map(\.step))
    }
  }

  @Test func readsVisualDL() throws { try check(.visualDL, "visualdl") { $0 < 2e9 ? $0 : $0 / 1000 } }

  @Test func readsTensorBoard() throws { try check(.tensorBoard, "tensorboard") { $0 } }

  @Test func readsInPortions() throws {
    let log = ScalarLog(.tensorBoard, folder: fixture("tensorboard"), name: "x")
    let reader = ScalarLogReader(log)
    var records: [ScalarRecord] = []
    while true {
      let portion = try reader.read(atMost: 3)
      if portion.isEmpty { break }
      records += portion
    }
    // Not a number is unlike itself: compare without it.
    #expect(records.filter { !$0.value.isNaN } == (try ScalarLogReader(log).read().filter { !$0.value.isNaN }))
    #expect(records.count == 22)
  }
}
