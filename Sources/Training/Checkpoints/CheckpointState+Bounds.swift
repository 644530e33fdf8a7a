import ImageData

extension CheckpointState {
  /// The first number that no run can have written, as a sentence; nil where all are within bounds.
  ///
  /// The file may have been edited by hand, and a resumed run counts on from these numbers: none may overflow or trap.
  /// - Parameter folder: of the checkpoint; `step-N` names the step.
  func objection(inFolder folder: String) -> String? {
    let named = folder.hasSuffix("/step-\(step)") || !folder.contains(/\/step-[0-9]+$/)
    let counts = [
      ("step", step, named && Self.count.contains(step)),
      ("optimizer_steps", optimizerSteps, (0...max(0, step)).contains(optimizerSteps)),
      ("epochs", epochs, Self.count.contains(epochs)),
      ("position.epoch", position.epoch, (0...max(0, epochs)).contains(position.epoch)),
      ("position.image", position.image, Self.count.contains(position.image)),
      ("epoch_sums.images", epochSums.images, Self.count.contains(epochSums.images)),
      ("epoch_sums.correct", epochSums.correct, (0...max(0, epochSums.images)).contains(epochSums.correct)),
    ]
    if let wrong = counts.first(where: { !$0.2 }) { return "\"\(wrong.0)\" is \(wrong.1)" }
    if let set = settings["epochs"], set != String(epochs) { return "\"epochs\" is \(epochs) where its settings have \(set)" }
    // A sum of losses may be infinite or no number at all, but cross-entropy is negative by rounding only.
    if epochSums.loss < -1 { return "\"epoch_sums.loss\" is \(epochSums.loss)" }
    if evaluationPending && position.epoch == 0 { return "\"evaluation_pending\" is true before the first epoch's end" }
    if let change = epochVersions?.changes.last, change.image > position.image {
      return "\"epoch_versions\" has a change at image \(change.image) of the epoch and \"position.image\" is \(position.image)"
    }
    return best.flatMap(objection)
  }

  /// What the visits of the run's images rule out.
  ///
  /// - Parameter mostImages: of an epoch.
  func objection(to plan: EpochPlan, mostImages: Int) -> String? {
    let last = position.epoch < epochs ? plan.count(epoch: position.epoch) : 1
    guard position.image < last else { return "\"position.image\" is \(position.image)" }
    // Batches of broken images alone are no steps, so there may be fewer; images that are left over begin one more batch.
    let (whole, overflows) = plan.split.batches.multipliedReportingOverflow(by: position.epoch)
    guard !overflows, step <= whole + plan.batchesBegun(at: position) else { return "\"step\" is \(step)" }
    return epochSums.images <= mostImages ? nil : "\"epoch_sums.images\" is \(epochSums.images)"
  }

  private func objection(to best: Best) -> String? {
    // False for what is not a number, too.
    guard (0...1).contains(best.accuracy) else { return "\"best.accuracy\" is \(best.accuracy)" }
    guard (0..<max(1, epochs)).contains(best.epoch) else { return "\"best.epoch\" is \(best.epoch)" }
    guard (0...step).contains(best.step) else { return "\"best.step\" is \(best.step)" }
    return nil
  }

  /// Far beyond any run, and far enough below the largest integer that sums of two cannot overflow.
  private static let count = 0...1_000_000_000_000_000

  /// A property's name as the file spells it.
  static func key(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
  }
}
