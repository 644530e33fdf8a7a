/// A page of the dashboard.
public enum Screen: Int, Sendable, Hashable, CaseIterable {
  case overview, layers, comparison, data, predictions, runs, log, settings

  /// As it stands in the header, beside its number.
  public var title: String {
    switch self {
    case .overview: "overview"
    case .layers: "layers"
    case .comparison: "compare"
    case .data: "data"
    case .predictions: "predictions"
    case .runs: "runs"
    case .log: "log"
    case .settings: "settings"
    }
  }

  /// Whether it has curves with zoom and cursor.
  var hasCharts: Bool { self == .overview || self == .comparison }
}
