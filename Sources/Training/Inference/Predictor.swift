import Foundation
import ImageData
import NeuralNetwork

/// What a model makes of one image.
public struct Prediction: Sendable {
  /// [classes]
  public let logits: [Float]

  /// The likeliest classes with their probabilities (softmax), likeliest first.
  public func top(_ count: Int) -> [(classIndex: Int, probability: Float)] {
    let largest = logits.max() ?? 0
    let exponentials = logits.map { exp(Double($0 - largest)) }
    let sum = exponentials.reduce(0, +)
    let order = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
    return order.prefix(count).map { ($0, Float(exponentials[$0] / sum)) }
  }
}

/// Predicts the classes of image files.
public struct Predictor {
  private let executor: Executor
  private let preprocessing: Preprocessing
  private let limits: DecodeLimits
  private static let batch = 8

  public init(_ executor: Executor, _ preprocessing: Preprocessing, limits: DecodeLimits) {
    self.limits = limits
    self.executor = executor
    self.preprocessing = preprocessing
  }

  private var imageSize: Int { preprocessing.imageSize }

  /// Predicts `pictures` in order, a few at a time, and hands each result over; an image that cannot be read hinders no other.
  ///
  /// - Throws: `PlanError`, whatever `body` throws.
  public func predict(_ pictures: [ImageLocation], _ body: (String, Result<Prediction, ImageError>) throws -> Void) throws {
    guard !pictures.isEmpty else { return }
    let elements = imageSize * imageSize * 3
    let batch = min(Self.batch, pictures.count)
    // Before any memory is taken for the images.
    let plan = try executor.plan(PlanKey(batch: batch, height: imageSize, width: imageSize, mode: .evaluation))
    var need = plan.memoryNeed
    need.batches = batch * elements * MemoryLayout<Float>.stride
    try executor.engine.checkMemory(need, mapped: need.activations)
    let images = UnsafeMutablePointer<Float>.allocate(capacity: batch * elements)
    defer { images.deallocate() }
    for start in stride(from: 0, to: pictures.count, by: batch) {
      let group = pictures[start..<min(start + batch, pictures.count)]
      // Of each image its place in the batch, or what is wrong with it.
      var places: [Result<Int, ImageError>] = []
      var count = 0
      for path in group {
        do throws(ImageError) {
          try SingleImage.prepare(path, preprocessing, limits: limits, into: images + count * elements)
          places.append(.success(count))
          count += 1
        } catch {
          places.append(.failure(error))
        }
      }
      let predictions = try predict(images, count: count)
      for (path, place) in zip(group, places) { try body(path.path, place.map { predictions[$0] }) }
    }
  }

  /// images: [count, size, size, 3]
  private func predict(_ images: UnsafePointer<Float>, count: Int) throws -> [Prediction] {
    guard count > 0 else { return [] }
    let plan = try executor.plan(PlanKey(batch: count, height: imageSize, width: imageSize, mode: .evaluation))
    _ = plan.input.update(fromContentsOf: UnsafeBufferPointer(start: images, count: plan.input.count))
    plan.targets.update(repeating: 0)
    executor.run(plan, .evaluation)
    let classes = executor.network.classes
    return (0..<count).map { Prediction(logits: Array(plan.logits[$0 * classes..<($0 + 1) * classes])) }
  }
}
