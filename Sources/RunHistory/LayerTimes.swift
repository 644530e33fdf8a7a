import TrainingEvents

/// Where a step's time goes, layer by layer, with nothing left unaccounted for.
public struct LayerTimes: Sendable, Equatable {
  public struct Row: Sendable, Equatable {
    public enum Kind: Sendable { case layer, update, data, other }

    public var kind: Kind
    public var name: String
    /// Seconds a step.
    public var forward: Double
    public var backward: Double
    /// Of the whole step, 0 to 1.
    public var share: Double
    /// Floating-point operations a second, both passes; nil where none are counted.
    public var operationsPerSecond: Double?

    public var total: Double { forward + backward }
  }

  /// What the table can be sorted by.
  public enum Order: Int, Sendable, CaseIterable {
    case network, name, forward, backward, total, speed
  }

  /// Layers in the order of the network, then the optimizer's update, the wait for data, and what nothing accounts for.
  public let rows: [Row]
  /// Seconds of the whole step.
  public let total: Double

  public init(_ breakdown: StepBreakdown) {
    let named = breakdown.layers.reduce(0) { $0 + Double($1.forwardNanoseconds + $1.backwardNanoseconds) * 1e-9 }
    let known = named + breakdown.update + breakdown.data
    let total = max(breakdown.total, known)
    func share(_ seconds: Double) -> Double { total > 0 ? seconds / total : 0 }
    var rows = breakdown.layers.map { layer -> Row in
      let forward = Double(layer.forwardNanoseconds) * 1e-9
      let backward = Double(layer.backwardNanoseconds) * 1e-9
      let seconds = forward + backward
      return Row(
        kind: .layer, name: layer.layer, forward: forward, backward: backward, share: share(seconds),
        operationsPerSecond: layer.operations > 0 && seconds > 0 ? layer.operations / seconds : nil)
    }
    rows.append(Row(kind: .update, name: "(update)", forward: 0, backward: breakdown.update, share: share(breakdown.update)))
    rows.append(Row(kind: .data, name: "(wait for data)", forward: breakdown.data, backward: 0, share: share(breakdown.data)))
    rows.append(Row(kind: .other, name: "(other)", forward: total - known, backward: 0, share: share(total - known)))
    self.rows = rows
    self.total = total
  }

  /// The rows in another order; what is no layer stays at the end.
  public func sorted(by order: Order, ascending: Bool) -> [Row] {
    let layers = rows.filter { $0.kind == .layer }
    let rest = rows.filter { $0.kind != .layer }
    let sorted: [Row] =
      switch order {
      case .network: layers
      case .name: layers.sorted { $0.name < $1.name }
      case .forward: layers.sorted { $0.forward < $1.forward }
      case .backward: layers.sorted { $0.backward < $1.backward }
      case .total: layers.sorted { $0.total < $1.total }
      case .speed: layers.sorted { ($0.operationsPerSecond ?? 0) < ($1.operationsPerSecond ?? 0) }
      }
    return (ascending ? sorted : sorted.reversed()) + rest
  }
}
