import ImageData
import Testing

@Suite struct EpochOrderTests {
  @Test func everyImageOnceAnew() {
    let order = EpochOrder(count: 1000, shuffleSeed: 9)
    let first = order.images(epoch: 0)
    #expect(first.sorted() == Array(0..<1000))
    #expect(first != Array(0..<1000))
    #expect(order.images(epoch: 1).sorted() == Array(0..<1000))
    #expect(order.images(epoch: 1) != first)
    #expect(order.images(epoch: 0) == first)
    #expect(EpochOrder(count: 1000, shuffleSeed: 10).images(epoch: 0) != first)
  }

  @Test func withoutASeedItIsSorted() {
    #expect(EpochOrder(count: 5, shuffleSeed: nil).images(epoch: 3) == [0, 1, 2, 3, 4])
    #expect(EpochOrder(count: 0, shuffleSeed: 1).images(epoch: 0).isEmpty)
    #expect(EpochOrder(count: 1, shuffleSeed: 1).images(epoch: 0) == [0])
  }

  /// Each image is as likely at each place: 24 orders of four images over 24,000 epochs.
  @Test func ordersAreEquallyLikely() {
    var counts: [[Int32]: Int] = [:]
    let order = EpochOrder(count: 4, shuffleSeed: 77)
    for epoch in 0..<24000 { counts[order.images(epoch: epoch), default: 0] += 1 }
    #expect(counts.count == 24)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })  // 4.8 deviations
  }
}
