/// One value of a curve, exactly as it was logged.
public struct CurvePoint: Sendable, Equatable {
  /// Updates of the weights done when it was taken: the axis that all curves of a run share.
  public var step: Int
  /// The number that it was logged under, where that is another one: an evaluation's epoch, from 0.
  public var epoch: Int?
  /// Seconds since 1970.
  public var wallTime: Double
  /// Seconds that the model had been at work, pauses and other models' turns left out.
  public var activeSeconds: Double
  public var value: Float

  public init(step: Int, epoch: Int? = nil, wallTime: Double, activeSeconds: Double, value: Float) {
    self.step = step
    self.epoch = epoch
    self.wallTime = wallTime
    self.activeSeconds = activeSeconds
    self.value = value
  }
}

/// What a chart's horizontal axis counts.
public enum CurveAxis: String, Sendable, CaseIterable {
  case step, epoch, time
}

/// A curve at full truth: every point is kept, and none is lost from sight at any zoom.
///
/// Steps never fall. A point that is appended with a smaller step than its predecessor's belongs to a run that was resumed further back:
/// the curve gives up what it held from there on, as the run itself did. Points of logs, whose steps come in any order, are inserted.
public struct Curve: Sendable {
  private var steps: ContiguousArray<Int> = []
  private var wallTimes: ContiguousArray<Double> = []
  private var activeTimes: ContiguousArray<Float> = []
  /// Of an evaluation's curve; empty or as long as the others.
  private var epochs: ContiguousArray<Int> = []
  private var raw = MinMaxPyramid()
  private var smoothed: SmoothedSeries?
  /// Where the values are not finite, rising.
  public private(set) var nonFinite: ContiguousArray<Int> = []
  /// Where the curve was taken up again: the step of the first point after. Rising.
  public private(set) var restarts: [Int] = []
  /// Points that were moved to make room for others, in all: the work that steps out of order cost.
  public private(set) var movedPoints = 0
  /// The place of the highest and of the lowest finite value, the first of equals.
  public private(set) var highest: Int?
  public private(set) var lowest: Int?

  public init() {}

  public var count: Int { steps.count }
  public var isEmpty: Bool { steps.isEmpty }

  public subscript(_ index: Int) -> CurvePoint {
    CurvePoint(
      step: steps[index], epoch: epochs.isEmpty ? nil : epochs[index], wallTime: wallTimes[index],
      activeSeconds: Double(activeTimes[index]), value: raw.values[index])
  }

  public var last: CurvePoint? { isEmpty ? nil : self[count - 1] }
  public func value(_ index: Int) -> Float { raw.values[index] }

  public mutating func reserve(_ capacity: Int) {
    steps.reserveCapacity(capacity)
    wallTimes.reserveCapacity(capacity)
    activeTimes.reserveCapacity(capacity)
    raw.reserve(capacity)
  }

  /// Adds the next point. One with a smaller step than the last one's takes the place of all from its step on.
  public mutating func append(_ point: CurvePoint) {
    if let last = steps.last, point.step < last { restart(at: point.step) }
    push(point)
    smoothed?.extend(over: raw.values)
  }

  /// Adds points wherever their steps belong; equal steps stay in the order of their arrival.
  ///
  /// Only points behind the first of them are moved, once for all of `points`.
  public mutating func insert(_ points: [CurvePoint]) {
    let sorted = Self.sorted(points)
    guard let first = sorted.first else { return }
    let kept = lowerBound { steps[$0] > first.step }
    if kept == count {
      for point in sorted { push(point) }
    } else {
      let tail = (kept..<count).map { self[$0] }
      movedPoints += tail.count
      truncate(to: kept)
      merge(tail, sorted)
      findExtremes()
    }
    smoothed?.extend(over: raw.values)
  }

  /// Appends old and new points by step. A new one is given no later time than the old one that follows it: no axis runs backwards.
  private mutating func merge(_ old: [CurvePoint], _ new: [CurvePoint]) {
    var next = 0
    for point in old {
      while next < new.count && new[next].step < point.step {
        var inserted = new[next]
        inserted.activeSeconds = min(inserted.activeSeconds, point.activeSeconds)
        push(inserted)
        next += 1
      }
      push(point)
    }
    for point in new[next...] { push(point) }
  }

  /// By step; of equal steps the earlier in `points` first.
  private static func sorted(_ points: [CurvePoint]) -> [CurvePoint] {
    if zip(points, points.dropFirst()).allSatisfy({ $0.step <= $1.step }) { return points }
    let order = points.indices.sorted { points[$0].step != points[$1].step ? points[$0].step < points[$1].step : $0 < $1 }
    return order.map { points[$0] }
  }

