import RunHistory
import ScalarLogs
import Testing
import TrainingEvents

@Suite struct HistoryTests {
  private func beginning(_ model: String, epochs: Int = 4, steps: Int = 10, resumedAt: Int = 0) -> TrainingEvent {
    .begin(
      RunBeginning(
        model: model, parameters: 1000, epochs: epochs, stepsPerEpoch: steps, trainImages: steps * 8, evaluationImages: 20,
        resumedAtStep: resumedAt))
  }

  private func step(_ model: String, _ step: Int, loss: Float = 1, accuracy: Float = 0.5) -> TrainingEvent {
    .step(
      StepEvent(
        model: model, epoch: (step - 1) / 10, step: step, loss: loss, accuracy: accuracy, learningRate: 0.1, imagesPerSecond: 100))
  }

  private func evaluation(_ model: String, epoch: Int, accuracy: Float) -> TrainingEvent {
    .evaluation(
      EvaluationEvent(model: model, epoch: epoch, step: (epoch + 1) * 10, loss: 1, accuracy: accuracy, isBest: true))
  }

  /// The mark in a log is no curve; a log that is read twice marks a step once.
  @Test func aChangeOfTheDataIsAMarkAndNoCurve() throws {
    var history = History()
    history.receive(
      [
        ScalarRecord(tag: "train/loss", step: 1, value: 1, wallTime: 1), ScalarRecord(tag: "data/change", step: 7, value: 2, wallTime: 2),
        ScalarRecord(tag: "data/change", step: 3, value: 1, wallTime: 2),
        ScalarRecord(tag: "data/change", step: .max, value: 1, wallTime: 3),
      ], of: "a")
    history.receive(.dataChanged(DataChangeEvent(model: "a", epoch: 0, step: 3, change: 1, missing: 1, added: 0, resized: 0)), at: 4)
    let model = try #require(history.model(named: "a"))
    #expect(model.dataChangedAt == [4, 8] && model.entries.map(\.tag) == ["train/loss"])
  }

  @Test func timeAtWorkCountsThisSessionsWorkOnly() throws {
    var history = History()
    var time = 1000.0
    func send(_ event: TrainingEvent, after seconds: Double) {
      time += seconds
      history.receive(event, at: time)
    }
    send(.state(.preparing), after: 0)
    send(beginning("a", resumedAt: 20), after: 30)
    send(.state(.training), after: 5)
    send(step("a", 21), after: 9)  // The first step is slow and does not count.
    for number in 22...25 { send(step("a", number), after: 1) }
    send(.state(.paused), after: 0)
    send(.state(.training), after: 5000)
    for number in 26...30 { send(step("a", number), after: 1) }
    send(.state(.evaluating), after: 0)
    send(evaluation("a", epoch: 2, accuracy: 0.5), after: 3)
    #expect(try #require(history.model(named: "a")).activeSeconds == 21)
    #expect(history.model(named: "a")?.resumedAt == [21])
  }

  @Test func anEpochThatEndedStaysUntilTheNextHasAStep() throws {
    var history = History()
    history.receive(beginning("a", epochs: 2), at: 0)
    func progress() throws -> [Int] {
      let progress = try #require(history.models[0].progress)
      return [progress.epoch, progress.step]
    }
    #expect(try progress() == [1, 0])
    for (number, expected) in [(1, [1, 1]), (10, [1, 10]), (11, [2, 1]), (20, [2, 10])] {
      history.receive(step("a", number), at: Double(number))
      #expect(try progress() == expected)
    }
  }

  @Test func timeInWhichTheProcessWasStoppedIsNoWork() {
    var history = History()
    history.receive(beginning("a"), at: 0)
    history.receive(.state(.training), at: 0)
    history.receive(step("a", 1), at: 1)
    // Stopped from 1.6 to 101.6: one event was on its way before, the step went on after.
    history.rest(1.6...101.6)
    history.receive(step("a", 2), at: 1.5)
    history.receive(step("a", 3), at: 102)
    history.receive(step("a", 4), at: 103)
    #expect(abs(history.models[0].activeSeconds - 3) < 1e-9)
  }

  @Test func interleavedModelsHaveTheirOwnTime() {
    var history = History()
    var time = 0.0
    func send(_ event: TrainingEvent, after seconds: Double) {
      time += seconds
      history.receive(event, at: time)
    }
    send(beginning("a"), after: 0)
    send(beginning("b"), after: 0)
    send(.state(.training), after: 0)
    for number in 1...10 { send(step("a", number), after: 1) }
    for number in 1...10 { send(step("b", number), after: 3) }
    for number in 11...12 { send(step("a", number), after: 1) }
    #expect(history.models.map(\.activeSeconds) == [12, 30])
    #expect(history.model(named: "a")?.curve(.loss, .training)?.last?.activeSeconds == 12)
    #expect(history.current == 0)
  }

