import NumberFormats
import TrainingEvents

/// A run in words: lines that stay, and one line that says where it stands.
struct ProgressText {
  private let clock: RunClock
  private let interval: Double
  private var beginning: RunBeginning?
  private var lastLine = -Double.infinity
  private var epochLine: String?
  private let showsSteps: Bool

  /// - Parameters:
  ///   - interval: seconds between two lines about steps.
  ///   - showsSteps: whether there are such lines at all.
  init(clock: RunClock, interval: Double = 10, showsSteps: Bool = true) {
    self.clock = clock
    self.interval = interval
    self.showsSteps = showsSteps
  }

  /// Lines to keep about an event.
  mutating func lines(for event: TrainingEvent) -> [String] {
    switch event {
    case .begin(let beginning):
      self.beginning = beginning
      let from = beginning.resumedAtStep > 0 ? ", from step \(beginning.resumedAtStep + 1) on" : ""
      return [
        "\(beginning.model): \(beginning.parameters) parameters, \(beginning.epochs) epoch\(beginning.epochs == 1 ? "" : "s") of \(beginning.stepsPerEpoch) steps\(from)"
      ]
    case .step(let step):
      let now = clock.seconds()
      guard showsSteps, now - lastLine >= interval else { return [] }
      lastLine = now
      return [status(step)]
    case .epoch(let epoch):
      let place = place(epoch.model, epoch.epoch)
      if let loss = epoch.loss, let accuracy = epoch.accuracy {
        epochLine = "\(place): train loss \(decimal(loss)), accuracy \(decimal(accuracy))"
      } else {
        epochLine = "\(place): every training batch was passed over"
      }
      // The evaluation that follows completes the line.
      return []
    case .evaluation(let evaluation):
      let line = epochLine ?? place(evaluation.model, evaluation.epoch)
      epochLine = nil
      let best = evaluation.isBest ? ", the best so far" : ""
      return ["\(line); evaluation loss \(decimal(evaluation.loss)), accuracy \(decimal(evaluation.accuracy))\(best)"]
    case .state(let state):
      if state == .paused { return ["paused"] }
      guard state == .training || state == .ended else { return [] }
      defer { epochLine = nil }
      return epochLine.map { [$0] } ?? []
    case .notice(let text): return [text]
    case .warning(let text): return ["warning: " + text]
    case .end(let reason):
      if case .failed = reason { return [] }
      return [reason == .finished ? "done" : "ended: \(reason.label)"]
    case .checkpoint, .diverged, .dropped, .dataChanged: return []
    }
  }

  /// Where the run stands, without a line break.
  func status(_ step: StepEvent) -> String {
    var text = place(step.model, step.epoch)
    if let beginning, beginning.stepsPerEpoch > 0 {
      text += ", step \((step.step - 1) % beginning.stepsPerEpoch + 1)/\(beginning.stepsPerEpoch)"
    } else {
      text += ", step \(step.step)"
    }
    // Before the figures: a narrow terminal cuts the end off.
    if let seconds = step.secondsLeft { text += ", \(Durations.text(seconds)) left" }
    text += ": loss \(decimal(step.loss)), accuracy \(decimal(step.accuracy)), \(Int(step.imagesPerSecond.rounded())) images/s"
    return text
  }

  /// The share of the epoch that is done.
  func share(_ step: StepEvent) -> Double {
    guard let beginning, beginning.stepsPerEpoch > 0 else { return 0 }
    return Double((step.step - 1) % beginning.stepsPerEpoch + 1) / Double(beginning.stepsPerEpoch)
  }

  private func place(_ model: String, _ epoch: Int) -> String {
    let epochs = beginning.map { "/\($0.epochs)" } ?? ""
    return "\(model) epoch \(epoch + 1)\(epochs)"
  }

  private func decimal(_ value: Float) -> String { NumberFormat.fixed(4).text(Double(value)) }
}
