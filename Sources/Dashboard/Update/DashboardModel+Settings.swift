import RunHistory
import Terminal

/// The rows of the settings screen.
enum Setting: Int, Sendable, CaseIterable {
  case theme, symbols, smoothing, logarithmic, axis, target, plainText

  var title: String {
    switch self {
    case .theme: "theme"
    case .symbols: "symbols"
    case .smoothing: "smoothing of curves"
    case .logarithmic: "logarithmic y axis"
    case .axis: "x axis"
    case .target: "target accuracy"
    case .plainText: "plain text"
    }
  }

  var explanation: String {
    switch self {
    case .theme: "colours, from themes/*.toml"
    case .symbols: "what curves and boxes are made of; block for fonts without braille"
    case .smoothing: "weight of the past in the curve in front; the raw curve stays behind it"
    case .logarithmic: "what is not above zero is left out then"
    case .axis: "time counts work only, without pauses and other models' turns"
    case .target: "the comparison tells how long a model takes to reach it"
    case .plainText: "lines without boxes, for screen readers"
    }
  }
}

extension DashboardModel {
  /// Changes what the user can choose.
  mutating func change(_ action: DashboardAction) -> [DashboardEffect] {
    let before = settings
    switch action {
    case .plainText: settings.isPlainText.toggle()
    case .theme: nextTheme(1)
    case .smoothing: smooth(settings.nextSmoothing)
    case .logarithmic: toggleLogarithmic()
    case .axis: nextAxis(1)
    case .changeSetting(let step): changeSelected(step)
    default: break
    }
    return settings == before ? [] : [.save(settings)]
  }

  private mutating func changeSelected(_ step: Int) {
    switch Setting.allCases[settingsSelection] {
    case .theme: nextTheme(step)
    case .symbols:
      let all: [SymbolSet?] = [nil] + SymbolSet.allCases
      let place = all.firstIndex(of: settings.symbols) ?? 0
      settings.symbols = all[(place + step + all.count) % all.count]
    case .smoothing:
      let all = DashboardSettings.smoothings
      let place = all.lastIndex { $0 <= settings.smoothing } ?? 0
      smooth(all[(place + step + all.count) % all.count])
    case .logarithmic: toggleLogarithmic()
    case .axis: nextAxis(step)
    case .target:
      let percent = (settings.targetAccuracy * 100).rounded() + Double(step) * 5
      settings.targetAccuracy = min(max(percent, 5), 100) / 100
    case .plainText: settings.isPlainText.toggle()
    }
  }

  private mutating func nextTheme(_ step: Int) {
    let place = themes.firstIndex { $0.name == settings.theme } ?? 0
    settings.theme = themes[(place + step + themes.count) % themes.count].name
    say("theme: \(settings.theme)")
  }

  private mutating func smooth(_ weight: Double) {
    settings.smoothing = weight
    history.smooth(weight: weight)
    say(weight == 0 ? "no smoothing" : "smoothing \(weight)")
  }

  private mutating func toggleLogarithmic() {
    if !settings.isLogarithmic && !hasPositiveLoss {
      say("no loss is above zero: there is nothing to show on a logarithmic axis", .warning)
      return
    }
    settings.isLogarithmic.toggle()
    say(settings.isLogarithmic ? "logarithmic y axis" : "linear y axis")
  }

  private var hasPositiveLoss: Bool {
    let curves = chartModels.flatMap { history.models[$0].entries.filter { $0.meaning.quantity == .loss }.map(\.curve) }
    // Before the first value there is nothing to refuse.
    return curves.isEmpty || curves.contains { $0.extremes(0..<$0.count).lowestPositive.isFinite }
  }

  private mutating func nextAxis(_ step: Int) {
    let all = CurveAxis.allCases
    let place = all.firstIndex(of: settings.axis) ?? 0
    settings.axis = all[(place + step + all.count) % all.count]
    if settings.axis == .epoch && axis != .epoch {
      // Logs of other programs may not tell how long an epoch is.
      say("nothing in the logs tells how long an epoch is; the axis stays in steps", .warning)
    } else {
      say("x axis: \(settings.axis == .time ? "time at work" : settings.axis.rawValue)")
    }
    // Places on one axis mean nothing on another.
    window = .whole
    cursor = nil
  }
}
