extension ModelHistory {
  /// The tags that runs of this program log.
  enum Tag {
    static let loss = "train/loss"
    static let accuracy = "train/acc"
    static let learningRate = "train/lr"
    static let imagesPerSecond = "train/images_per_second"
    /// No curve: its steps are those after which the images changed.
    static let dataChange = "data/change"
    static let evaluationLoss = "eval/loss"
    static let evaluationAccuracy = "eval/acc"

    /// ASCII alone, so that comparing text compares bytes.
    static func isOurEvaluation(_ tag: String) -> Bool { tag == evaluationLoss || tag == evaluationAccuracy }
  }

  /// Notes that the images changed after `step`, once.
  mutating func noteDataChange(after step: Int) {
    guard step >= 0, step < .max, !dataChangedAt.contains(step + 1) else { return }
    dataChangedAt.append(step + 1)
    dataChangedAt.sort()
  }
}
