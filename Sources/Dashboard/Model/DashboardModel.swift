import Names
import RunHistory
import Terminal
import TrainingEvents

/// Everything that the screen shows: a value, changed by `update` alone and drawn by `view`.
public struct DashboardModel: Sendable {
  /// Whether there is a run to command, or only logs to look at.
  public enum Mode: Sendable, Hashable {
    case training
    case watching
  }

  /// What lies over the screen and takes the keys.
  enum Overlay: Sendable, Equatable {
    case quit(selection: Int)
    case help(first: Int)
  }

  /// How a table is sorted and where one is in it.
  struct TableState: Sendable, Equatable {
    var column: Int
    var isAscending: Bool
    var selection = 0
  }

  struct ToastState: Sendable, Equatable {
    /// What a message announces: once it has happened the message is no longer true.
    enum Announced: Sendable, Equatable { case pause, resumption, checkpoint, end }

    var text: String
    var key: ThemeKey
    /// Infinity for what is announced: nobody knows how long a step takes.
    var until: Double
    var announced: Announced?
  }

  public let mode: Mode
  public internal(set) var history = History()
  public internal(set) var settings: DashboardSettings
  public internal(set) var screen = Screen.overview
  public internal(set) var size = Size(width: 80, height: 24)

  /// Newest insights, by model.
  var data: DataSummary?
  var breakdowns: [Name: StepBreakdown] = [:]
  var batches: [Name: BatchPreview] = [:]
  var predictions: [Name: PredictionReport] = [:]
  /// Names of classes, by model, where a run's own files told them.
  var storedClasses: [Name: [String]] = [:]
  var system: SystemLoad?
  var processorLoad = RecentValues()

  /// What was asked for last; the trainer obeys after its step.
  var wantsPause = false
  var overlay: Overlay?
  var toast: ToastState?
  /// Seconds since 1970, as far as told.
  var now = 0.0

  /// The model that the user chose to look at; nil for the one at work.
  var chosenModel: Int?
  /// Models that the user took out of the charts.
  var hidden: Set<Name> = []
  /// Only names with this text are shown; nil without a filter.
  var filter: String?
  var isTypingFilter = false

  var window = ChartWindow.whole
  /// On the present axis; nil without a cursor.
  var cursor: Double?
  /// The chart that has the whole screen, among those of the overview.
  var enlarged: OverviewChart?
  /// The comparison's chart that has all the room; nil for as many as fit.
  var comparisonChart: ComparisonChart?
  var layerTable = TableState(column: 5, isAscending: false)
  var comparisonTable = TableState(column: 0, isAscending: true)
  var runsTable = TableState(column: 0, isAscending: true)
  var dataSelection = 0
  var mistakeSelection = 0
  /// How many of all lines said lie above the log's bottom; nil while the newest is followed.
  var logEnd: Int?
  /// Lines scrolled away at the top of the plain text.
  var plainScroll = 0
  var settingsSelection = 0

  let themes: [Theme]
  let depth: ColorDepth
  /// Those that the terminal shows as far as it could be found out.
  private let terminalSymbols: SymbolSet
  /// Of local time, for the log.
  let secondsFromGMT: Int
  /// The run's folder or the folders watched, for people.
  let place: String

  /// - Parameters:
  ///   - themes: at least one; the first stands in for one that is not there.
  ///   - place: where the run lies, as people should read it.
  public init(
    mode: Mode, settings: DashboardSettings = DashboardSettings(), themes: [Theme] = [.dark], depth: ColorDepth = .trueColor,
    symbols: SymbolSet = .braille, secondsFromGMT: Int = 0, place: String = "",
    screen: Screen = .overview
  ) {
    precondition(!themes.isEmpty, "a dashboard needs a theme")
    self.mode = mode
    self.settings = settings
    self.themes = themes
    self.depth = depth
    terminalSymbols = symbols
    self.secondsFromGMT = secondsFromGMT
    self.place = place
    self.screen = screen
    history.smooth(weight: settings.smoothing)
  }

  var symbols: SymbolSet { settings.symbols ?? terminalSymbols }

  /// Themes, colours and characters in use.
  public var look: Look {
    Look(theme: themes.first { $0.name == settings.theme } ?? themes[0], depth: depth, symbols: symbols)
  }

  // MARK: What is on show

  /// Places of the models that are on show, among the history's.
  var shownModels: [Int] {
    history.models.indices.filter { isShown(history.models[$0].name) }
  }

  func isShown(_ name: String) -> Bool { !hidden.contains(Name(name)) && matchesFilter(name) }

  func matchesFilter(_ name: String) -> Bool {
    guard let filter, !filter.isEmpty else { return true }
    return name.lowercased().contains(filter.lowercased())
  }

  /// The place of the model that overview, layers, data and predictions are about.
  var focus: Int? {
    if let chosenModel, history.models.indices.contains(chosenModel) { return chosenModel }
    return modelAtWork
  }

  /// What is in focus while the user has chosen nothing.
  var modelAtWork: Int? {
    if let current = history.current, isShown(history.models[current].name), mode == .training || saysMuch(current) { return current }
    // Among logs some have nothing but a note or two: those with a loss or an accuracy come first.
    let best = shownModels.filter(saysMuch).max { (history.models[$0].lastTime ?? 0) < (history.models[$1].lastTime ?? 0) }
    return best ?? shownModels.first ?? history.models.indices.first
  }

  private func saysMuch(_ place: Int) -> Bool {
    history.models[place].hasCurve(of: [.loss, .accuracy])
  }

  /// Charts beyond the usual ones: a log may have a million tags, and nobody steps through as many charts.
  static let mostCharts = 1000

  /// The charts of the model in focus. Logs of other programs may lack some of the usual ones and have others.
  var overviewCharts: [OverviewChart] {
    guard mode == .watching, let model = focusedModel else { return OverviewChart.standard }
    let usual = OverviewChart.standard.filter {
      model.curve($0.quantity, .training) != nil || model.curve($0.quantity, .evaluation) != nil
    }
    let charts = usual + model.others.prefix(Self.mostCharts).map { OverviewChart.tag(Name(model.entries[$0].tag)) }
    return charts.isEmpty ? OverviewChart.standard : charts
  }

  var focusedModel: ModelHistory? { focus.map { history.models[$0] } }

  /// The axis that can be drawn: epochs need to know how long one is.
  var axis: CurveAxis {
    guard settings.axis == .epoch else { return settings.axis }
    return chartModels.contains { history.models[$0].stepsPerEpoch != nil } ? .epoch : .step
  }

  /// Places of the models whose curves the present screen draws.
  var chartModels: [Int] {
    switch screen {
    case .comparison: shownModels
    default: focus.map { [$0] } ?? []
    }
  }

  /// From the first to the last point of all curves that are drawn; nil without any.
  var extent: ClosedRange<Double>? {
    var low = Double.infinity
    var high = -Double.infinity
    for place in chartModels {
      guard let range = history.models[place].extent(on: axis) else { continue }
      low = min(low, range.lowerBound)
      high = max(high, range.upperBound)
    }
    guard low <= high else { return nil }
    return low...high
  }

  /// What a class is called that a model of this name chose.
  func className(_ index: Int, of model: String? = nil) -> String {
    let names = model.flatMap { storedClasses[Name($0)] } ?? data?.classNames ?? []
    return names.indices.contains(index) ? names[index] : "class \(index)"
  }

  var isRunning: Bool { mode == .training && history.state != .ended }
}
