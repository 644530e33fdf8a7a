import Foundation
import ImageData
import NeuralNetwork
import TrainingEvents

/// Makes what people look at beside the events, while somebody does and at most once a second; counts predictions always.
///
/// On the trainer's thread.
final class InsightReporter {
  /// Where the time of one step went, in seconds.
  struct StepTimes {
    var data: Double
    var run: Double
    var update: Double
    var total: Double
  }

  private let model: String
  private let feed: LiveFeed?
  private let recipe: TrainingRecipe
  private var plans: [Plan] = []
  private var times = StepTimes(data: 0, run: 0, update: 0, total: 0)
  private var steps = 0

  /// Images of a batch that are shown.
  private static let pictures = 24

  /// - Parameter feed: nil where nobody looks.
  init(model: String, feed: LiveFeed?, recipe: TrainingRecipe) {
    self.model = model
    self.feed = feed
    self.recipe = recipe
  }

  // MARK: Steps

  /// - Parameters:
  ///   - plan: that has just run on `batch`.
  ///   - step: its number in the run.
  func didStep(_ plan: Plan, _ batch: Batch, step: Int, took: StepTimes) {
    guard let feed else { return }
    // The batches of an epoch differ by an image, and each size has a plan of its own.
    if !plans.contains(where: { $0 === plan }) { plans.append(plan) }
    times.data += took.data
    times.run += took.run
    times.update += took.update
    times.total += took.total
    steps += 1
    if feed.wants(.step, of: model) { tellTimes(step: step, to: feed) }
    if feed.wants(.batch, of: model) { tellBatch(batch, step: step, to: feed) }
  }

  private func tellTimes(step: Int, to feed: LiveFeed) {
    let layers = StepTiming.byLayer(plans)
    let count = Double(steps)
    let forward = layers.reduce(0) { $0 + Double($1.forwardNanoseconds) * 1e-9 }
    let backward = layers.reduce(0) { $0 + Double($1.backwardNanoseconds) * 1e-9 }
    // Layers are timed by a clock that goes on while the process is stopped (Ctrl-Z): what then exceeds the run is not told.
    if forward + backward <= times.run / count * 1.01 {
      feed.publish(
        .step(
          StepBreakdown(
            model: model, step: step, data: times.data / count, forward: forward, backward: backward, update: times.update / count,
            total: times.total / count, layers: layers)))
    }
    for plan in plans { plan.resetTimings() }
    plans = []
    times = StepTimes(data: 0, run: 0, update: 0, total: 0)
    steps = 0
  }

  private func tellBatch(_ batch: Batch, step: Int, to feed: LiveFeed) {
    let items = (0..<min(batch.count, Self.pictures)).map { index in
      BatchPreview.Item(picture: thumbnail(of: index, in: batch), label: Int(batch.labels[index]))
    }
    feed.publish(
      .batch(
        BatchPreview(
          model: model, epoch: batch.start.epoch, step: step, items: items, batchSize: batch.count, imageSize: recipe.imageSize)))
  }

  private func thumbnail(of index: Int, in batch: Batch) -> Thumbnail {
    Thumbnail(
      of: UnsafePointer(batch.images) + index * recipe.imageSize * recipe.imageSize * 3, size: recipe.imageSize,
      normalization: recipe.normalization)
  }

  // MARK: Evaluations

  /// Gathers what one evaluation made of each image.
  final class Predictions {
    fileprivate(set) var counts: PredictionCounts
    fileprivate var mistakes: [PredictionReport.Mistake] = []
    /// Whether somebody wants to see what went wrong.
    fileprivate let keepsMistakes: Bool

    /// The worst are kept.
    fileprivate static let kept = 12

    fileprivate init(classes: Int, keepsMistakes: Bool) {
      self.keepsMistakes = keepsMistakes
      counts = PredictionCounts(classCount: classes)
    }
  }

  func beginPredictions(classes: Int) -> Predictions {
    Predictions(classes: classes, keepsMistakes: feed?.wants(.predictions, of: model) ?? false)
  }

  /// - Parameters:
  ///   - plan: that has just run on `batch`.
  ///   - samples: of the evaluation, in its order.
  func add(_ plan: Plan, _ batch: Batch, _ samples: [ImageSample], to predictions: Predictions) {
    let classes = predictions.counts.classCount
    // Where broken images were left out the batch no longer tells which image is which.
    let last = batch.end.epoch == batch.start.epoch ? batch.end.image : samples.count
    let isWhole = last - batch.start.image == batch.count
    for index in 0..<batch.count {
      let label = Int(batch.labels[index])
      let predicted = Int(plan.predictions[index])
      predictions.counts.add(label: label, predicted: predicted)
      guard predictions.keepsMistakes, predicted != label else { continue }
      let probability = Self.probability(
        of: predicted, in: UnsafeBufferPointer(rebasing: plan.logits[index * classes..<(index + 1) * classes]))
      let place = predictions.mistakes.firstIndex { $0.probability < probability } ?? predictions.mistakes.count
      guard place < Predictions.kept else { continue }
      predictions.mistakes.insert(
        PredictionReport.Mistake(
          picture: thumbnail(of: index, in: batch), path: isWhole ? samples[batch.start.image + index].relativePath : "", label: label,
          predicted: predicted, probability: probability), at: place)
      if predictions.mistakes.count > Predictions.kept { predictions.mistakes.removeLast() }
    }
  }

  func tell(_ predictions: Predictions, epoch: Int) {
    guard predictions.keepsMistakes else { return }
    feed?.publish(
      .predictions(PredictionReport(model: model, epoch: epoch, counts: predictions.counts, mistakes: predictions.mistakes)))
  }

  /// Softmax at one class.
  private static func probability(of index: Int, in logits: UnsafeBufferPointer<Float>) -> Float {
    let highest = logits.max() ?? 0
    var sum = 0.0
    for logit in logits { sum += exp(Double(logit - highest)) }
    let share = exp(Double(logits[index] - highest)) / sum
    return share.isFinite ? Float(share) : 0
  }
}
