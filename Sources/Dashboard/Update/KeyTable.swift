import Terminal

/// All keys and what they do: dispatch, footer and help are made of this one table, so that they cannot drift apart.
package enum KeyTable {
  /// In the order of footer and help; of two that match, the first counts.
  package static let bindings: [KeyBinding] =
    [
      KeyBinding(
        [.control("c")], .interrupt, "save a checkpoint and end, without a question", .run,
        [.anywhere, .quitDialog, .help, .helpText, .typing]),
      // Overlays first: while one is open, nothing else is offered.
      KeyBinding([KeyEvent("s")], .chooseAnswer(0), "save and stop", hint: "save and stop", .dialogs, [.quitDialog]),
      KeyBinding([KeyEvent("x")], .chooseAnswer(1), "stop without saving", hint: "stop unsaved", .dialogs, [.quitDialog]),
      KeyBinding([KeyEvent("g"), KeyEvent(.escape), KeyEvent("q")], .chooseAnswer(2), "go on", hint: "go on", .dialogs, [.quitDialog]),
      KeyBinding([KeyEvent(.left), KeyEvent(.up), KeyEvent(.tab, .shift)], .moveAnswer(-1), "answer before", .dialogs, [.quitDialog]),
      KeyBinding([KeyEvent(.right), KeyEvent(.down), KeyEvent(.tab)], .moveAnswer(1), "next answer", .dialogs, [.quitDialog]),
      KeyBinding([KeyEvent(.enter)], .accept, "take the answer", hint: "take", .dialogs, [.quitDialog, .typing]),
      KeyBinding([KeyEvent(.escape)], .close, "leave it", hint: "leave it", .dialogs, [.typing]),
      KeyBinding(
        [KeyEvent(.escape), KeyEvent("?"), KeyEvent("q"), KeyEvent(.enter), KeyEvent(.function(1))], .close, "close the help",
        hint: "close", .dialogs, [.help, .helpText]),
      KeyBinding([KeyEvent(.down)], .moveSelection(1), "scroll down", hint: "scroll", .dialogs, [.help]),
      KeyBinding([KeyEvent(.up)], .moveSelection(-1), "scroll up", .dialogs, [.help]),

      KeyBinding([KeyEvent("p"), KeyEvent(" ")], .togglePause, "pause or go on", hint: "pause", .run),
      KeyBinding([KeyEvent("q")], .askToQuit, "quit", hint: "quit", .run),
      KeyBinding([KeyEvent("?"), KeyEvent(.function(1))], .help, "all keys", hint: "help", .screens),
      KeyBinding([KeyEvent("k")], .checkpoint, "save a checkpoint now", hint: "save", .run),

      KeyBinding([KeyEvent("s")], .smoothing, "smoothing: 0, 0.6, 0.9, 0.99", hint: "smooth", .curves, [.charts]),
      KeyBinding([KeyEvent("y")], .logarithmic, "logarithmic y axis", hint: "y log", .curves, [.charts]),
      KeyBinding([KeyEvent("x")], .axis, "x axis: step, epoch, time at work", hint: "x axis", .curves, [.charts]),
      KeyBinding([KeyEvent("v")], .nextChart, "all charts, or each alone", hint: "view", .curves, [.comparison]),
      KeyBinding([KeyEvent(.left)], .moveCursor(-1), "cursor to the left", .curves, [.charts]),
      KeyBinding([KeyEvent(.right)], .moveCursor(1), "cursor to the right", hint: "cursor", .curves, [.charts]),
      KeyBinding([KeyEvent(.left, .shift), KeyEvent(",")], .moveCursorByPoint(-1), "cursor one point to the left", .curves, [.charts]),
      KeyBinding([KeyEvent(.right, .shift), KeyEvent(".")], .moveCursorByPoint(1), "cursor one point to the right", .curves, [.charts]),
      KeyBinding([KeyEvent("+"), KeyEvent("=")], .zoomIn, "zoom in, at the cursor if there is one", hint: "zoom", .curves, [.charts]),
      KeyBinding([KeyEvent("-"), KeyEvent("_")], .zoomOut, "zoom out", .curves, [.charts]),
      KeyBinding([KeyEvent("[")], .panLeft, "move to earlier", .curves, [.charts]),
      KeyBinding([KeyEvent("]")], .panRight, "move to later", .curves, [.charts]),
      KeyBinding([KeyEvent(.end)], .follow, "follow the newest again", hint: "follow", .curves, [.charts]),
      KeyBinding([KeyEvent(.home), KeyEvent("0")], .whole, "show all", .curves, [.charts]),
      KeyBinding(
        [KeyEvent("f"), KeyEvent(.enter)], .enlarge, "one chart after the other on the whole screen", hint: "full", .curves, [.overview]),
      KeyBinding([KeyEvent(.escape)], .hideCursor, "without cursor; all charts", .curves, [.charts]),
      KeyBinding([KeyEvent("n")], .nextModel, "next model", hint: "next model", .curves),

      KeyBinding([KeyEvent(.up)], .moveSelection(-1), "up", .tables, [.list]),
      KeyBinding([KeyEvent(.down)], .moveSelection(1), "down", hint: "scroll", .tables, [.list]),
      KeyBinding([KeyEvent(.pageUp)], .movePage(-1), "a page up", .tables, [.list]),
      KeyBinding([KeyEvent(.pageDown)], .movePage(1), "a page down", .tables, [.list]),
      KeyBinding([KeyEvent("o"), KeyEvent(">")], .sortColumn(1), "order by the next column", hint: "order", .tables, [.table]),
      KeyBinding([KeyEvent("<")], .sortColumn(-1), "order by the column before", .tables, [.table]),
      KeyBinding([KeyEvent("r")], .reverseSort, "reverse the order", hint: "reverse", .tables, [.table]),

      KeyBinding([KeyEvent(.left), KeyEvent(.up)], .moveSelection(-1), "picture before", .pictures, [.pictures]),
      KeyBinding([KeyEvent(.right), KeyEvent(.down)], .moveSelection(1), "next picture", hint: "choose", .pictures, [.pictures]),
      KeyBinding([KeyEvent(.pageUp)], .movePage(-1), "a page up", .pictures, [.pictures]),
      KeyBinding([KeyEvent(.pageDown)], .movePage(1), "a page down", .pictures, [.pictures]),

      KeyBinding([KeyEvent(.up)], .moveSelection(-1), "run before", .runs, [.runs]),
      KeyBinding([KeyEvent(.down)], .moveSelection(1), "next run", hint: "choose", .runs, [.runs]),
      KeyBinding([KeyEvent(.pageUp)], .movePage(-1), "a page up", .runs, [.runs]),
      KeyBinding([KeyEvent(.pageDown)], .movePage(1), "a page down", .runs, [.runs]),
      KeyBinding([KeyEvent(.enter), KeyEvent("h")], .toggleRun, "show or hide the run", hint: "hide", .runs, [.runs]),
      KeyBinding([KeyEvent("/")], .filter, "only names with a text", hint: "filter", .runs, [.runs]),
      KeyBinding([KeyEvent(.escape)], .showAllRuns, "show all runs", hint: "all", .runs, [.runs]),

      KeyBinding([KeyEvent(.up)], .moveSelection(-1), "setting before", .settings, [.settings]),
      KeyBinding([KeyEvent(.down)], .moveSelection(1), "next setting", hint: "choose", .settings, [.settings]),
      KeyBinding([KeyEvent(.left)], .changeSetting(-1), "value before", .settings, [.settings]),
      KeyBinding([KeyEvent(.right), KeyEvent(.enter)], .changeSetting(1), "next value", hint: "change", .settings, [.settings]),

      KeyBinding([KeyEvent(.up)], .scrollText(-1), "a line up", .text, [.text, .helpText]),
      KeyBinding([KeyEvent(.down)], .scrollText(1), "a line down", hint: "scroll", .text, [.text, .helpText]),
      KeyBinding([KeyEvent(.pageUp)], .scrollTextPage(-1), "a page up", .text, [.text, .helpText]),
      KeyBinding([KeyEvent(.pageDown)], .scrollTextPage(1), "a page down", .text, [.text, .helpText]),

      KeyBinding([KeyEvent("c")], .show(.comparison), "comparison of the models", hint: "compare", .screens),
      KeyBinding([KeyEvent("t")], .show(.layers), "time of the layers", hint: "times", .screens),
      KeyBinding([KeyEvent("d")], .show(.data), "data: the batch and the classes", hint: "data", .screens),
      KeyBinding([KeyEvent("m")], .show(.predictions), "matrix of confusion or most confused classes, and the worst mistakes", .screens),
      KeyBinding([KeyEvent("w")], .show(.runs), "watch: which runs are shown", hint: "watch", .screens),
      KeyBinding([KeyEvent("l")], .show(.log), "log", hint: "log", .screens),
    ]
    + Screen.allCases.enumerated().map { index, screen in
      KeyBinding([KeyEvent(Character("\(index + 1)"))], .show(screen), screen.title, .screens)
    } + [
      KeyBinding([KeyEvent(.tab)], .nextScreen, "next screen", hint: "screens", .screens),
      KeyBinding([KeyEvent(.tab, .shift)], .previousScreen, "screen before", .screens),
      KeyBinding([KeyEvent("a")], .plainText, "plain text, for screen readers", hint: "as text", .screens),
      KeyBinding([KeyEvent("T")], .theme, "next theme", hint: "theme", .screens),
      KeyBinding([.control("l")], .redraw, "draw the screen anew", .screens),
    ]

  /// What an event does, if anything, where one of `contexts` holds.
  package static func action(for event: KeyEvent, in contexts: Set<KeyBinding.Context>) -> DashboardAction? {
    bindings.first { !$0.contexts.isDisjoint(with: contexts) && $0.keys.contains(event) }?.action
  }

  /// The keys of the help, by the screens that they belong to.
  package static var helpSections: [HelpOverlay.Section] {
    KeyBinding.Section.allCases.compactMap { section in
      guard section != .dialogs else { return nil }
      let hints = bindings.filter { $0.section == section }.map { binding in
        KeyHint(binding.keys.map(\.description).joined(separator: " "), binding.label)
      }
      return hints.isEmpty ? nil : HelpOverlay.Section(section.rawValue, hints)
    }
  }
}

