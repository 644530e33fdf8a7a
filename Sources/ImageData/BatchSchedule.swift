/// Which images make which batch, batch after batch from a start on.
struct BatchSchedule {
  private let order: EpochOrder
  private let split: EpochSplit
  private let endEpoch: Int
  private var position: DataPosition
  private var images: [Int32] = []
  private var imagesEpoch: Int?

  struct Entry {
    let start: DataPosition
    let end: DataPosition
  }

  init(order: EpochOrder, split: EpochSplit, start: DataPosition, endEpoch: Int) {
    self.order = order
    self.split = split
    self.endEpoch = endEpoch
    position = start.image == order.count ? DataPosition(epoch: start.epoch + 1) : start
  }

  /// The next batch, its images appended to `batch`; nil when all epochs are through.
  mutating func next(into batch: inout [Int32]) -> Entry? {
    guard order.count > 0, position.epoch < endEpoch else { return nil }
    if imagesEpoch != position.epoch {
      images = order.images(epoch: position.epoch)
      imagesEpoch = position.epoch
    }
    let start = position
    let end = split.end(ofBatchAt: start.image)
    batch.append(contentsOf: images[start.image..<end])
    position = end == order.count ? DataPosition(epoch: start.epoch + 1) : DataPosition(epoch: start.epoch, image: end)
    return Entry(start: start, end: position)
  }
}
