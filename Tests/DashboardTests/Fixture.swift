import Dashboard
import RunHistory
import Terminal
import TrainingEvents

/// Reproducible draws for tests (SplitMix64); the seed is printed with every failure.
struct Draws: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A dashboard that is told of a run step by step, a second each.
struct Fixture {
  var model: DashboardModel
  private(set) var time = 1_700_000_000.0
  private(set) var effects: [DashboardEffect] = []
  private let stepsPerEpoch = 50

  init(
    mode: DashboardModel.Mode = .training, size: Size = Size(width: 80, height: 24), smoothing: Double = 0, themes: [Theme] = [.dark],
    depth: ColorDepth = .trueColor, symbols: SymbolSet = .braille
  ) {
    model = DashboardModel(
      mode: mode, settings: DashboardSettings(smoothing: smoothing), themes: themes, depth: depth, symbols: symbols, place: "runs/one")
    send(.resize(size))
  }

  mutating func send(_ message: DashboardMessage) { effects += model.update(message) }

  mutating func tell(_ event: TrainingEvent, after seconds: Double = 0) {
    time += seconds
    send(.events([LiveFeed.Entry(time: time, event: event)]))
  }

  mutating func begin(_ names: [String] = ["mobilevit_xxs"], epochs: Int = 10, resumedAt: Int = 0) {
    for name in names {
      tell(
        .begin(
          RunBeginning(
            model: name, parameters: 951_170, epochs: epochs, stepsPerEpoch: stepsPerEpoch, trainImages: 400, evaluationImages: 100,
            resumedAtStep: resumedAt)))
    }
    tell(.state(.training))
  }

  mutating func step(
    _ number: Int, loss: Float, accuracy: Float = 0.5, model name: String = "mobilevit_xxs", secondsLeft: Double? = nil
  ) {
    tell(
      .step(
        StepEvent(
          model: name, epoch: (number - 1) / stepsPerEpoch, step: number, loss: loss, accuracy: accuracy, learningRate: 0.01,
          imagesPerSecond: 8, secondsLeft: secondsLeft)), after: 1)
  }

  mutating func evaluate(_ epoch: Int, loss: Float, accuracy: Float, model name: String = "mobilevit_xxs", isBest: Bool = true) {
    tell(
      .evaluation(
        EvaluationEvent(
          model: name, epoch: epoch, step: (epoch + 1) * stepsPerEpoch, loss: loss, accuracy: accuracy, isBest: isBest)), after: 2)
  }

  /// Some steps of a falling loss.
  mutating func train(_ steps: ClosedRange<Int>, model name: String = "mobilevit_xxs") {
    for number in steps { step(number, loss: 2 / Float(number), accuracy: 1 - 1 / Float(number), model: name) }
  }

  mutating func press(_ keys: String) { for key in keys { send(.key(KeyEvent(key))) } }
  mutating func press(_ key: Key, _ modifiers: KeyModifiers = []) { send(.key(KeyEvent(key, modifiers))) }

  /// Lets messages go away.
  mutating func wait() { send(.tick(time + 100)) }

  /// What was asked of the world since the last call.
  mutating func takeEffects() -> [DashboardEffect] {
    defer { effects = [] }
    return effects
  }

  var rows: [String] { picture.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
  var picture: String { model.view().picture }

  /// Everything that a dashboard can be shown.
  mutating func tellEverything(_ name: String = "mobilevit_xxs") {
    let picture = Thumbnail(width: 4, height: 4, pixels: (0..<48).map { UInt8($0 * 5) })
    let layers = (1...6).map { (index: Int) -> StepTiming in
      let forward = UInt64(index) * 1_000_000
      return StepTiming(
        layer: "layer\(index - 1)", forwardNanoseconds: forward, backwardNanoseconds: 2 * forward, operations: Double(index) * 6e7, bytes: 0
      )
    }
    let items = (0..<5).map { BatchPreview.Item(picture: picture, label: $0 % 2) }
    send(
      .insights([
        .costs(ModelCosts(model: name, parameters: 951_170, macs: 20_000_000, batchSize: 8, memoryBytes: 104_857_600)),
        .data(DataSummary(classNames: ["cat", "dog"], trainCounts: [250, 150], evaluationCounts: [50, 50])),
        .step(
          StepBreakdown(model: name, step: 7, data: 0.001, forward: 0.021, backward: 0.042, update: 0.002, total: 0.068, layers: layers)),
        .batch(
          BatchPreview(
            model: name, epoch: 0, step: 7, items: items, batchSize: 8, imageSize: 4)),
        .predictions(
          PredictionReport(
            model: name, epoch: 0, counts: PredictionCounts(matrix: [[40, 10], [5, 45]]),
            mistakes: [.init(picture: picture, path: "eval/cat/7.png", label: 0, predicted: 1, probability: 0.97)])),
      ]))
    send(.system(SystemLoad(busyProcessors: 1.5, processors: 2, memoryBytes: 2e8, memoryLimit: 8e9)))
    send(.line(History.Line(time: time, kind: .output, text: "a stray line")))
  }
}
