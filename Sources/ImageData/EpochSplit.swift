/// How an epoch is cut into batches: as few as the batch size allows, their sizes differing by one at most.
///
/// The rest of a plain division would make a last batch of any size. One of two images can ruin a training: batch norm over
/// deep maps of a pixel or two an image then divides by next to nothing.
public struct EpochSplit: Sendable, Hashable {
  /// Images of an epoch.
  public let count: Int
  /// Batches of an epoch.
  public let batches: Int

  /// - Parameter batchSize: images that a batch may have at most.
  public init(count: Int, batchSize: Int) {
    precondition(count >= 0 && batchSize > 0, "a batch has at least one image")
    self.count = count
    batches = count / batchSize + (count % batchSize == 0 ? 0 : 1)
  }

  /// Images of the largest batch.
  public var largest: Int { batches == 0 ? 0 : (count + batches - 1) / batches }

  /// Images of the smallest batch.
  public var smallest: Int { batches == 0 ? 0 : count / batches }

  /// Where the batch ends that begins at `image`: a pure function, so that a run can go on from anywhere.
  ///
  /// - Parameter image: from 0 below `count`; between two batches' beginnings, what is left of the batch is meant.
  func end(ofBatchAt image: Int) -> Int {
    // Batch k begins at ceil(k * count / batches); this is the least k that begins after `image`.
    let next = image * batches / count + 1
    return (next * count + batches - 1) / batches
  }
}
