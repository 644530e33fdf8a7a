extension TrainingEvent {
  /// The line of `--json` and of `events.jsonl`, without a newline; nil for events that are for people only.
  public var jsonLine: String? {
    var line = JSONLine()
    switch self {
    case .step(let event):
      line.add("event", "step")
      line.add("model", event.model)
      line.add("epoch", event.epoch)
      line.add("step", event.step)
      line.add("loss", event.loss)
      line.add("accuracy", event.accuracy)
      line.add("learning_rate", event.learningRate)
      line.add("images_per_second", event.imagesPerSecond)
    case .evaluation(let event):
      line.add("event", "evaluation")
      line.add("model", event.model)
      line.add("epoch", event.epoch)
      line.add("step", event.step)
      line.add("loss", event.loss)
      line.add("accuracy", event.accuracy)
    case .checkpoint(let event):
      line.add("event", "checkpoint")
      line.add("path", event.path)
      line.add("kind", event.kind.rawValue)
    case .dropped(let model, let epoch, let step):
      line.add("event", "diverged")
      line.add("model", model)
      line.add("epoch", epoch)
      line.add("step", step)
    case .dataChanged(let event):
      line.add("event", "data_changed")
      line.add("model", event.model)
      line.add("epoch", event.epoch)
      line.add("step", event.step)
      line.add("change", event.change)
      if let missing = event.missing { line.add("missing", missing) }
      if let added = event.added { line.add("new", added) }
      if let resized = event.resized { line.add("resized", resized) }
      if let relabelled = event.relabelled, relabelled > 0 { line.add("relabelled", relabelled) }
    case .end(let reason):
      line.add("event", "end")
      line.add("reason", reason.label)
    case .begin, .epoch, .state, .notice, .warning, .diverged:
      return nil
    }
    return line.text
  }
}
