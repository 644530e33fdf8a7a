import Dashboard
import RunHistory
import Terminal
import Testing
import TrainingEvents

@Suite struct ComparisonTests {
  private func compared(_ names: [String], size: Size) -> Fixture {
    var fixture = Fixture(size: size)
    fixture.begin(names)
    for (index, name) in names.enumerated() {
      fixture.train(1...50, model: name)
      fixture.evaluate(0, loss: 0.6, accuracy: 0.5 + Float(index) / 8, model: name)
    }
    fixture.wait()
    fixture.press("c")
    return fixture
  }

  @Test func everyChartHasItsOwnTitle() {
    let low = compared(["a", "b"], size: Size(width: 120, height: 24))
    #expect(low.rows[1].contains("training loss") && low.rows[1].contains("evaluation accuracy"), "\(low.rows[1])")
    let high = compared(["a", "b"], size: Size(width: 120, height: 40))
    #expect(high.rows[1].contains("training loss") && high.rows[1].contains("evaluation accuracy"))
    #expect(high.rows.contains { $0.contains("gap: training minus") && $0.contains("best accuracy against parameters") })
  }

  @Test func vShowsEachChartAloneAndThenAllAgain() {
    for size in [Size(width: 120, height: 40), Size(width: 80, height: 24)] {
      var fixture = compared(["a", "b"], size: size)
      let all = fixture.rows[1]
      var titles: [String] = []
      for _ in 0..<10 {
        fixture.press("v")
        if fixture.rows[1] == all { break }
        titles.append(fixture.rows[1])
        #expect(fixture.model.view().size == size)
      }
      #expect(fixture.rows[1] == all && Set(titles).count == titles.count && titles.count >= 4, "\(titles)")
    }
  }

  @Test func aSweepShowsItsSensitivity() {
    let fixture = compared(["a@weight-decay=0", "a@weight-decay=1e-3"], size: Size(width: 120, height: 40))
    #expect(fixture.picture.contains("best accuracy by weight-decay"))
    #expect(fixture.rows.contains { $0.contains("1e-3") && $0.contains(" 0 ") })
  }

  @Test func whatIsTheSameForAllIsNobodysBest() throws {
    let fixture = compared(["a", "b"], size: Size(width: 120, height: 40))
    let rows = fixture.rows.filter { $0.contains("951k") }
    #expect(rows.count == 2 && rows.allSatisfy { !$0.contains("★ 951k") }, "\(rows)")
    #expect(rows[1].contains("★ 62.50%"))
  }

  @Test func aNarrowWindowKeepsWhatSaysMost() throws {
    let row = try #require(compared(["a", "b"], size: Size(width: 80, height: 24)).rows.first { $0.contains("params") })
    for title in ["params", "img/s", "last", "best", "gap", "to 80%"] { #expect(row.contains(title), "\(row)") }
    #expect(!row.contains("memory"))
  }

  /// On the ordinary screen there is nothing else that says what the time is to.
  @Test func theTableAtTheEndTellsTheTimeToTheTarget() throws {
    let lines = compared(["a", "b@weight-decay=1e-4"], size: Size(width: 80, height: 24)).model.summary
    let head = try #require(lines.first { $0.contains("params") })
    for title in ["params", "MACs", "img/s", "memory", "last", "best", "gap", "to 80%"] { #expect(head.contains(title), "\(head)") }
    #expect(lines.allSatisfy { $0.count <= 110 } && lines.contains { $0.contains("b@weight-decay=1e-4") })
  }

  /// A model that diverged and ended alone is marked wherever models are listed, and has no bar of progress.
  @Test func aDroppedModelIsMarked() throws {
    var fixture = compared(["a", "b"], size: Size(width: 120, height: 40))
    fixture.tell(.diverged(model: "a", epoch: 1, step: 51))
    fixture.tell(.dropped(model: "a", epoch: 1, step: 51))
    fixture.wait()
    #expect(fixture.rows.contains { $0.contains("a, diverged at step 51") && $0.contains("50.00%") }, "\(fixture.picture)")
    // It is the best at nothing, and with one model left nothing is compared.
    #expect(!fixture.rows.contains { $0.contains("a, diverged") && $0.contains("★") }, "\(fixture.picture)")
    fixture.press("1")
    #expect(fixture.picture.contains("diverged at step 51, not trained further"), "\(fixture.picture)")
    let summary = fixture.model.summary
    #expect(summary[0].contains("diverged at step 51") && !summary[1].contains("diverged"), "\(summary)")
    #expect(summary.contains { $0.contains("a, diverged at step 51") && $0.contains("951k") }, "\(summary)")
    // In a narrow window the words go before the figures do.
    fixture.send(.resize(Size(width: 80, height: 24)))
    fixture.press("3")
    #expect(fixture.rows.contains { $0.contains("a, diverged") && $0.contains("50.00%") }, "\(fixture.picture)")
  }

  @Test func rowsOfProgressStandStill() throws {
    var fixture = Fixture(size: Size(width: 120, height: 40))
    fixture.begin(["a", "b"])
    fixture.train(1...3, model: "a")
    let first = try #require(fixture.rows.firstIndex { $0.contains("│ a ") })
    fixture.train(1...3, model: "b")
    #expect(fixture.rows[1].contains("b") && fixture.rows.firstIndex { $0.contains("│ a ") } == first)
    // In one row there is the one at work.
    fixture.send(.resize(Size(width: 80, height: 24)))
    #expect(fixture.rows[2].contains("│ b "))
  }

  @Test func theLogTellsOfEvaluationsAndCheckpoints() {
    var fixture = compared(["a"], size: Size(width: 100, height: 30))
    fixture.tell(.checkpoint(CheckpointEvent(model: "a", step: 50, path: "runs/one/checkpoints/a/step-50", kind: .latest)))
    fixture.press("l")
    #expect(fixture.picture.contains("a: epoch 1 evaluated, accuracy 50.00%, loss 0.6000, the best so far"))
    #expect(fixture.picture.contains("checkpoint: runs/one/checkpoints/a/step-50"))
  }
}
