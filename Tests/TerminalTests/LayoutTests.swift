import Tensors
import Terminal
import Testing

@Suite struct LayoutTests {
  @Test func lengthsAddUp() {
    #expect(Extent.split(100, into: [.fixed(10), .fraction(0.25), .rest]) == [10, 25, 65])
    #expect(Extent.split(10, into: [.flexible(weight: 1), .flexible(weight: 1), .flexible(weight: 1)]) == [3, 4, 3])
    #expect(Extent.split(10, into: [.fixed(3), .fixed(3)]) == [3, 7], "the last takes what is left")
  }

  @Test func whatComesLastGivesWayFirst() {
    #expect(Extent.split(12, into: [.fixed(10), .fixed(5), .rest]) == [10, 2, 0])
    #expect(Extent.split(4, into: [.fixed(10), .flexible(minimum: 3)]) == [4, 0])
    #expect(Extent.split(0, into: [.fixed(1), .rest]) == [0, 0])
    #expect(Extent.split(5, into: []) == [])
  }

  @Test func partsLieSideBySide() {
    let parts = Rect(x: 2, y: 1, width: 20, height: 5).columns([.fixed(6), .rest], gap: 1)
    #expect(parts == [Rect(x: 2, y: 1, width: 6, height: 5), Rect(x: 9, y: 1, width: 13, height: 5)])
    let rows = Rect(x: 0, y: 0, width: 4, height: 9).rows([.rest, .fixed(2)])
    #expect(rows == [Rect(x: 0, y: 0, width: 4, height: 7), Rect(x: 0, y: 7, width: 4, height: 2)])
  }

  @Test func randomSplitsFillExactlyAndStayInside() {
    let random = CounterRandom(seed: 3, purpose: .test)
    for round in 0..<500 {
      let stream = random.stream(UInt64(round))
      let extents = (0...stream.integer(0, below: 5)).map { index -> Extent in
        let draw = UInt64(index * 4 + 1)
        switch stream.integer(draw, below: 3) {
        case 0: return .fixed(stream.integer(draw + 1, below: 30))
        case 1: return .fraction(stream.uniformDouble(draw + 1))
        default: return .flexible(weight: stream.uniformDouble(draw + 1), minimum: stream.integer(draw + 2, below: 8))
        }
      }
      let length = stream.integer(100, below: 120)
      let gap = stream.integer(101, below: 3)
      let lengths = Extent.split(length, into: extents, gap: gap)
      #expect(lengths.allSatisfy { $0 >= 0 }, "seed 3, round \(round)")
      #expect(lengths.reduce(0, +) == max(0, length - gap * (extents.count - 1)), "seed 3, round \(round)")
      let rect = Rect(x: 5, y: 7, width: length, height: 3)
      for part in rect.columns(extents, gap: gap) {
        #expect(part.isEmpty || part.intersection(rect) == part, "seed 3, round \(round)")
      }
    }
  }
}
