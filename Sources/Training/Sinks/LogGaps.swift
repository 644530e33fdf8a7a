/// What a resumed run's logs lack of the steps and evaluations that its checkpoint holds.
enum LogGaps {
  /// - Parameters:
  ///   - count: records that the log has.
  ///   - all: records that it had when the checkpoint was written.
  ///   - what: they are of, in the plural.
  /// - Returns: nil for a log that lacks nothing.
  static func sentence(_ path: String, has count: Int, of all: Int, _ what: String) -> String? {
    guard count < all else { return nil }
    return "\(path): holds \(count) of the \(all) \(what) up to the checkpoint; the others are lost, and curves have a gap there"
  }

  /// The same of `events.jsonl`, and what its cut dropped that a resume does not drop as a rule.
  static func of(_ path: String, _ cut: EventFileSink.Cut, _ models: [ModelTraining]) -> [String] {
    var sentences: [String] = []
    for model in models {
      if model.state.step == 0, let steps = cut.removedSteps[model.name] {
        sentences.append(
          "\(model.name) has no checkpoint: it trains from step 1 again, and \(steps) logged step\(steps == 1 ? " is" : "s are") removed")
      }
      if let gap = sentence(path, has: cut.keptSteps[model.name] ?? 0, of: model.state.step, "steps of \(model.name)") {
        sentences.append(gap)
      }
    }
    if cut.damagedLines > 0 {
      sentences.append("\(path): dropped \(cut.damagedLines) line\(cut.damagedLines == 1 ? "" : "s") that held no event")
    }
    return sentences
  }
}
