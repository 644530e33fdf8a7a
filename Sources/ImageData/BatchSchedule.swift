/// Which images make which batch, batch after batch from a start on.
struct BatchSchedule {
  private let plan: EpochPlan
  private let endEpoch: Int
  private var position: DataPosition
  private var visits: [EpochVisit] = []
  /// The place of the first of `visits` in its epoch.
  private var first = 0
  private var visitsEpoch: Int?

  struct Entry {
    let start: DataPosition
    let end: DataPosition
  }

  init(plan: EpochPlan, start: DataPosition, endEpoch: Int) {
    self.plan = plan
    self.endEpoch = endEpoch
    position = start.image == plan.count(epoch: start.epoch) ? DataPosition(epoch: start.epoch + 1) : start
  }

  /// The next batch, its images appended to `batch`; nil when all epochs are through.
  mutating func next(into batch: inout [EpochVisit]) -> Entry? {
    guard plan.split.count > 0, position.epoch < endEpoch else { return nil }
    if visitsEpoch != position.epoch {
      (first, visits) = plan.visits(epoch: position.epoch)
      visitsEpoch = position.epoch
    }
    let start = position
    let end = plan.end(ofBatchAt: start)
    batch.append(contentsOf: visits[start.image - first..<end - first])
    let isLast = end == plan.count(epoch: start.epoch)
    position = isLast ? DataPosition(epoch: start.epoch + 1) : DataPosition(epoch: start.epoch, image: end)
    return Entry(start: start, end: position)
  }
}