extension DashboardModel {
  /// Where the keys go now.
  package var keyContexts: Set<KeyBinding.Context> {
    switch overlay {
    case .quit: return [.quitDialog]
    case .help: return settings.isPlainText ? [.helpText] : [.help]
    case nil: break
    }
    if isTypingFilter { return [.typing] }
    if settings.isPlainText { return plainKeyContexts }
    switch screen {
    case .overview: return [.anywhere, .charts, .overview]
    case .comparison: return [.anywhere, .charts, .comparison, .table, .list]
    case .layers: return [.anywhere, .table, .list]
    case .data, .predictions: return [.anywhere, .pictures]
    case .runs: return [.anywhere, .runs]
    case .log: return [.anywhere, .list]
    case .settings: return [.anywhere, .settings]
    }
  }

  /// In plain text there are no pictures to choose from and no tables to move in: the text itself scrolls.
  private var plainKeyContexts: Set<KeyBinding.Context> {
    switch screen {
    case .overview: [.anywhere, .charts, .text]
    case .comparison: [.anywhere, .charts, .table, .text]
    case .layers: [.anywhere, .table, .text]
    case .data, .predictions, .log: [.anywhere, .text]
    case .runs: [.anywhere, .runs]
    case .settings: [.anywhere, .settings]
    }
  }

  /// Whether a key would do something now; what would not is not offered.
  func offers(_ action: DashboardAction) -> Bool {
    switch action {
    case .togglePause, .checkpoint: isRunning
    case .nextModel: history.models.count > 1 && screen != .comparison && screen != .runs
    case .follow: window != .whole
    case .show(let other): other != screen
    case .nextScreen: false
    case .enlarge: screen == .overview
    default: true
    }
  }

  /// What the footer says, the most useful first.
  package var footerHints: [KeyHint] {
    let contexts = keyContexts
    return KeyTable.bindings.compactMap { binding in
      guard let hint = binding.hint, !binding.contexts.isDisjoint(with: contexts), offers(binding.action) else { return nil }
      let label = binding.action == .togglePause && wantsPause ? "resume" : hint
      return KeyHint(binding.keys[0].description, label)
    }
  }
}
