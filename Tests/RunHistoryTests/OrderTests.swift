import RunHistory
import ScalarLogs
import Testing

/// Steps in any order, several writers and values that no clock or step counter gives.
@Suite struct OrderTests {
  private func record(_ step: Int, _ value: Float = 1, time: Double, file: Int = 0, tag: String = "train/loss") -> ScalarRecord {
    ScalarRecord(tag: tag, step: step, value: value, wallTime: time, file: file)
  }

  private func curve(_ history: History, _ tag: String = "train/loss") throws -> Curve {
    try #require(history.model(named: "run")?.curve(tag: tag))
  }

  @Test func severalWorkersInOneFileMakeOneCurve() throws {
    var history = History()
    for step in [1, 0, 3, 2, 5, 4] { history.receive([record(step, Float(step), time: Double(step))], of: "run") }
    let curve = try curve(history)
    #expect((0..<curve.count).map { curve[$0].step } == Array(0...5))
    #expect((0..<curve.count).map { curve[$0].value } == [0, 1, 2, 3, 4, 5])
    #expect(history.models[0].restartSteps.isEmpty && curve.restarts.isEmpty && curve.highest == 5 && curve.lowest == 0)
    #expect((1..<curve.count).allSatisfy { curve[$0].activeSeconds >= curve[$0 - 1].activeSeconds })
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func insertedPointsMakeTheCurveThatOrderedOnesMake(seed: UInt64) {
    var draws = Draws(seed: seed)
    var points = (0..<Int.random(in: 1...3000, using: &draws)).map { place in
      let value = Int.random(in: 0..<30, using: &draws) == 0 ? Float.nan : Float.random(in: -5...5, using: &draws)
      return CurvePoint(step: place / 2, wallTime: 0, activeSeconds: 0, value: value)
    }
    var expected = Curve()
    expected.smooth(weight: 0.9)
    expected.insert(points)
    // Pairs of one step stay in their order.
    var pairs = stride(from: 0, to: points.count, by: 2).map { Array(points[$0..<min($0 + 2, points.count)]) }
    pairs.shuffle(using: &draws)
    points = pairs.flatMap { $0 }
    var curve = Curve()
    curve.smooth(weight: 0.9)
    while !points.isEmpty {
      let portion = points.prefix(Int.random(in: 1...500, using: &draws))
      curve.insert(Array(portion))
      points.removeFirst(portion.count)
    }
    #expect(curve.count == expected.count && curve.highest == expected.highest && curve.lowest == expected.lowest, "seed \(seed)")
    #expect(curve.nonFinite == expected.nonFinite && curve.extremes(0..<curve.count) == expected.extremes(0..<curve.count), "seed \(seed)")
    for place in 0..<curve.count {
      let (a, b) = (curve[place], expected[place])
      #expect(a.step == b.step && (a.value == b.value || a.value.isNaN && b.value.isNaN), "seed \(seed)")
      let (x, y) = (curve.smoothedValue(place), expected.smoothedValue(place))
      #expect(x == y || x.isNaN && y.isNaN, "seed \(seed)")
    }
  }

  /// The work for falling steps is counted in points that are moved: a portion moves each point once at most.
  @Test func fallingStepsMoveEachPointOncePerPortion() throws {
    let (count, portion) = (200_000, 20_000)
    var history = History()
    for begin in stride(from: 0, to: count, by: portion) {
      let records = (begin..<begin + portion).flatMap {
        [record(count - $0, time: Double($0)), record($0, time: Double($0), tag: "rising")]
      }
      history.receive(records, of: "run")
    }
    let falling = try curve(history)
    #expect(falling.count == count && falling[0].step == 1 && falling.last?.step == count)
    #expect(falling.movedPoints == (0..<count / portion).reduce(0) { $0 + $1 * portion })
    #expect(try curve(history, "rising").movedPoints == 0)
  }

  /// A curve that is given up again and again looks for its extremes in blocks and not in all its points.
  @Test func restartsFindTheExtremes() {
    var curve = Curve()
    var reference: [Float] = []
    var draws = Draws(seed: 5)
    for _ in 0..<3000 {
      let back = Bool.random(using: &draws) ? Int.random(in: 0...reference.count, using: &draws) / 2 : 0
      // Equal steps stay beside each other: back means below the last one.
      let step = reference.count - (back == 1 ? 2 : back)
      guard step >= 0 else { continue }
      let value = Float(Int.random(in: -20...20, using: &draws))
      reference.removeLast(reference.count - min(step, reference.count))
      reference.append(value)
      curve.append(CurvePoint(step: reference.count - 1, wallTime: 0, activeSeconds: 0, value: value))
      #expect(curve.count == reference.count)
      #expect(curve.highest == reference.firstIndex(of: reference.max()!) && curve.lowest == reference.firstIndex(of: reference.min()!))
    }
    #expect(zip(curve.restarts, curve.restarts.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func aLaterFileThatBeginsFurtherBackIsAResumedRun() throws {
    var history = History()
    history.receive((0..<50).map { record($0, time: Double($0)) }, of: "run")
    history.receive((30..<60).map { record($0, 2, time: 1000 + Double($0), file: 1) }, of: "run")
    #expect(history.models[0].restartSteps == [30] && history.lines.isEmpty)
    // Both values of a step are kept, as the formats' own readers do.
    #expect(try curve(history).count == 80)
    // A file for each point goes on where the one before ended.
    for step in 60..<70 { history.receive([record(step, time: 2000 + Double(step), file: step)], of: "run") }
    #expect(history.models[0].restartSteps == [30])
    // A file that was copied here late, with earlier times, is no resumed run.
    history.receive((0..<5).map { record($0, time: Double($0) - 100, file: 99) }, of: "run")
    #expect(history.models[0].restartSteps == [30])
  }

  @Test func twoWritersAtTheSameTimeAreReportedOnce() throws {
    var history = History()
    for step in 0..<20 {
      history.receive([record(step, time: Double(step)), record(step, 2, time: Double(step) + 0.5, file: 1)], of: "run", at: 7)
    }
    #expect(try curve(history).count == 40 && history.models[0].restartSteps.isEmpty)
    #expect(history.lines.count == 1 && history.lines[0].text.contains("several files hold train/loss") && history.lines[0].time == 7)
    history.restart("run")
    for file in [0, 1, 0] { history.receive([record(1, time: 1, file: file)], of: "run") }
    #expect(history.lines.count == 1)
  }

  @Test func tagsThatDifferInBytesAloneAreTwoCurves() throws {
    var history = History()
    let tags = ["caf\u{E9}/loss", "cafe\u{301}/loss"]
    for (index, tag) in tags.enumerated() { history.receive([record(1, Float(index), time: 1, tag: tag)], of: "run") }
    #expect(history.models[0].entries.count == 2)
    for (index, tag) in tags.enumerated() { #expect(try curve(history, tag).last?.value == Float(index)) }
  }

  @Test func timesThatNoClockShowsAreNoWork() throws {
    var history = History()
    let times = [1e300, .infinity, -.infinity, .nan, -1e300, 1.7e9, 1.7e9 + 1, 9.2e15, 1.7e9 + 2]
    for (step, time) in times.enumerated() { history.receive([record(step, time: time)], of: "run") }
    #expect(history.models[0].activeSeconds == 2)
    #expect(history.models[0].extent(on: .time) == 0...2 && history.models[0].extent(on: .step) == 0...8)
    // A speed that would make years of a step.
    for (step, speed) in [1e30, 1e30, 1e-44, -1, .infinity, .nan, 0].enumerated() {
      history.receive([record(step, Float(speed), time: 1.7e9 + 10 + Double(step), tag: "train/images_per_second")], of: "run")
    }
    #expect(history.models[0].activeSeconds < 1e9)
  }

  @Test func stepsAtTheEndsOfTheirType() throws {
    var history = History()
    for tag in ["train/loss", "eval/acc", "train/acc", "eval/loss"] {
      history.receive([Int.max, .min, 0, .max, .min].map { record($0, time: 1, tag: tag) }, of: "run")
    }
    #expect(try curve(history).count == 5)
    #expect(history.models[0].lastStep == .max && history.models[0].extent(on: .step)?.upperBound == Double(Int.max))
  }
}
