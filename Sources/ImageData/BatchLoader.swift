import Foundation

/// Prepares batches ahead of their use, on threads of its own, in an order that depends on nothing but the seed.
///
/// Batches come epoch after epoch without a pause, so that the first batch of an epoch is ready when the evaluation before
/// it ends. At most `prefetch` batches are held besides the one in use, all in memory taken once at the start. `next()`
/// blocks: call it from one dedicated thread, never from a cooperative one.
public final class BatchLoader: Sendable {
  private let work: LoaderWork

  /// What to do about an image that cannot be decoded.
  public enum BrokenImages: Sendable, Hashable {
    /// `next()` throws.
    case fail
    /// The batch goes without it; `skipped` lists it.
    case skip
  }

  /// - Parameters:
  ///   - source: the images; `plan` counts in its samples.
  ///   - start: the first batch begins here.
  ///   - endEpoch: batches of this and later epochs are not made.
  ///   - threads: that decode; by default one, or two where four or more processors are.
  ///   - prefetch: batches made ahead.
  public init(
    source: ImageSource, plan: EpochPlan, start: DataPosition = DataPosition(), endEpoch: Int,
    brokenImages: BrokenImages = .fail, threads: Int, prefetch: Int = 3
  ) {
    precondition(plan.order.count == source.samples.count, "the order is of the source's images")
    precondition(threads > 0 && prefetch > 0, "a loader has at least one thread and one batch ahead")
    precondition(start.epoch >= 0 && (0...plan.count(epoch: start.epoch)).contains(start.image), "the start lies within an epoch")
    let slots = (0...prefetch).map { _ in
      BatchSlot(capacity: plan.largest, elementCount: source.preparation.elementCount)
    }
    let schedule = BatchSchedule(plan: plan, start: start, endEpoch: endEpoch)
    work = LoaderWork(source: source, schedule: schedule, slots: slots, batchSize: plan.largest, brokenImages: brokenImages)
    work.start(threads: threads)
  }

  /// Visits each image of `order` once an epoch.
  ///
  /// - Parameter batchSize: images of a batch at most; an epoch is cut into batches as `EpochSplit` says.
  public convenience init(
    source: ImageSource, order: EpochOrder, batchSize: Int, start: DataPosition = DataPosition(), endEpoch: Int,
    brokenImages: BrokenImages = .fail, threads: Int, prefetch: Int = 3
  ) {
    self.init(
      source: source, plan: EpochPlan(order, split: EpochSplit(count: order.count, batchSize: batchSize)), start: start,
      endEpoch: endEpoch, brokenImages: brokenImages, threads: threads, prefetch: prefetch)
  }

  deinit { work.cancel() }

  /// Bytes that a loader's batches occupy.
  ///
  /// - Parameter largest: images of the largest batch.
  public static func byteCount(largest: Int, preparation: ImagePreparation, prefetch: Int = 3) -> Int {
    (prefetch + 1) * largest * (preparation.elementCount * MemoryLayout<Float>.stride + MemoryLayout<Int32>.stride)
  }

  /// Threads that keep up with training on so many processors without taking many from it.
  public static func standardThreads(processors: Int) -> Int { processors >= 4 ? 2 : 1 }

  /// The next batch, as soon as it is ready; nil after the last one and after `cancel()`. The batch before it is given up.
  ///
  /// - Throws: the error of the first broken image, in order, if broken images are not skipped; again at every later call.
  public func next() throws(ImageError) -> Batch? { try work.next() }

  /// Ends the loader: `next()` returns nil from now on, on whatever thread it waits. Returns when no thread works on an
  /// image any more.
  public func cancel() { work.cancel() }

  /// Images skipped so far, in order of their first appearance, each once.
  public var skipped: [ImageError] { work.skipped }
}