  @Test func evaluationsLoggedByEpochStandAtTheStepsTheyFollow() throws {
    var history = History()
    var records: [ScalarRecord] = []
    for epoch in 0..<3 {
      for step in epoch * 10 + 1...epoch * 10 + 10 {
        records.append(ScalarRecord(tag: "train/loss", step: step, value: Float(step), wallTime: Double(step)))
      }
      records.append(ScalarRecord(tag: "eval/acc", step: epoch, value: 0.25 * Float(epoch), wallTime: Double(epoch * 10) + 10.5))
    }
    history.receive(records, of: "run")
    let model = try #require(history.model(named: "run"))
    let accuracy = try #require(model.curve(.accuracy, .evaluation))
    #expect((0..<3).map { accuracy[$0].step } == [10, 20, 30])
    #expect((0..<3).map { accuracy[$0].epoch } == [0, 1, 2])
    #expect(model.stepsPerEpoch == 10)
  }

  /// Our own logs count epochs from 0 whatever the first that was evaluated: `--eval-every 3` begins with epoch 2.
  @Test(arguments: [1, 2, 3, 5]) func loggedEvaluationsStandWhereLiveOnesDo(every: Int) throws {
    var logged = History()
    var live = History()
    live.receive(beginning("run", epochs: 15), at: 0)
    for epoch in 0..<15 {
      var records: [ScalarRecord] = []
      for number in epoch * 10 + 1...epoch * 10 + 10 {
        live.receive(step("run", number), at: Double(number))
        records.append(ScalarRecord(tag: "train/loss", step: number, value: 1, wallTime: Double(number)))
      }
      if (epoch + 1) % every == 0 {
        live.receive(evaluation("run", epoch: epoch, accuracy: 0.5), at: Double(epoch * 10) + 10.5)
        records.append(ScalarRecord(tag: "eval/loss", step: epoch, value: 1, wallTime: Double(epoch * 10) + 10.5))
        records.append(ScalarRecord(tag: "eval/acc", step: epoch, value: 0.5, wallTime: Double(epoch * 10) + 10.5))
      }
      logged.receive(records, of: "run")
    }
    func places(_ history: History, _ quantity: CurveMeaning.Quantity) throws -> [[Int?]] {
      let curve = try #require(history.model(named: "run")?.curve(quantity, .evaluation))
      return (0..<curve.count).map { [curve[$0].step, curve[$0].epoch] }
    }
    for quantity in [CurveMeaning.Quantity.loss, .accuracy] {
      #expect(try places(logged, quantity) == places(live, quantity))
    }
    #expect(logged.model(named: "run")?.stepsPerEpoch == 10)
    // A resumed run: the log's records, then live events.
    logged.receive(beginning("run", epochs: 18, resumedAt: 150), at: 200)
    logged.receive(step("run", 151), at: 201)
    logged.receive(evaluation("run", epoch: 17, accuracy: 0.6), at: 202)
    #expect(try places(logged, .accuracy).last == [180, 17])
  }

  /// Other programs log `eval/loss` by step.
  @Test func evaluationsUnderOurTagsByStepStayWhereTheyAre() throws {
    var history = History()
    let records = [10, 20, 30].flatMap { step in
      [
        ScalarRecord(tag: "train/loss", step: step, value: 1, wallTime: Double(step)),
        ScalarRecord(tag: "eval/loss", step: step, value: 2, wallTime: Double(step)),
      ]
    }
    history.receive(records, of: "run")
    let loss = try #require(history.model(named: "run")?.curve(.loss, .evaluation))
    #expect((0..<3).map { loss[$0].step } == [10, 20, 30])
    #expect(loss[0].epoch == nil && history.models[0].stepsPerEpoch == nil)
  }

  /// VisualDL's users write training and evaluation to a file each; a copy is written one after the other.
  @Test func aFileOfEvaluationsByStepAfterTheTrainingKeepsItsSteps() throws {
    var history = History()
    for step in 0..<50 { history.receive([ScalarRecord(tag: "train/loss", step: step, value: 1, wallTime: Double(step))], of: "run") }
    let evaluations = (0..<50).map { ScalarRecord(tag: "eval/acc", step: $0, value: Float($0), wallTime: 100 + Double($0), file: 1) }
    for piece in [evaluations.prefix(1), evaluations.dropFirst()] { history.receive(Array(piece), of: "run") }
    let curve = try #require(history.model(named: "run")?.curve(.accuracy, .evaluation))
    #expect((0..<curve.count).map { curve[$0].step } == Array(0..<50) && curve.highest == 49)
    #expect(curve[0].epoch == nil && history.models[0].stepsPerEpoch == nil)
    #expect(history.models[0].extent(on: .step) == 0...49)
  }

  @Test func evaluationsLoggedByStepStayWhereTheyAre() throws {
    var history = History()
    var records: [ScalarRecord] = []
    for step in 0...40 {
      records.append(ScalarRecord(tag: "Loss/train", step: step, value: 1, wallTime: Double(step)))
      if step % 20 == 0 { records.append(ScalarRecord(tag: "Loss/val", step: step, value: 2, wallTime: Double(step))) }
    }
    history.receive(records, of: "run")
    let loss = try #require(history.model(named: "run")?.curve(.loss, .evaluation))
    #expect((0..<3).map { loss[$0].step } == [0, 20, 40])
    #expect(loss[0].epoch == nil)
  }

