import Testing
@testable import ImageData

@Suite struct EpochSplitTests {
  /// Sizes of an epoch's batches, as the schedule hands them out.
  private func sizes(_ count: Int, _ batchSize: Int, from start: Int = 0) -> [Int] {
    let order = EpochOrder(count: count, shuffleSeed: nil)
    let plan = EpochPlan(order, split: EpochSplit(count: count, batchSize: batchSize))
    var schedule = BatchSchedule(plan: plan, start: DataPosition(image: start), endEpoch: 1)
    var images: [EpochVisit] = []
    var sizes: [Int] = []
    while let entry = schedule.next(into: &images) {
      sizes.append((entry.end.epoch == 0 ? entry.end.image : count) - entry.start.image)
    }
    #expect(images == (start..<count).map { EpochVisit(image: Int32($0), draw: Int32($0)) })
    return sizes
  }

  @Test func aCountThatDividesIsCutAsEver() {
    #expect(sizes(24, 6) == [6, 6, 6, 6])
    #expect(sizes(5, 6) == [5])
    #expect(sizes(0, 6) == [])
  }

  /// No batch is small because it is the last: two images left over would make for batch norm over two values.
  @Test func aRestIsSpreadOverTheBatches() {
    #expect(sizes(20, 6) == [5, 5, 5, 5])
    #expect(sizes(302, 50) == [44, 43, 43, 43, 43, 43, 43])
    #expect(sizes(8, 3) == [3, 3, 2])
    #expect(sizes(23, 4) == [4, 4, 4, 4, 4, 3])
  }

  @Test(arguments: 1...40) func anyCountIsCutIntoTheFewestBatchesThatAreAlike(count: Int) {
    for batchSize in 1...45 {
      let split = EpochSplit(count: count, batchSize: batchSize)
      let sizes = sizes(count, batchSize)
      #expect(sizes.count == (count + batchSize - 1) / batchSize && sizes.count == split.batches)
      #expect(sizes.max() == split.largest && split.largest <= batchSize)
      #expect(split.largest - (sizes.min() ?? 0) <= 1)
    }
  }

  /// A run goes on where it stopped: from every boundary on, the batches are those of the whole epoch.
  @Test func aStartAtABoundaryGivesTheSameBatches() {
    let whole = sizes(302, 50)
    var start = 0
    for (index, size) in whole.enumerated() {
      #expect(sizes(302, 50, from: start) == Array(whole[index...]))
      start += size
    }
  }

  @Test func aStartBetweenBoundariesGoesToTheNext() { #expect(sizes(20, 6, from: 6) == [4, 5, 5]) }

  /// Counts and batch sizes as large as they may be.
  @Test func largeCountsDoNotOverflow() {
    let split = EpochSplit(count: Int(Int32.max), batchSize: 1)
    #expect(split.end(ofBatchAt: Int(Int32.max) - 1) == Int(Int32.max))
    #expect(EpochSplit(count: 10, batchSize: 65_536).largest == 10)
  }
}
