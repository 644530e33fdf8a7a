import RunHistory
import Terminal

/// What the user chose, kept from one start to the next.
public struct DashboardSettings: Sendable, Hashable {
  /// A theme's name.
  public var theme: String
  /// The file of a theme that was given by its path: it stays among those to choose from.
  public var themeFile: String?
  /// nil for the best that the terminal shows.
  public var symbols: SymbolSet?
  public var smoothing: Double
  public var isLogarithmic: Bool
  public var axis: CurveAxis
  public var isPlainText: Bool
  /// The evaluation accuracy that the comparison gives the time to.
  public var targetAccuracy: Double

  public init(
    theme: String = "dark", symbols: SymbolSet? = nil, smoothing: Double = 0.6, isLogarithmic: Bool = false, axis: CurveAxis = .step,
    isPlainText: Bool = false, targetAccuracy: Double = 0.8
  ) {
    self.theme = theme
    self.symbols = symbols
    self.smoothing = smoothing
    self.isLogarithmic = isLogarithmic
    self.axis = axis
    self.isPlainText = isPlainText
    self.targetAccuracy = targetAccuracy
  }

  static let smoothings: [Double] = [0, 0.6, 0.9, 0.99]

  var nextSmoothing: Double {
    let place = Self.smoothings.firstIndex { $0 > smoothing } ?? 0
    return Self.smoothings[place]
  }
}
