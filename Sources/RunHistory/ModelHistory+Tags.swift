extension ModelHistory {
  /// The tags that runs of this program log.
  enum Tag {
    static let loss = "train/loss"
    static let accuracy = "train/acc"
    static let learningRate = "train/lr"
    static let imagesPerSecond = "train/images_per_second"
    static let evaluationLoss = "eval/loss"
    static let evaluationAccuracy = "eval/acc"

    /// ASCII alone, so that comparing text compares bytes.
    static func isOurEvaluation(_ tag: String) -> Bool { tag == evaluationLoss || tag == evaluationAccuracy }
  }
}
