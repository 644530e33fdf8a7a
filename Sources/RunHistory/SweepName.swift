import Names

/// The name of one variant of a sweep, taken apart: `mobilevit_xxs@weight-decay=1e-4`.
public struct SweepName: Sendable, Hashable {
  public let model: String
  public let setting: String
  public let value: String

  /// nil for names of another form.
  public init?(_ name: String) {
    guard let at = name.lastIndex(of: "@") else { return nil }
    let rest = name[name.index(after: at)...]
    guard let equals = rest.firstIndex(of: "="), equals > rest.startIndex, rest.index(after: equals) < rest.endIndex, at > name.startIndex
    else { return nil }
    model = String(name[..<at])
    setting = String(rest[..<equals])
    value = String(rest[rest.index(after: equals)...])
  }
}

/// How the best accuracy of models depends on a setting.
public struct Sensitivity: Sendable {
  public struct Line: Sendable, Equatable {
    public var model: String
    /// The place of each value among `values`, and the best evaluation accuracy there.
    public var points: [(value: Int, accuracy: Double)]

    public static func == (a: Line, b: Line) -> Bool {
      a.model == b.model && a.points.count == b.points.count && zip(a.points, b.points).allSatisfy { $0 == $1 }
    }
  }

  public let setting: String
  /// As they were named: by size where they are numbers, else in their order.
  public let values: [String]
  public let lines: [Line]

  /// - Parameter places: the models to look at, among the history's.
  /// - Returns: nil unless at least two of them are variants by the same setting.
  public init?(_ history: History, places: [Int]) {
    let named = places.compactMap { place in SweepName(history.models[place].name).map { (place, $0) } }
    guard let setting = named.first?.1.setting else { return nil }
    let variants = named.filter { $0.1.setting.hasSameBytes(as: setting) }
    guard variants.count > 1 else { return nil }
    var values: [String] = []
    for (_, name) in variants where !values.contains(where: name.value.hasSameBytes) { values.append(name.value) }
    let numbers = values.compactMap(Double.init)
    if numbers.count == values.count { values.sort { (Double($0) ?? 0) < (Double($1) ?? 0) } }
    var models: [String] = []
    for (_, name) in variants where !models.contains(where: name.model.hasSameBytes) { models.append(name.model) }
    self.setting = setting
    self.values = values
    lines = models.map { model in
      let points = variants.filter { $0.1.model.hasSameBytes(as: model) }.compactMap { place, name -> (value: Int, accuracy: Double)? in
        guard let curve = history.models[place].curve(.accuracy, .evaluation), let best = curve.highest,
          let value = values.firstIndex(where: name.value.hasSameBytes)
        else { return nil }
        return (value, Double(curve.value(best)))
      }
      return Line(model: model, points: points.sorted { $0.value < $1.value })
    }
  }
}