  @Test func aLongGapInALogIsNoWork() {
    var history = History()
    var records = (1...100).map { ScalarRecord(tag: "train/loss", step: $0, value: 1, wallTime: Double($0)) }
    records += (101...200).map { ScalarRecord(tag: "train/loss", step: $0, value: 1, wallTime: 90_000 + Double($0)) }
    records.append(ScalarRecord(tag: "eval/loss", step: 0, value: 1, wallTime: 90_200 + 250))
    history.receive(records, of: "run")
    #expect(history.models[0].activeSeconds == 448)
  }

  /// Evaluations of 8 s, some slower; in the fourth a pause of an hour.
  @Test func aPauseInAnEvaluationIsNoWorkOnceOneWasSeen() {
    var history = History()
    var records: [ScalarRecord] = []
    var time = 0.0
    for (epoch, evaluation) in [8.0, 20, 9, 3608, 8].enumerated() {
      for step in epoch * 10 + 1...epoch * 10 + 10 {
        time += 1
        records.append(ScalarRecord(tag: "train/loss", step: step, value: 1, wallTime: time))
      }
      time += evaluation
      records += ["eval/loss", "eval/acc"].map { ScalarRecord(tag: $0, step: epoch, value: 1, wallTime: time) }
    }
    history.receive(records, of: "run")
    // Of the pause counts what is usual: the longest but one slow evaluation, which counts by half more than the first, 12 s.
    #expect(history.models[0].activeSeconds == 49 + 8 + 20 + 9 + 12 + 8)
  }

  /// Records of evaluations alone, two at a time: what lies between them is all there is to go by.
  @Test func evaluationsAloneCountWhole() {
    var history = History()
    let records = (1...5).flatMap { epoch in
      [("eval/loss", 0), ("eval/acc", 0.01)].map { ScalarRecord(tag: $0, step: epoch, value: 1, wallTime: Double(epoch) * 60 + $1) }
    }
    history.receive(records, of: "run")
    #expect(abs(history.models[0].activeSeconds - 240.01) < 1e-6)
  }

  /// A model whose first value comes late does not lose its colour to one that is quicker, nor when its log begins anew.
  @Test func numbersAreGivenBeforeThereIsAnythingToShow() {
    var history = History()
    history.number(["a", "b", "c"])
    for name in ["c", "d", "b"] { history.receive([ScalarRecord(tag: "loss", step: 1, value: 1, wallTime: 1)], of: name) }
    history.number(["b", "e", "a"])
    history.restart("b")
    #expect(history.models.map(\.name) == ["c", "d", "b"] && history.models.map(\.number) == [3, 4, 2])
    history.receive([ScalarRecord(tag: "loss", step: 1, value: 1, wallTime: 1)], of: "a")
    history.receive([ScalarRecord(tag: "loss", step: 1, value: 1, wallTime: 1)], of: "f")
    #expect(history.models.suffix(2).map(\.number) == [1, 6])
  }

  @Test func speedsInALogTellShortTurnsFromWork() {
    // Steps of 16 images in 0.1 s; after every tenth, 1.5 s of another model's turn; step 25 took 1 s itself. Every other
    // record is late by 0.04 s.
    var history = History()
    var records: [ScalarRecord] = [], time = 0.0
    for step in 1...40 {
      let took = step == 25 ? 1.0 : 0.1
      time += took + (step % 10 == 1 ? 1.5 : 0)
      let late = time + (step % 2 == 0 ? 0.04 : 0)
      records.append(ScalarRecord(tag: "train/loss", step: step, value: 1, wallTime: late))
      records.append(ScalarRecord(tag: "train/images_per_second", step: step, value: Float(16 / took), wallTime: late))
    }
    history.receive(records, of: "run")
    // The first record's own step cannot be told; 4.8 s of work, 6 s of others; it is told to a tenth.
    #expect(abs(history.models[0].activeSeconds - (38 * 0.1 + 1)) < 0.48)
    let curve = history.models[0].curve(.loss, .training)
    #expect(curve.map { curve in (1..<curve.count).allSatisfy { curve[$0].activeSeconds >= curve[$0 - 1].activeSeconds } } == true)
  }

  @Test(arguments: [
    ("train/loss", CurveMeaning(.loss, .training)), ("Loss/test", CurveMeaning(.loss, .evaluation)),
    ("val_accuracy", CurveMeaning(.accuracy, .evaluation)), ("epoch_loss", CurveMeaning(.loss, .training)),
    ("evalAcc", CurveMeaning(.accuracy, .evaluation)), ("lr", CurveMeaning(.learningRate, .training)),
    ("train/learning_rate", CurveMeaning(.learningRate, .training)), ("blossom", CurveMeaning(.other, .training)),
    ("train/images_per_second", CurveMeaning(.imagesPerSecond, .training)),
  ])
  func tagsTellWhatACurveShows(tag: String, meaning: CurveMeaning) {
    #expect(CurveMeaning(tag: tag) == meaning)
  }
}
