import Dashboard
import RunHistory
import ScalarLogs
import Terminal
import Testing
import TrainingEvents

/// Logs may hold any numbers and any text: every view draws them on every axis.
@Suite struct HostileValuesTests {
  private func record(_ tag: String, _ step: Int, _ value: Float, _ time: Double) -> ScalarRecord {
    ScalarRecord(tag: tag, step: step, value: value, wallTime: time)
  }

  /// Draws the screens that show what logs hold, in words too, zoomed, with a cursor, on all axes, and with a logarithmic axis.
  private func drawEverything(_ fixture: inout Fixture) {
    for axis in CurveAxis.allCases {
      fixture.press("1")
      while fixture.model.settings.axis != axis { fixture.press("x") }
      for screen in "1cwl" {
        fixture.press(String(screen))
        for keys in ["", "+++++", "f"] {
          fixture.press(keys)
          if screen != "w" && screen != "l" {
            for _ in 0..<2 { fixture.press(.left) }
            fixture.press(.right)
          }
          _ = fixture.picture
          fixture.press("y")
          _ = fixture.picture
          fixture.press("a")
          _ = fixture.picture
          fixture.press("ay")
        }
        fixture.press(.escape)
      }
    }
  }

  @Test(arguments: [
    [Double.infinity, -.infinity, .nan], [1e300, 1e300, 1e300], [-1e300, 0, 1e300], [-5, -4, -3], [1.7e9, 1e300, 1.7e9 + 1],
    [9.2e15, 9.2e15, 9.2e15],
  ])
  func timesAreDrawnOnEveryAxis(times: [Double]) {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    for tag in ["train/loss", "eval/acc", "train/images_per_second", "other"] {
      fixture.send(.logs([LogNews(name: "run", records: times.enumerated().map { record(tag, $0, Float($0), $1) })]))
    }
    drawEverything(&fixture)
    #expect(fixture.picture.contains("run"))
  }

  @Test(arguments: [[Int.min, 0, .max], [.max, .max, .max], [.min, .min, .min], [0, 0, 0], [.max - 1, .max, 1 << 53]])
  func stepsAndValuesAreDrawnOnEveryAxis(steps: [Int]) {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    let values: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0]
    for (place, tag) in ["train/loss", "eval/acc", "train/acc", "train/images_per_second", "lr", "other"].enumerated() {
      let records = steps.enumerated().flatMap { index, step in
        values.map { record(tag, step, index == place % 3 ? 1 : $0, 1.7e9 + Double(index)) }
      }
      fixture.send(.logs([LogNews(name: "run", records: records), LogNews(name: "b", records: records.reversed())]))
    }
    drawEverything(&fixture)
    #expect(fixture.picture.contains("run"))
  }

  /// The axis is remembered: the next start has it before there is a value.
  @Test func aRememberedTimeAxisDrawsTheFirstValues() {
    var settings = DashboardSettings()
    settings.axis = .time
    var model = DashboardModel(mode: .watching, settings: settings)
    _ = model.update(.logs([LogNews(name: "run", records: [record("loss", 1, 1, .infinity), record("loss", 2, 1, 1e300)])]))
    #expect(model.view().picture.contains("run"))
  }

  @Test func aTagOfAMegabyteIsCutWhereverItIsShown() {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    for letter in ["x", "\u{301}", "字"] {
      let tag = "q" + String(repeating: letter, count: 1_000_000 / letter.utf8.count)
      fixture.send(.logs([LogNews(name: "run", records: [record(tag, 1, 1, 1), record(tag, 2, 2, 2)], problems: ["\(tag) is wrong"])]))
    }
    for key in "1fcwlalca" {
      fixture.press(String(key))
      _ = fixture.picture
    }
    fixture.press("1a")
    #expect(fixture.picture.contains("qxxxx"))
    // What is cut is told.
    #expect(
      PlainLine("x" + String(repeating: "y", count: 1_000_000), "1").text == "x" + String(repeating: "y", count: 1999)
        + "… (1000001 bytes in all): 1")
  }

  @Test func ofManyTagsAThousandAreListedAndTheRestIsCounted() {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    fixture.send(.logs([LogNews(name: "run", records: (0..<30_000).map { record("tag\($0)", 1, 1, 1) })]))
    drawEverything(&fixture)
    fixture.press("1a")
    for _ in 0..<60 { fixture.press(.pageDown) }
    #expect(fixture.picture.contains("curves that are not listed: 29000"), "\(fixture.picture)")
  }

  @Test func namesThatDifferInBytesAloneAreTwoRunsAndTwoCharts() {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    let names = ["caf\u{E9}", "cafe\u{301}"]
    for (index, name) in names.enumerated() {
      let records = names.enumerated().map { record($1, 7, Float(10 * index + $0), 1) }
      fixture.send(.logs([LogNews(name: name, records: records)]))
    }
    #expect(fixture.model.history.models.count == 2)
    fixture.press("w")
    #expect(fixture.picture.contains("2 of 2 shown"))
    fixture.press("h")
    #expect(fixture.picture.contains("1 of 2 shown"), "\(fixture.picture)")
    fixture.press("1a")
    #expect(fixture.rows.filter { $0.hasPrefix("café: ") }.count == 2, "\(fixture.picture)")
  }
}
