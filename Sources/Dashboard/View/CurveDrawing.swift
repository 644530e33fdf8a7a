import NumberFormats
import RunHistory
import Terminal

/// Makes a chart's series of curves at full truth: as many extremes as there are dots, and every mark.
struct CurveDrawing {
  let axis: CurveAxis
  let range: ClosedRange<Double>
  /// Columns of dots.
  let buckets: Int
  let cursor: Double?
  let isLogarithmic: Bool

  /// One curve.
  ///
  /// - Parameters:
  ///   - best: which end of it is the good one, for the legend.
  ///   - isSmoothed: whether the average is in front and the curve itself behind. Evaluations are never smoothed: each is a
  ///     mean over a whole set already.
  func series(
    _ curve: Curve, _ name: String, number: Int, stepsPerEpoch: Double?, format: NumberFormat, best: Int? = nil, isSmoothed: Bool = false
  ) -> ChartSeries {
    let steps = stepsPerEpoch ?? 1
    let smoothed = isSmoothed && curve.smoothing > 0
    let own = samples(curve, steps, smoothed: false)
    return ChartSeries(
      name, number: number, samples: smoothed ? samples(curve, steps, smoothed: true).samples : own.samples,
      raw: smoothed ? own.samples : [], marks: own.marks, last: curve.last.map { Double($0.value) },
      best: best.map { Double(curve.value($0)) }, readout: cursor.map { readout(curve, at: $0, steps) }, format: format)
  }

  private func samples(_ curve: Curve, _ stepsPerEpoch: Double, smoothed: Bool) -> (samples: [ChartSample], marks: [ChartMark]) {
    var samples: [ChartSample] = []
    var marks: [ChartMark] = []
    func value(_ index: Int) -> Double { Double(smoothed ? curve.smoothedValue(index) : curve.value(index)) }
    func position(_ index: Int) -> Double { curve.position(index, on: axis, stepsPerEpoch: stepsPerEpoch) }
    let columns = curve.columns(buckets, over: range, on: axis, stepsPerEpoch: stepsPerEpoch, smoothed: smoothed)
    // A neighbour on either side lets the curve reach the edges.
    if let first = columns.lazy.compactMap({ $0 }).first?.points.lowerBound, first > 0, value(first - 1).isFinite {
      samples.append(ChartSample(position(first - 1), value(first - 1)))
    }
    let width = (range.upperBound - range.lowerBound) / Double(max(1, buckets))
    var next: Int?
    for (index, column) in columns.enumerated() {
      guard let column else { continue }
      next = column.points.upperBound
      if column.diverges, let place = curve.firstNonFinite(in: column.points) {
        marks.append(ChartMark(x: position(place), Self.kind(curve.value(place))))
      }
      if column.points.count <= 2 {
        for point in column.points { samples.append(ChartSample(position(point), value(point))) }
      } else if !column.extremes.isEmpty {
        let low = isLogarithmic && column.extremes.lowest <= 0 ? column.extremes.lowestPositive : column.extremes.lowest
        let high = column.extremes.highest
        samples.append(
          ChartSample(
            x: range.lowerBound + (Double(index) + 0.5) * width, low: Double(low.isFinite ? low : high), high: Double(high)))
      } else {
        samples.append(ChartSample(position(column.points.lowerBound), .nan))
      }
    }
    if let next, next < curve.count, value(next).isFinite { samples.append(ChartSample(position(next), value(next))) }
    return (samples, marks)
  }

  private static func kind(_ value: Float) -> ChartMark.Kind {
    value.isNaN ? .nan : value > 0 ? .positiveInfinity : .negativeInfinity
  }

  /// The value at the cursor exactly as logged, and its step where that is not the cursor's own.
  private func readout(_ curve: Curve, at x: Double, _ stepsPerEpoch: Double) -> String {
    guard let index = curve.nearestIndex(to: x, on: axis, stepsPerEpoch: stepsPerEpoch) else { return "-" }
    let point = curve[index]
    let value = point.value.isFinite ? "\(point.value)" : point.value.isNaN ? "NaN" : point.value > 0 ? "+Inf" : "-Inf"
    return curve.position(index, on: axis, stepsPerEpoch: stepsPerEpoch) == x ? value : "\(value) @\(point.step)"
  }
}

extension DashboardModel {
  /// What the charts of this screen have in common; nil before the first point.
  func drawing(for rect: Rect, isLogarithmic: Bool = false) -> CurveDrawing? {
    guard let extent else { return nil }
    let shown = window.range(in: extent)
    return CurveDrawing(
      axis: axis, range: shown, buckets: max(1, rect.width * (symbols == .ascii ? 1 : 2)), cursor: cursor, isLogarithmic: isLogarithmic)
  }

  /// The axis under all charts of this screen.
  func xAxis(_ drawing: CurveDrawing) -> ChartAxis {
    switch axis {
    case .step: ChartAxis("step", range: drawing.range, isIntegral: true)
    case .epoch: ChartAxis("epoch", range: drawing.range)
    case .time: ChartAxis("time", range: drawing.range, labels: .clock)
    }
  }

  /// The cursor and what stands under it.
  func chartCursor(stepsPerEpoch: Double?) -> (x: Double, text: String)? {
    guard let cursor else { return nil }
    switch axis {
    case .step: return (cursor, "step " + NumberFormat.integer.text(cursor))
    case .epoch: return (cursor, "epoch " + NumberFormat.fixed(2).text(cursor))
    case .time: return (cursor, NumberFormat.clock.text(cursor))
    }
  }

  private static let mostBoundaries = 100

  /// Where a model's run was taken up again, or its images changed.
  func boundaries(of model: ModelHistory) -> [ChartBoundary] {
    let stepsPerEpoch = model.stepsPerEpoch ?? 1
    func x(_ step: Int) -> Double? {
      switch axis {
      case .step: return Double(step)
      case .epoch: return Double(step) / stepsPerEpoch
      case .time:
        guard let curve = model.curve(.loss, .training) ?? model.entries.first?.curve else { return nil }
        let index = curve.firstIndex(from: Double(step), on: .step)
        return index < curve.count ? curve.position(index, on: .time, stepsPerEpoch: stepsPerEpoch) : nil
      }
    }
    // More lines than columns would hide the curves.
    let changes = Set(model.dataChangedAt)
    let steps = changes.union(model.restartSteps).sorted().suffix(Self.mostBoundaries)
    return steps.compactMap { step in x(step).map { ChartBoundary(x: $0, label: changes.contains(step) ? "data changed" : "resumed") } }
  }

  /// The step of the first loss that is no finite number.
  func firstDivergence(of model: ModelHistory) -> Int? {
    if let step = model.droppedAt ?? model.divergedAt.first { return step }
    guard let loss = model.curve(.loss, .training), let place = loss.nonFinite.first else { return nil }
    return loss[place].step
  }
}
