import Terminal

/// What a key can do.
package enum DashboardAction: Sendable, Hashable {
  // The run.
  case togglePause, checkpoint, askToQuit, interrupt
  // Screens.
  case show(Screen), nextScreen, previousScreen, help, plainText, theme, redraw
  // Curves.
  case smoothing, logarithmic, axis, nextModel, enlarge, nextChart
  case moveCursor(Int), moveCursorByPoint(Int), hideCursor
  case zoomIn, zoomOut, panLeft, panRight, follow, whole
  // Lists.
  case moveSelection(Int), movePage(Int), sortColumn(Int), reverseSort
  case scrollText(Int), scrollTextPage(Int)
  case toggleRun, showAllRuns, filter
  case changeSetting(Int)
  // Dialogs.
  case chooseAnswer(Int), moveAnswer(Int), accept, close
}

/// One row of the key table.
package struct KeyBinding: Sendable {
  /// Where a key means something. Overlays take all keys, so that nothing happens behind them.
  package enum Context: Sendable, Hashable {
    case anywhere, charts, overview, comparison, pictures, runs, settings
    /// Tables with an order; what scrolls by lines.
    case table, list
    case quitDialog, help, typing
    /// Plain text that scrolls by lines, and the help in plain text.
    case text, helpText
  }

  /// Heading in the help.
  package enum Section: String, Sendable, CaseIterable {
    case run = "run"
    case screens = "screens"
    case curves = "curves: overview, compare"
    case tables = "compare, layers, log"
    case pictures = "data, predictions"
    case runs = "runs"
    case settings = "settings"
    case text = "plain text"
    case dialogs = "dialogs"
  }

  package var keys: [KeyEvent]
  package var action: DashboardAction
  /// In the help.
  package var label: String
  /// In the footer; nil for keys that only the help tells.
  package var hint: String?
  package var section: Section
  package var contexts: Set<Context>

  init(
    _ keys: [KeyEvent], _ action: DashboardAction, _ label: String, hint: String? = nil, _ section: Section,
    _ contexts: Set<Context> = [.anywhere]
  ) {
    self.keys = keys
    self.action = action
    self.label = label
    self.hint = hint
    self.section = section
    self.contexts = contexts
  }
}
