import Names

/// Models side by side: one row each, one figure a column, and which is best.
public struct Comparison: Sendable {
  /// A column of the table.
  public enum Figure: Int, Sendable, CaseIterable {
    case parameters, macs, imagesPerSecond, memory, lastAccuracy, bestAccuracy, gap, timeToTarget

    /// Whether the higher figure is the better one.
    var higherIsBetter: Bool {
      switch self {
      case .imagesPerSecond, .lastAccuracy, .bestAccuracy: true
      case .parameters, .macs, .memory, .gap, .timeToTarget: false
      }
    }
  }

  public struct Row: Sendable, Equatable {
    public var model: String
    /// Decides its colour and its marker.
    public var number: Int
    /// nil where a figure is not known (yet).
    public var figures: [Figure: Double]
    /// The step at which the model diverged and ended alone; its figures are those until then.
    public var droppedAt: Int?
  }

  public private(set) var rows: [Row]
  /// The evaluation accuracy that `timeToTarget` is about.
  public let target: Float

  /// - Parameter places: the models to compare, among the history's.
  public init(_ history: History, places: [Int], target: Float) {
    self.target = target
    rows = places.map { place in
      let model = history.models[place]
      return Row(model: model.name, number: model.number, figures: Self.figures(of: model, target: target), droppedAt: model.droppedAt)
    }
  }

  private static func figures(of model: ModelHistory, target: Float) -> [Figure: Double] {
    var figures: [Figure: Double] = [:]
    figures[.parameters] = (model.costs?.parameters ?? model.beginning?.parameters).map(Double.init)
    figures[.macs] = (model.costs?.macs).map(Double.init)
    figures[.memory] = (model.costs?.memoryBytes).map(Double.init)
    figures[.imagesPerSecond] = model.usualSpeed
    if let accuracy = model.curve(.accuracy, .evaluation) {
      figures[.lastAccuracy] = accuracy.last.map { Double($0.value) }.flatMap { $0.isFinite ? $0 : nil }
      figures[.bestAccuracy] = accuracy.highest.map { Double(accuracy.value($0)) }
      figures[.timeToTarget] = (0..<accuracy.count).first { accuracy.value($0) >= target }.map { accuracy[$0].activeSeconds }
      figures[.gap] = model.gap
    }
    return figures
  }

  /// The models whose figure is the best one; none where fewer than two have it, or all have the same. A model that diverged and
  /// ended is the best at nothing.
  public func best(_ figure: Figure) -> Set<Name> {
    // The best gap is the one nearest to none: early in training the mean over an epoch lies below its end.
    let known = rows.filter { $0.droppedAt == nil }
      .compactMap { row in row.figures[figure].map { (row.model, figure == .gap ? abs($0) : $0) } }
    guard known.count > 1 else { return [] }
    let values = known.map(\.1)
    guard let best = figure.higherIsBetter ? values.max() : values.min() else { return [] }
    guard values.contains(where: { $0 != best }) else { return [] }
    return Set(known.filter { $0.1 == best }.map { Name($0.0) })
  }

  /// Sorts by a figure, or by name; rows without it come last. Equal rows keep their order.
  public mutating func sort(by figure: Figure?, ascending: Bool) {
    let order = rows.enumerated().sorted { a, b in
      guard let figure else {
        let (x, y) = (Name(a.element.model), Name(b.element.model))
        return x == y ? a.offset < b.offset : ascending == (x < y)
      }
      switch (a.element.figures[figure], b.element.figures[figure]) {
      case (let x?, let y?): return x == y ? a.offset < b.offset : ascending == (x < y)
      case (nil, nil): return a.offset < b.offset
      case (let x, _): return x != nil
      }
    }
    rows = order.map(\.element)
  }
}

extension ModelHistory {
  /// The median speed of the last hundred steps, images a second.
  public var usualSpeed: Double? {
    guard let speed = curve(.imagesPerSecond, .training) else { return nil }
    let values = (max(0, speed.count - 100)..<speed.count).map { speed.value($0) }.filter(\.isFinite).sorted()
    return values.isEmpty ? nil : Double(values[values.count / 2])
  }

  /// Training minus evaluation accuracy after the last evaluation: how much better the model does on what it has seen.
  ///
  /// The training side is the mean over the steps since the evaluation before, each taken before its update.
  public var gap: Double? {
    guard let evaluated = curve(.accuracy, .evaluation)?.last, let gap = gaps.last, gap.step == evaluated.step else { return nil }
    return Double(gap.value)
  }

  /// The gap at an evaluation, from all steps since the one before: to be asked once for each.
  func gap(at index: Int) -> Double? {
    guard index >= 0, let evaluation = curve(.accuracy, .evaluation), let training = curve(.accuracy, .training) else { return nil }
    let end = training.firstIndex(from: Double(evaluation[index].step) + 0.5, on: .step)
    let begin = index > 0 ? training.firstIndex(from: Double(evaluation[index - 1].step) + 0.5, on: .step) : 0
    let value = Double(evaluation.value(index))
    guard begin < end, value.isFinite else { return nil }
    var sum = 0.0
    var count = 0
    for place in begin..<end where training.value(place).isFinite {
      sum += Double(training.value(place))
      count += 1
    }
    return count > 0 ? sum / Double(count) - value : nil
  }
}
