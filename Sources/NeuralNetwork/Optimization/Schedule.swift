import Foundation

/// The learning rate of a step.
public enum Schedule: String, Sendable, Hashable, CaseIterable {
  /// Half a cosine from the base rate at the first step after warm-up to 0 after the last.
  case cosine
  /// As the tutorial ran: base (1 + cos(pi t / epochs)) / 2 with t in batches, which swings with a period of twice as many
  /// batches as there are epochs.
  case tutorial
  /// The base rate throughout.
  case constant

  /// - Parameters:
  ///   - base: the rate given by the user.
  ///   - step: from 0, over the whole run.
  ///   - totalSteps: of the whole run.
  ///   - epochs: of the whole run.
  ///   - warmupSteps: the rate rises in equal parts over so many steps and reaches the schedule's at their end.
  public func learningRate(base: Double, step: Int, totalSteps: Int, epochs: Int, warmupSteps: Int = 0) -> Double {
    if step < warmupSteps { return base * Double(step + 1) / Double(warmupSteps + 1) }
    switch self {
    case .constant: return base
    case .cosine:
      let left = max(totalSteps - warmupSteps, 1)
      return base * (1 + cos(.pi * Double(min(step - warmupSteps, left)) / Double(left))) / 2
    case .tutorial: return base * (1 + cos(.pi * Double(step) / Double(max(epochs, 1)))) / 2
    }
  }
}
