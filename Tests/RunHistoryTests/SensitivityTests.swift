import RunHistory
import Testing
import TrainingEvents

@Suite struct SensitivityTests {
  private func history(_ best: [(String, Float?)]) -> History {
    var history = History()
    for (name, accuracy) in best {
      history.receive(
        .begin(
          RunBeginning(
            model: name, parameters: 1, epochs: 1, stepsPerEpoch: 1, trainImages: 1, evaluationImages: 1, resumedAtStep: 0)), at: 0)
      guard let accuracy else { continue }
      for (epoch, value) in [accuracy, accuracy - 0.1].enumerated() {
        history.receive(
          .evaluation(EvaluationEvent(model: name, epoch: epoch, step: epoch + 1, loss: 1, accuracy: value, isBest: false)), at: 1)
      }
    }
    return history
  }

  @Test func namesAreTakenApart() throws {
    let name = try #require(SweepName("a@b@weight-decay=1e-4"))
    #expect(name.model == "a@b" && name.setting == "weight-decay" && name.value == "1e-4")
    for other in ["mobilevit_xxs", "a@b", "@lr=1", "a@=1", "a@lr=", ""] { #expect(SweepName(other) == nil, "\(other)") }
  }

  @Test func valuesAreInOrderAndEachModelHasALine() throws {
    let history = history([("a@lr=1e-1", 0.75), ("a@lr=0", 0.5), ("a@lr=1e-3", 0.625), ("b@lr=0", 0.25), ("b@lr=1e-1", nil), ("plain", 1)])
    let sensitivity = try #require(Sensitivity(history, places: Array(history.models.indices)))
    #expect(sensitivity.setting == "lr" && sensitivity.values == ["0", "1e-3", "1e-1"])
    #expect(sensitivity.lines.map(\.model) == ["a", "b"])
    #expect(sensitivity.lines[0].points.map(\.value) == [0, 1, 2] && sensitivity.lines[0].points.map(\.accuracy) == [0.5, 0.625, 0.75])
    #expect(sensitivity.lines[1].points.map(\.value) == [0])
  }

  @Test func wordsKeepTheirOrder() throws {
    let history = history([("a@schedule=cosine", 0.5), ("a@schedule=alpha", 0.5)])
    #expect(try #require(Sensitivity(history, places: [0, 1])).values == ["cosine", "alpha"])
  }

  @Test func oneVariantAloneHasNone() {
    let history = history([("a@lr=1", 0.5), ("b", 0.5)])
    #expect(Sensitivity(history, places: [0, 1]) == nil)
  }
}
