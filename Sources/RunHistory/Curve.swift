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
/// Steps never fall. A point with a smaller step than its predecessor's tells of a run that was taken up again further
/// back: what the curve held from there on is given up, as the run itself gave it up.
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
  /// Where the curve was taken up again: the step of the first point after.
  public private(set) var restarts: [Int] = []
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

  public mutating func append(_ point: CurvePoint) {
    if let last = steps.last, point.step < last { restart(at: point.step) }
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
    smoothed?.extend(over: raw.values)
  }

  private mutating func restart(at step: Int) {
    let kept = lowerBound { steps[$0] >= step }
    smoothed?.truncate(to: kept, of: raw.values)
    raw.truncate(to: kept)
    steps.removeLast(steps.count - kept)
    wallTimes.removeLast(wallTimes.count - kept)
    activeTimes.removeLast(activeTimes.count - kept)
    if !epochs.isEmpty { epochs.removeLast(epochs.count - kept) }
    while let last = nonFinite.last, last >= kept { nonFinite.removeLast() }
    restarts.removeAll { $0 >= step }
    restarts.append(step)
    (highest, lowest) = (nil, nil)
    for (index, value) in raw.values.enumerated() where value.isFinite {
      if highest.map({ raw.values[$0] < value }) ?? true { highest = index }
      if lowest.map({ raw.values[$0] > value }) ?? true { lowest = index }
    }
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
