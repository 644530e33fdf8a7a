import RunHistory
import Testing

@Suite struct CurveTests {
  private func curve(_ values: [Float], firstStep: Int = 1) -> Curve {
    var curve = Curve()
    for (index, value) in values.enumerated() {
      curve.append(CurvePoint(step: firstStep + index, wallTime: Double(index), activeSeconds: Double(index), value: value))
    }
    return curve
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func extremesAreThoseOfEveryPointInTheStretch(seed: UInt64) {
    var draws = Draws(seed: seed)
    let count = Int.random(in: 1...5000, using: &draws)
    let values = (0..<count).map { _ -> Float in
      switch Int.random(in: 0..<50, using: &draws) {
      case 0: .nan
      case 1: .infinity
      case 2: -.infinity
      default: Float.random(in: -5...5, using: &draws)
      }
    }
    let curve = curve(values)
    for _ in 0..<200 {
      let low = Int.random(in: 0...count, using: &draws)
      let high = Int.random(in: low...count, using: &draws)
      let finite = values[low..<high].filter(\.isFinite)
      let found = curve.extremes(low..<high)
      #expect(found.isEmpty == finite.isEmpty, "seed \(seed), \(low)..<\(high)")
      #expect(found.lowest == finite.min() ?? .infinity, "seed \(seed), \(low)..<\(high)")
      #expect(found.highest == finite.max() ?? -.infinity, "seed \(seed), \(low)..<\(high)")
      #expect(found.lowestPositive == finite.filter { $0 > 0 }.min() ?? .infinity, "seed \(seed), \(low)..<\(high)")
      #expect(curve.hasNonFinite(low..<high) == (finite.count < high - low), "seed \(seed), \(low)..<\(high)")
    }
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func aSpikeShowsAtEveryZoomThatHasItInSight(seed: UInt64) throws {
    var draws = Draws(seed: seed)
    let count = Int.random(in: 2...20_000, using: &draws)
    let spike = Int.random(in: 0..<count, using: &draws)
    var values = [Float](repeating: 0.5, count: count)
    values[spike] = 9
    let curve = curve(values)
    let place = Double(spike + 1)
    for columns in [1, 2, 3, 79, 80, 160, 200, 400] {
      for _ in 0..<5 {
        let left = Double.random(in: 0...place, using: &draws)
        let right = Double.random(in: place...Double(count + 1), using: &draws)
        guard left < right else { continue }
        let shown = curve.columns(columns, over: left...right, on: .step)
        let holding = shown.filter { $0?.extremes.highest == 9 }
        #expect(holding.count == 1, "seed \(seed): \(columns) columns over \(left)...\(right), spike at \(place)")
        let points = shown.reduce(0) { $0 + ($1?.points.count ?? 0) }
        let inSight = min(count, Int(right.rounded(.down))) - max(1, Int(left.rounded(.up))) + 1
        #expect(points == inSight, "seed \(seed): every point falls into exactly one column")
      }
    }
  }

  @Test func sparseCurvesKeepEveryPoint() {
    var sparse = Curve()
    for step in [1, 500_000, 1_000_000] {
      sparse.append(CurvePoint(step: step, wallTime: 0, activeSeconds: 0, value: Float(step)))
    }
    let shown = sparse.columns(80, over: 1...1_000_000, on: .step)
    #expect(shown.compactMap { $0?.extremes.highest } == [1, 500_000, 1_000_000])
    #expect(shown[0] != nil && shown[79] != nil)
  }

  @Test func valuesThatAreNoNumbersAreMarkersAndNoValues() throws {
    let curve = curve([1, .nan, 3, .infinity, -.infinity, 2])
    let all = try #require(curve.columns(1, over: 1...6, on: .step)[0])
    #expect(all.diverges)
    #expect(all.extremes.lowest == 1 && all.extremes.highest == 3)
    #expect(all.first == 1 && all.last == 2)
    let shown = curve.columns(6, over: 1...7, on: .step)
    #expect(shown.map { $0?.diverges } == [false, true, false, true, true, false])
    #expect(shown[1]?.extremes.isEmpty == true)
    #expect(curve.nonFinite == [1, 3, 4])
    #expect(curve.highest == 2 && curve.lowest == 0)
  }

  @Test func takingUpARunFurtherBackReplacesWhatCameAfter() {
    var curve = curve((1...1000).map(Float.init))
    curve.smooth(weight: 0.9)
    var expected = self.curve((1...600).map(Float.init) + [-1, -2])
    expected.smooth(weight: 0.9)
    curve.append(CurvePoint(step: 601, wallTime: 2000, activeSeconds: 1000, value: -1))
    curve.append(CurvePoint(step: 602, wallTime: 2001, activeSeconds: 1001, value: -2))
    #expect(curve.count == 602)
    #expect(curve.restarts == [601])
    #expect(curve[600].value == -1 && curve[599].value == 600)
    #expect(curve.highest == 599 && curve.lowest == 601)
    #expect(curve.extremes(0..<602) == expected.extremes(0..<602))
    #expect(curve.extremes(500..<602, smoothed: true) == expected.extremes(500..<602, smoothed: true))
    #expect((0..<602).allSatisfy { curve.smoothedValue($0) == expected.smoothedValue($0) })
  }

  @Test func pointsWithAndWithoutAnEpochMakeACurveWithoutEpochs() {
    var curve = Curve()
    for (step, epoch) in [(10, 0), (20, nil), (30, 2)] {
      curve.append(CurvePoint(step: step, epoch: epoch, wallTime: 0, activeSeconds: 0, value: 1))
    }
    #expect((0..<3).map { curve[$0].step } == [10, 20, 30])
    #expect((0..<3).allSatisfy { curve[$0].epoch == nil })
  }

  @Test func nearestPoint() {
    var curve = Curve()
    for step in [10, 20, 40] { curve.append(CurvePoint(step: step, wallTime: 0, activeSeconds: Double(step), value: 0)) }
    #expect([-5, 10, 14, 15, 16, 29, 31, 1000].map { curve.nearestIndex(to: $0, on: .step)! } == [0, 0, 0, 0, 1, 1, 2, 2])
    #expect(curve.nearestIndex(to: 2.1, on: .epoch, stepsPerEpoch: 10) == 1)
    #expect(Curve().nearestIndex(to: 3, on: .step) == nil)
  }

  // MARK: Smoothing

  @Test(arguments: [0.6, 0.9, 0.99])
  func aConstantStaysConstant(weight: Double) {
    var curve = curve([Float](repeating: 2.302585, count: 5000))
    curve.smooth(weight: weight)
    #expect((0..<5000).allSatisfy { curve.smoothedValue($0) == 2.302585 })
  }

  @Test(arguments: [0.6, 0.9, 0.99])
  func averagesAreDebiased(weight: Double) {
    var draws = Draws(seed: 7)
    let values = (0..<3000).map { _ in Float.random(in: 0...1, using: &draws) }
    var curve = curve(values)
    curve.smooth(weight: weight)
    // The definition: weights w^(n-i), divided by their sum.
    for index in [0, 1, 2, 10, 100, 2999] {
      var sum = 0.0
      var total = 0.0
      var share = 1.0
      for place in stride(from: index, through: 0, by: -1) {
        sum += share * Double(values[place])
        total += share
        share *= weight
      }
      #expect(abs(Double(curve.smoothedValue(index)) - sum / total) < 1e-6)
    }
  }

  @Test func averagesDoNotDependOnWhenTheyAreAskedFor() {
    var draws = Draws(seed: 9)
    let values = (0..<2000).map { index in index % 97 == 0 ? Float.nan : Float.random(in: 0...1, using: &draws) }
    var before = Curve()
    before.smooth(weight: 0.9)
    var after = Curve()
    for (index, value) in values.enumerated() {
      let point = CurvePoint(step: index, wallTime: 0, activeSeconds: 0, value: value)
      before.append(point)
      after.append(point)
    }
    after.smooth(weight: 0.9)
    #expect((1..<2000).allSatisfy { before.smoothedValue($0) == after.smoothedValue($0) })
    #expect(before.smoothedValue(0).isNaN)
    #expect((1..<2000).allSatisfy { before.smoothedValue($0).isFinite })
    #expect(before.smoothedValue(97) == before.smoothedValue(96))
  }
}