  private mutating func push(_ point: CurvePoint) {
    let index = count
    steps.append(point.step)
    wallTimes.append(point.wallTime)
    // An axis never runs backwards, even if a clock does.
    activeTimes.append(max(Float(point.activeSeconds), activeTimes.last ?? 0))
    // A log may number its evaluations in two ways; the steps tell enough then.
    if let epoch = point.epoch, epochs.count == index { epochs.append(epoch) } else { epochs = [] }
    raw.append(point.value)
    if point.value.isFinite {
      if highest.map({ raw.values[$0] < point.value }) ?? true { highest = index }
      if lowest.map({ raw.values[$0] > point.value }) ?? true { lowest = index }
    } else {
      nonFinite.append(index)
    }
  }

  /// Voids the points from `step` on; the curve is taken up again there.
  public mutating func restart(at step: Int) {
    let kept = lowerBound { steps[$0] >= step }
    guard kept < count else { return }
    truncate(to: kept)
    while let last = restarts.last, last >= step { restarts.removeLast() }
    restarts.append(step)
    findExtremes()
  }

  /// Takes the numbers of epochs, under which the points were logged, for steps.
  mutating func placeByEpochs() {
    let points = (0..<count).map { place -> CurvePoint in
      var point = self[place]
      point.step = point.epoch ?? point.step
      point.epoch = nil
      return point
    }
    truncate(to: 0)
    insert(points)
    findExtremes()
  }

  private mutating func truncate(to kept: Int) {
    smoothed?.truncate(to: kept, of: raw.values)
    raw.truncate(to: kept)
    steps.removeLast(steps.count - kept)
    wallTimes.removeLast(wallTimes.count - kept)
    activeTimes.removeLast(activeTimes.count - kept)
    if !epochs.isEmpty { epochs.removeLast(epochs.count - kept) }
    while let last = nonFinite.last, last >= kept { nonFinite.removeLast() }
    // Those that are left are still the first of their kind; those that went are looked for.
    if let place = highest, place >= kept { highest = nil }
    if let place = lowest, place >= kept { lowest = nil }
  }

  private mutating func findExtremes() {
    let all = raw.extremes(0..<count)
    if all.isEmpty {
      (highest, lowest) = (nil, nil)
      return
    }
    highest = raw.firstPlace { $0.highest == all.highest }
    lowest = raw.firstPlace { $0.lowest == all.lowest }
  }

  // MARK: Smoothing

  /// The weight of the average that is kept beside the values; 0 for none.
  public var smoothing: Double { smoothed?.weight ?? 0 }

  /// Chooses the average that is kept; computing a new one walks the curve once.
  public mutating func smooth(weight: Double) {
    guard weight != smoothing else { return }
    smoothed = weight > 0 ? SmoothedSeries(weight: weight) : nil
    smoothed?.extend(over: raw.values)
  }

  /// The average at a point; the value itself when nothing is smoothed.
  public func smoothedValue(_ index: Int) -> Float { (smoothed?.pyramid ?? raw).values[index] }

  // MARK: Places

  /// Where a point lies on an axis; epochs need to know how long one is.
  public func position(_ index: Int, on axis: CurveAxis, stepsPerEpoch: Double) -> Double {
    switch axis {
    case .step: Double(steps[index])
    case .epoch: Double(steps[index]) / stepsPerEpoch
    case .time: Double(activeTimes[index])
    }
  }

  /// The first point at or after `x`; `count` if there is none.
  public func firstIndex(from x: Double, on axis: CurveAxis, stepsPerEpoch: Double = 1) -> Int {
    lowerBound { position($0, on: axis, stepsPerEpoch: stepsPerEpoch) >= x }
  }

  /// The point that lies nearest to `x`, the earlier of two equally near ones; nil in an empty curve.
  public func nearestIndex(to x: Double, on axis: CurveAxis, stepsPerEpoch: Double = 1) -> Int? {
    guard !isEmpty else { return nil }
    let after = firstIndex(from: x, on: axis, stepsPerEpoch: stepsPerEpoch)
    guard after > 0 else { return 0 }
    guard after < count else { return count - 1 }
    let left = x - position(after - 1, on: axis, stepsPerEpoch: stepsPerEpoch)
    return left <= position(after, on: axis, stepsPerEpoch: stepsPerEpoch) - x ? after - 1 : after
  }

  /// The first index for which `isBeyond` holds; it must hold for all after it.
  private func lowerBound(_ isBeyond: (Int) -> Bool) -> Int {
    var low = 0
    var high = steps.count
    while low < high {
      let middle = low + (high - low) / 2
      if isBeyond(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  // MARK: Stretches

  public func extremes(_ range: Range<Int>, smoothed isSmoothed: Bool = false) -> Extremes {
    (isSmoothed ? smoothed?.pyramid ?? raw : raw).extremes(range)
  }

  /// The place of the first value at `range` that is not finite.
  public func firstNonFinite(in range: Range<Int>) -> Int? {
    var low = 0
    var high = nonFinite.count
    while low < high {
      let middle = low + (high - low) / 2
      if nonFinite[middle] >= range.lowerBound { high = middle } else { low = middle + 1 }
    }
    return low < nonFinite.count && nonFinite[low] < range.upperBound ? nonFinite[low] : nil
  }

  public func hasNonFinite(_ range: Range<Int>) -> Bool { firstNonFinite(in: range) != nil }
}
