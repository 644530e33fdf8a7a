import Names
import RunHistory
import Terminal
import TrainingEvents

extension DashboardModel {
  /// Does what a key means here.
  mutating func press(_ event: KeyEvent) -> [DashboardEffect] {
    if isTypingFilter, typeIntoFilter(event) { return [] }
    guard let action = KeyTable.action(for: event, in: keyContexts) else { return [] }
    // A key puts an end to the message before.
    toast = nil
    let before = (screen, overlay == nil, settings.isPlainText)
    defer { if before != (screen, overlay == nil, settings.isPlainText) { plainScroll = 0 } }
    return perform(action)
  }

  /// Takes a character of the filter's text; false for other keys.
  private mutating func typeIntoFilter(_ event: KeyEvent) -> Bool {
    switch event.key {
    case .character(let character) where event.modifiers.isEmpty:
      filter = (filter ?? "") + String(character)
      return true
    case .backspace:
      filter = filter.map { String($0.dropLast()) }
      return true
    default: return false
    }
  }

  private mutating func perform(_ action: DashboardAction) -> [DashboardEffect] {
    switch action {
    case .interrupt:
      overlay = nil
      if isRunning { announce(.end, "saving a checkpoint, then stopping") }
      return [.interrupt]
    case .togglePause, .checkpoint, .askToQuit, .chooseAnswer, .moveAnswer, .accept, .close: return command(action)
    case .show(let screen): return show(screen)
    case .nextScreen: return show(Screen(rawValue: (screen.rawValue + 1) % Screen.allCases.count)!)
    case .previousScreen: return show(Screen(rawValue: (screen.rawValue + Screen.allCases.count - 1) % Screen.allCases.count)!)
    case .help: overlay = .help(first: 0)
    case .redraw: return [.redraw]
    case .plainText, .theme, .smoothing, .logarithmic, .axis, .changeSetting: return change(action)
    case .nextModel: chooseNextModel()
    case .enlarge: enlargeNext()
    case .nextChart: nextChart()
    case .hideCursor:
      cursor = nil
      enlarged = nil
    case .moveCursor, .moveCursorByPoint, .zoomIn, .zoomOut, .panLeft, .panRight, .follow, .whole: navigate(action)
    case .moveSelection(let step): moveSelection(by: step)
    case .movePage(let direction): moveSelection(by: direction * max(1, size.height - 8))
    case .scrollText(let step): plainScroll = min(max(0, plainScroll + step), lastPlainScroll)
    case .scrollTextPage(let direction): plainScroll = min(max(0, plainScroll + direction * max(1, size.height - 2)), lastPlainScroll)
    case .sortColumn(let step): sort(by: step)
    case .reverseSort:
      if screen == .layers { layerTable.isAscending.toggle() } else { comparisonTable.isAscending.toggle() }
    case .toggleRun: toggleRun()
    case .showAllRuns:
      hidden = []
      filter = nil
    case .filter:
      filter = filter ?? ""
      isTypingFilter = true
    }
    return []
  }

  // MARK: The run

  private mutating func command(_ action: DashboardAction) -> [DashboardEffect] {
    switch action {
    case .togglePause:
      guard isRunning else {
        say(mode == .watching ? "a run that is watched is not touched" : "the run is over", .warning)
        return []
      }
      wantsPause.toggle()
      tellPause()
      return [wantsPause ? .pause : .resume]
    case .checkpoint:
      guard isRunning else {
        say(mode == .watching ? "a run that is watched is not touched" : "the run is over", .warning)
        return []
      }
      announce(.checkpoint, history.state == .paused ? "saving a checkpoint" : "a checkpoint will be saved after this step")
      return [.checkpoint]
    case .askToQuit:
      guard isRunning else { return [.leave] }
      overlay = .quit(selection: 0)
    case .moveAnswer(let step):
      if case .quit(let selection) = overlay { overlay = .quit(selection: (selection + step + 3) % 3) }
    case .chooseAnswer(let answer): return answerQuit(answer)
    case .accept:
      if isTypingFilter {
        isTypingFilter = false
        return []
      }
      if case .quit(let selection) = overlay { return answerQuit(selection) }
    case .close:
      if isTypingFilter {
        isTypingFilter = false
        filter = nil
      }
      overlay = nil
    default: break
    }
    return []
  }

