import Dashboard
import RunHistory
import ScalarLogs
import Terminal
import Testing
import TrainingEvents

@Suite struct ChartTests {
  /// Whether a row has a dot of a curve.
  private func hasDots(_ row: String) -> Bool { row.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) } }

  @Test(arguments: [80, 200])
  func oneSpikeInAMillionPointsReachesTheTopRow(width: Int) throws {
    var fixture = Fixture(mode: .watching, size: Size(width: width, height: 24), smoothing: 0.9)
    let records = (1...1_000_000).map {
      ScalarRecord(tag: "train/loss", step: $0, value: $0 == 637_811 ? 50 : 1, wallTime: Double($0))
    }
    fixture.send(.logs([LogNews(name: "run", records: records)]))
    fixture.press("f")
    let rows = fixture.rows
    let legend = try #require(rows.firstIndex { $0.contains("train") && $0.contains("best") })
    let top = rows[legend + 1]
    #expect(hasDots(top), "\(fixture.picture)")
    let bottom = try #require(rows.lastIndex(where: hasDots))
    // From the top row down without a gap, at one column.
    let column = try #require(Array(top).firstIndex { hasDots(String($0)) })
    for row in legend + 1...bottom { #expect(hasDots(String(Array(rows[row])[column]))) }
  }

  @Test func aZoomedViewDoesNotMoveWhenDataArrives() {
    var fixture = Fixture(size: Size(width: 100, height: 30))
    fixture.begin()
    fixture.train(1...300)
    fixture.press("f")
    fixture.wait()
    let whole = fixture.rows
    fixture.train(301...310)
    fixture.wait()
    #expect(chartOnly(fixture.rows) != chartOnly(whole), "what is not zoomed moves")

    fixture.press("+[")
    fixture.wait()
    let before = fixture.rows
    #expect(before.contains { $0.contains("zoomed") })
    fixture.train(311...450)
    fixture.wait()
    #expect(chartOnly(fixture.rows) == chartOnly(before))

    fixture.press(.end)
    fixture.wait()
    let following = fixture.rows
    #expect(following.contains { $0.contains("following") })
    fixture.train(451...460)
    fixture.wait()
    #expect(chartOnly(fixture.rows) != chartOnly(following))
  }

  /// Rows between the legend and the panels.
  private func chartOnly(_ rows: [String]) -> [String] { Array(rows[6...21]) }

  @Test func theCursorReadsValuesExactlyAsLogged() {
    var fixture = Fixture(size: Size(width: 120, height: 40), smoothing: 0.99)
    fixture.begin()
    let losses = (1...97).map { Float($0) * 0.012345679 }
    for (index, loss) in losses.enumerated() { fixture.step(index + 1, loss: loss, accuracy: 0.1) }
    fixture.evaluate(0, loss: 0.9876543, accuracy: 0.123456)
    fixture.press(.left)
    #expect(fixture.picture.contains("step 97"))
    #expect(fixture.picture.contains("\(losses[96])"))
    for stroke in 1...30 {
      fixture.press(.left, .shift)
      #expect(fixture.picture.contains("step \(97 - stroke) "), "\(stroke)")
      #expect(fixture.picture.contains("\(losses[96 - stroke])"), "\(stroke)")
    }
    #expect(fixture.picture.contains("0.9876543 @50"))
    #expect(fixture.picture.contains("0.123456 @50"))
    // Whatever the zoom.
    fixture.press("+++")
    #expect(fixture.picture.contains("\(losses[66])"))
  }

  @Test func theCursorReachesEveryEnd() {
    var fixture = Fixture(size: Size(width: 80, height: 24))
    fixture.begin()
    fixture.train(1...200)
    for _ in 0..<150 { fixture.press(.left) }
    #expect(fixture.picture.contains("step 1 "))
    for _ in 0..<150 { fixture.press(.right) }
    #expect(fixture.picture.contains("step 200 "))
    fixture.press(.escape)
    #expect(!fixture.picture.contains("step 200 "))
  }

  @Test func divergenceIsAMarkerAndNoValue() throws {
    var fixture = Fixture(size: Size(width: 80, height: 24))
    fixture.begin()
    fixture.train(2...40)
    let before = fixture.rows.joined()
    fixture.step(41, loss: .nan)
    fixture.tell(.diverged(model: "mobilevit_xxs", epoch: 0, step: 41))
    fixture.step(42, loss: .infinity)
    #expect(fixture.picture.contains("mobilevit_xxs diverged at step 41"))
    fixture.press("f")
    fixture.wait()
    let rows = fixture.rows
    let legend = try #require(rows.firstIndex { $0.contains("+Inf") })
    #expect(rows[legend + 1].contains("✖"))
    #expect(fixture.picture.contains("diverged at step 41"))
    // The axis ends at the highest finite loss.
    #expect(before.contains("1.0 ┤") && rows[legend + 1].contains("1.0 ┤"))
  }

  @Test func changedDataShowTheirBoundary() {
    var fixture = Fixture(size: Size(width: 120, height: 40))
    fixture.begin(resumedAt: 100)
    fixture.tell(
      .dataChanged(DataChangeEvent(model: "mobilevit_xxs", epoch: 2, step: 100, change: 1, missing: 1, added: 0, resized: 0)))
    fixture.train(101...140)
    // The change takes the place of the resumption at the same step.
    #expect(fixture.picture.contains("data changed") && !fixture.picture.contains("resumed"))
  }

  @Test func resumingShowsItsBoundaryAndNoLoop() {
    var fixture = Fixture(size: Size(width: 120, height: 40))
    fixture.begin(resumedAt: 100)
    fixture.train(101...140)
    #expect(fixture.picture.contains("resumed"))
    #expect(fixture.picture.contains("epoch  3/10"))
  }

  @Test func logarithmicAxesTickInPowersOfTen() {
    var fixture = Fixture(size: Size(width: 80, height: 30))
    fixture.begin()
    for number in 1...100 { fixture.step(number, loss: number < 50 ? 100 : 0.001) }
    fixture.press("fy")
    fixture.wait()
    let ticks = fixture.rows.compactMap { row -> String? in
      guard let mark = row.firstIndex(of: "┤") else { return nil }
      return row[..<mark].split(separator: " ").last.map(String.init)
    }
    #expect(ticks.contains("100") && ticks.contains("1"))
    #expect(ticks.compactMap(Double.init).allSatisfy { [0.001, 0.01, 0.1, 1, 10, 100].contains($0) }, "\(ticks)")
  }

  @Test func smoothingShowsTheRawCurveBehind() {
    var fixture = Fixture(size: Size(width: 80, height: 24), smoothing: 0)
    fixture.begin()
    for number in 1...200 { fixture.step(number, loss: number % 2 == 0 ? 1 : 2) }
    fixture.press("f")
    fixture.wait()
    func dots() -> Int { fixture.rows.reduce(0) { $0 + $1.unicodeScalars.filter { (0x2801...0x28FF).contains($0.value) }.count } }
    let raw = dots()
    fixture.press("sss")
    fixture.wait()
    #expect(dots() == raw, "the raw curve's cells stay drawn")
    #expect(fixture.picture.contains("smooth 0.99"))
  }

  @Test func epochsAndTimesCanBeTheAxis() {
    var fixture = Fixture(size: Size(width: 120, height: 40))
    fixture.begin()
    fixture.train(1...100)
    fixture.press("x")
    fixture.wait()
    #expect(fixture.picture.contains("epoch "))
    fixture.press(.left)
    #expect(fixture.picture.contains("epoch 2.00"))
    fixture.press("x")
    fixture.press(.left)
    #expect(fixture.picture.contains("01:40"))
  }
}
