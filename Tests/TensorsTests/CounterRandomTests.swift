import Tensors
import Testing

@Suite struct CounterRandomTests {
  @Test func drawsDependOnKeyAndCounterOnly() {
    let a = CounterRandom(seed: 1, purpose: .test, 2, 3)
    let b = CounterRandom(seed: 1, purpose: .test, 2, 3)
    #expect((0..<100).map { a.bits($0) } == (0..<100).reversed().map { b.bits($0) }.reversed())
    #expect(a.bits(0) != CounterRandom(seed: 1, purpose: .test, 3, 2).bits(0))
    #expect(a.bits(0) != CounterRandom(seed: 1, purpose: .dropout, 2, 3).bits(0))
  }

  @Test func uniformFillsTheUnitInterval() {
    let random = CounterRandom(seed: 7, purpose: .test)
    let draws = (0..<100_000).map { Double(random.uniform($0)) }
    let mean = draws.reduce(0, +) / 1e5
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
    #expect(abs(mean - 0.5) < 0.005)
    #expect(abs(variance - 1.0 / 12) < 0.002)
    #expect(draws.allSatisfy { $0 >= 0 && $0 < 1 })
  }
}
