/// One visit of an image in an epoch.
public struct EpochVisit: Sendable, Hashable {
  /// Among the samples of the source.
  public let image: Int32
  /// The number that the draws of its augmentation depend on: its place in the list that the epoch was begun with.
  public let draw: Int32
}

/// Which images a run visits in each epoch, in which order, and how the visits are cut into batches.
///
/// A pure function of its parts, so that a run can start anywhere. Where the number of images differs from that of the visits, as
/// after a change of the images, an epoch is cut off or begins its order again.
public struct EpochPlan: Sendable, Hashable {
  /// Of the images.
  public let order: EpochOrder
  /// Of an epoch's visits.
  public let split: EpochSplit
  /// What is left of the epoch that was under way when the images changed; nil where none was.
  let rest: EpochRest?

  public init(_ order: EpochOrder, split: EpochSplit) { self.init(order, split: split, rest: nil) }

  init(_ order: EpochOrder, split: EpochSplit, rest: EpochRest?) {
    precondition(order.count > 0 || split.count == 0, "visits need an image")
    self.order = order
    self.split = split
    self.rest = rest
  }

  /// Images of the largest batch.
  public var largest: Int { max(split.largest, rest?.split.largest ?? 0) }

  /// Visits of `epoch`.
  public func count(epoch: Int) -> Int { rest.flatMap { $0.epoch == epoch ? $0.first + $0.split.count : nil } ?? split.count }

  /// Batches of its epoch that are begun at a position, at most: a change in the midst of a batch makes one more.
  public func batchesBegun(at position: DataPosition) -> Int {
    guard let rest, rest.epoch == position.epoch else { return split.batchesBegun(before: position.image) }
    return split.batches - rest.split.batches + 1 + rest.split.batchesBegun(before: position.image - rest.first)
  }

  /// The visits of `epoch` from the place `first` on.
  func visits(epoch: Int) -> (first: Int, visits: [EpochVisit]) {
    if let rest, rest.epoch == epoch { return (rest.first, rest.visits) }
    return (0, Self.visits(order, split, epoch: epoch).map { EpochVisit(image: $0, draw: $0) })
  }

  /// The images of all visits of an epoch. Sorted order resumes where the epoch before was cut off, or images at its end would
  /// never be visited; shuffled order is another in each epoch.
  static func visits(_ order: EpochOrder, _ split: EpochSplit, epoch: Int) -> [Int32] {
    let images = order.images(epoch: epoch)
    guard images.count != split.count else { return images }
    let start = order.shuffleSeed == nil ? (epoch % images.count) * (split.count % images.count) % images.count : 0
    return (0..<split.count).map { images[(start + $0) % images.count] }
  }

  /// Where the batch ends that begins at `position`, within its epoch.
  func end(ofBatchAt position: DataPosition) -> Int {
    guard let rest, rest.epoch == position.epoch else { return split.end(ofBatchAt: position.image) }
    return rest.first + rest.split.end(ofBatchAt: position.image - rest.first)
  }
}

/// The rest of an epoch whose images changed in its midst.
struct EpochRest: Sendable, Hashable {
  let epoch: Int
  /// Places of the epoch that were visited before.
  let first: Int
  let visits: [EpochVisit]
  /// The visits over the batches that the epoch still has.
  let split: EpochSplit
}
