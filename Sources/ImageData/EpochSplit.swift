/// How an epoch is cut into batches: as few as the batch size allows, their sizes differing by one at most.
///
/// The rest of a plain division would make a last batch of any size. One of two images can ruin a training: batch norm over
/// deep maps of a pixel or two an image then divides by next to nothing.
public struct EpochSplit: Sendable, Hashable {
  /// Images of an epoch, each as often as it is visited.
  public let count: Int
  /// Batches of an epoch.
  public let batches: Int

  /// - Parameter batchSize: images that a batch may have at most.
  public init(count: Int, batchSize: Int) {
    precondition(count >= 0 && batchSize > 0, "a batch has at least one image")
    self.count = count
    batches = count / batchSize + (count % batchSize == 0 ? 0 : 1)
  }

  /// Cuts an epoch into a given number of batches, whatever the number of images: as many visits as the batches admit.
  ///
  /// - Parameters:
  ///   - images: that there are; some are visited again, or not in each epoch, where the batches need more or hold fewer.
  ///   - batchSize: images that a batch may have at most.
  ///   - smallest: images that a batch must have at least.
  init(images: Int, batches: Int, batchSize: Int, smallest: Int) {
    precondition(batches > 0 && smallest > 0 && batchSize >= smallest, "a batch has at least one image")
    self.batches = batches
    count = min(max(images, batches * smallest), batches * batchSize)
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

  /// Batches that begin before `image`, from 0 to `count`.
  func batchesBegun(before image: Int) -> Int { count == 0 ? 0 : (image * batches + count - 1) / count }

  /// Batches that end at or before `image`, from 0 below `count`: a batch whose midst it is counts among those that are left.
  func batchesDone(before image: Int) -> Int { image * batches / count }
}
