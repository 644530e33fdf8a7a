import Tensors
import Testing

@Suite struct ArenaLayoutTests {
  @Test(arguments: UInt64(0)..<20)
  func nothingThatLivesTogetherOverlaps(seed: UInt64) {
    let random = CounterRandom(seed: seed, purpose: .test)
    let requests = (0..<200).map { index in
      let first = random.integer(UInt64(4 * index), below: 100)
      return ArenaLayout.Request(
        bytes: 1 + random.integer(UInt64(4 * index + 1), below: 1 << (4 + random.integer(UInt64(4 * index + 2), below: 18))),
        lifetime: first...first + random.integer(UInt64(4 * index + 3), below: 30))
    }
    let layout = ArenaLayout(requests)
    for a in requests.indices {
      #expect(layout.offsets[a] % 64 == 0)
      #expect(layout.offsets[a] + requests[a].bytes + 64 <= layout.bytes)
      for b in requests.indices where b < a && requests[a].lifetime.overlaps(requests[b].lifetime) {
        let apart =
          layout.offsets[a] >= layout.offsets[b] + requests[b].bytes + 64 || layout.offsets[b] >= layout.offsets[a] + requests[a].bytes + 64
        #expect(apart, "seed \(seed): buffers \(a) and \(b)")
      }
    }
  }

  @Test func buffersThatFollowEachOtherShareMemory() {
    let requests = (0..<10).map { ArenaLayout.Request(bytes: 1 << 20, lifetime: 2 * $0...2 * $0 + 1) }
    #expect(ArenaLayout(requests).bytes < 2 << 20)
  }
}
