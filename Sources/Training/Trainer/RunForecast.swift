/// How long a run will take, from what its steps and evaluations took in this session.
///
/// Paused time is never counted, nor a first step, which lays out its plan. Until an evaluation has been seen, an evaluated
/// image is taken to cost a third of a trained one (a forward pass against forward and two backward products).
package struct RunForecast {
  private var stepSeconds = 0.0
  private var stepImages = 0.0
  private var isFirstStep = true
  private var secondsPerEvaluatedImage: Double?

  /// What lies further back counts less, so that the estimate follows a machine that gets busier.
  private static let memory = 0.98

  package init() {}

  package mutating func addStep(seconds: Double, images: Int) {
    if isFirstStep {
      isFirstStep = false
      return
    }
    // Nothing is left of a run in less than no time, whatever a clock says.
    stepSeconds = stepSeconds * Self.memory + max(0, seconds)
    stepImages = stepImages * Self.memory + Double(images)
  }

  package mutating func addEvaluation(seconds: Double, images: Int) {
    guard images > 0 else { return }
    secondsPerEvaluatedImage = seconds / Double(images)
  }

  /// Seconds for so many images to train on and to evaluate; nil before there is anything to go by.
  package func secondsLeft(trainImages: Int, evaluationImages: Int) -> Double? {
    guard stepImages > 0 else { return nil }
    let perImage = stepSeconds / stepImages
    return Double(trainImages) * perImage + Double(evaluationImages) * (secondsPerEvaluatedImage ?? perImage / 3)
  }
}
