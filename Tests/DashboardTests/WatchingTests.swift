import Dashboard
import RunHistory
import ScalarLogs
import Terminal
import Testing
import TrainingEvents

@Suite struct WatchingTests {
  private func records(_ tags: [String], steps: Int = 50) -> [ScalarRecord] {
    (1...steps).flatMap { step in
      tags.map { ScalarRecord(tag: $0, step: step, value: 1 / Float(step), wallTime: 1_700_000_000 + Double(step)) }
    }
  }

  @Test func aLogWithoutAnyLossDoesNotTakeTheOverview() {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    fixture.send(.logs([LogNews(name: "run", records: records(["Loss/train"]))]))
    fixture.send(.logs([LogNews(name: "run/note", records: records(["note"], steps: 60))]))
    #expect(fixture.rows[1].contains("─┐run┌"), "\(fixture.rows[1])")
  }

  @Test func curvesThatAreNoUsualOnesAreShownUnderTheirTags() {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    fixture.send(.logs([LogNews(name: "gan", records: records(["fid", "inception/score"]))]))
    #expect(fixture.picture.contains("┐fid┌") && fixture.picture.contains("┐inception/score┌"))
    #expect(!fixture.picture.contains("no such curve"))
    fixture.press("f")
    #expect(fixture.picture.contains("┐fid┌") && !fixture.picture.contains("inception/score"))
    fixture.press("f")
    #expect(!fixture.picture.contains("┐fid┌") && fixture.picture.contains("inception/score"))
    fixture.press("f")
    #expect(fixture.picture.contains("┐fid┌") && fixture.picture.contains("inception/score"))
    fixture.press("a")
    #expect(fixture.rows.contains { $0.hasPrefix("fid: 0.02") }, "\(fixture.picture)")
  }

  @Test func oneCurveAloneHasTheWholeWidth() {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    fixture.send(.logs([LogNews(name: "run", records: records(["loss"]))]))
    #expect(!fixture.picture.contains("accuracy") && !fixture.picture.contains("no speed"))
  }

  @Test func theComparisonLeavesOutWhatNoLogTells() {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    for name in ["a", "b"] { fixture.send(.logs([LogNews(name: name, records: records(["train/loss", "val/acc"]))])) }
    fixture.press("c")
    #expect(!fixture.picture.contains("MACs") && !fixture.picture.contains("params") && !fixture.picture.contains("parameters"))
    #expect(fixture.rows.contains { $0.contains("model") && $0.contains("best") && $0.contains("to 80%") })
    // The order goes over the columns that are there.
    for _ in 0..<9 {
      fixture.press("o")
      #expect(fixture.rows.contains { $0.contains("▼") || $0.contains("▲") })
    }
  }

  @Test func whatARunKeptOfItsPredictionsIsShownWithoutPictures() {
    var fixture = Fixture(mode: .watching, size: Size(width: 120, height: 40))
    for name in ["a", "b"] { fixture.send(.logs([LogNews(name: name, records: records(["train/loss"]))])) }
    fixture.press("5")
    #expect(fixture.picture.contains("no predictions were kept"))
    for (name, classes) in [("a", ["cat", "dog"]), ("b", ["oak", "elm"])] {
      fixture.send(
        .predictions(
          PredictionReport(model: name, epoch: 2, counts: PredictionCounts(matrix: [[7, 1], [2, 5]]), mistakes: []), classes: classes))
    }
    let first = fixture.picture
    #expect(first.contains("confusion") && first.contains("80.00% right") && first.contains("epoch 3"), "\(first)")
    #expect(first.contains("by class") && !first.contains("mistakes"))
    #expect(first.contains("recall") && first.contains("precision") && first.contains("77.8%"), "\(first)")
    fixture.press("n")
    #expect([first, fixture.picture].contains { $0.contains("cat") && !$0.contains("oak") })
    #expect([first, fixture.picture].contains { $0.contains("oak") && !$0.contains("cat") })
    fixture.press("a")
    #expect(fixture.rows.contains { $0.contains("7 of 8 right") }, "\(fixture.picture)")
  }
}