  /// A request that is taken back before the trainer obeyed changes no state, so nothing would overtake its announcement.
  private mutating func tellPause() {
    switch (wantsPause, history.state) {
    case (true, .paused): say("staying paused")
    case (true, .preparing): announce(.pause, "pausing before the first step")
    case (true, _): announce(.pause, "pausing after this step")
    case (false, .paused): announce(.resumption, "going on")
    case (false, _): say("not pausing")
    }
  }

  private mutating func answerQuit(_ answer: Int) -> [DashboardEffect] {
    overlay = nil
    switch answer {
    case 0:
      announce(.end, "saving a checkpoint, then stopping")
      return [.stopSaving]
    case 1:
      announce(.end, "stopping", .warning)
      return [.stopDiscarding]
    default: return []
    }
  }

  // MARK: Screens

  private mutating func show(_ screen: Screen) -> [DashboardEffect] {
    // The same key leads there and back.
    self.screen = self.screen == screen ? .overview : screen
    return [.want(wantedInsights)]
  }

  private mutating func chooseNextModel() {
    let places = shownModels
    guard places.count > 1, let focus else { return }
    let next = places.first { $0 > focus } ?? places[0]
    // The one at work is followed again, whichever it will be.
    chosenModel = next == modelAtWork ? nil : next
    cursor = nil
    if case .fixed = window { window = .whole }
  }

  private mutating func enlargeNext() {
    guard screen == .overview else { return }
    let charts = overviewCharts
    let next = enlarged.flatMap(charts.firstIndex).map { $0 + 1 } ?? 0
    enlarged = charts.indices.contains(next) ? charts[next] : nil
  }

  /// From all charts to each alone, and back to all.
  private mutating func nextChart() {
    let drawn = comparisonCharts
    let charts = ComparisonChart.allCases.filter { $0 != .sensitivity || sensitivity != nil }
    let present = comparisonChart ?? (drawn.count == 1 ? drawn[0] : nil)
    let next = present.flatMap(charts.firstIndex).map { $0 + 1 } ?? 0
    comparisonChart = charts.indices.contains(next) ? charts[next] : nil
  }

  private mutating func moveSelection(by step: Int) {
    func moved(_ value: Int, _ count: Int) -> Int { min(max(0, value + step), max(0, count - 1)) }
    if case .help(let first) = overlay {
      overlay = .help(first: min(max(0, first + step), HelpOverlay("keys", KeyTable.helpSections).lastFirst(in: size)))
      return
    }
    switch screen {
    case .layers: layerTable.selection = moved(layerTable.selection, focusedBreakdown.map { $0.layers.count + 3 } ?? 0)
    case .comparison: comparisonTable.selection = moved(comparisonTable.selection, shownModels.count)
    case .runs: runsTable.selection = moved(runsTable.selection, listedRuns.count)
    case .data: dataSelection = moved(dataSelection, focusedModel.flatMap { batches[Name($0.name)] }?.items.count ?? 0)
    case .predictions:
      mistakeSelection = moved(mistakeSelection, focusedModel.flatMap { predictions[Name($0.name)] }?.mistakes.count ?? 0)
    case .log:
      let oldest = history.linesSaid - history.lines.count
      let end = max(min(oldest + 1, history.linesSaid), (logEnd ?? history.linesSaid) + step)
      logEnd = end < history.linesSaid ? end : nil
    case .settings: settingsSelection = moved(settingsSelection, Setting.allCases.count)
    case .overview: break
    }
  }

  private mutating func sort(by step: Int) {
    if screen == .layers {
      layerTable.column = (layerTable.column + step + LayerColumn.allCases.count) % LayerColumn.allCases.count
      layerTable.isAscending = LayerColumn.allCases[layerTable.column].startsAscending
    } else {
      let count = Comparison.Figure.allCases.count + 1
      repeat {
        comparisonTable.column = (comparisonTable.column + step + count) % count
      } while comparisonTable.column > 0 && !shownFigures.contains(Comparison.Figure.allCases[comparisonTable.column - 1])
      comparisonTable.isAscending = comparisonTable.column == 0
    }
  }

  /// Names in the list of runs: those that pass the filter.
  var listedRuns: [Int] { history.models.indices.filter { matchesFilter(history.models[$0].name) } }

  private mutating func toggleRun() {
    let runs = listedRuns
    guard runs.indices.contains(runsTable.selection) else { return }
    let name = history.models[runs[runsTable.selection]].name
    if hidden.remove(Name(name)) == nil { hidden.insert(Name(name)) }
  }

  /// The newest breakdown of the model in focus.
  var focusedBreakdown: StepBreakdown? { focusedModel.flatMap { breakdowns[Name($0.name)] } }
}
