import RunHistory
import Terminal
import TrainingEvents

extension DashboardModel {
  /// The smallest window that shows anything useful.
  static let leastSize = Size(width: 44, height: 14)

  /// The whole screen. Pure: the same model gives the same picture.
  public func view() -> Grid { view(size) }

  public func view(_ size: Size) -> Grid {
    var canvas = Canvas(size, look: look)
    let bounds = canvas.bounds
    if settings.isPlainText {
      drawPlainText(on: &canvas, in: bounds)
    } else if !size.holds(Self.leastSize) {
      canvas.draw(TooSmallNotice(needed: Self.leastSize, hints: [KeyHint("p", "pause"), KeyHint("q", "quit")]), in: bounds)
    } else {
      drawHeader(on: &canvas, in: bounds.row(0))
      drawScreen(on: &canvas, in: bounds.droppingTop(1).droppingBottom(1))
      drawFooter(on: &canvas, in: bounds.row(size.height - 1))
    }
    if !settings.isPlainText { drawOverlay(on: &canvas, in: bounds) }
    return canvas.grid
  }

  // MARK: Frame

  private func drawHeader(on canvas: inout Canvas, in row: Rect) {
    let look = canvas.look
    var left = [Span(" mvit-tui ", look[.accent].adding(.bold)), Span(" ", look[.dim])]
    let (mark, text, key) = stateWords
    left += [Span(String(Character(look.symbol(mark, "*"))) + " ", look[key]), Span(text.padded(to: 10), look[key])]
    let end = canvas.spans(left, x: row.x, y: row.y, limit: row.width)
    // All tabs where they fit; else the present one alone.
    let all = Screen.allCases
    let full = all.map { tab($0, look, withTitle: true) }
    let short = all.map { tab($0, look, withTitle: $0 == screen) }
    let room = row.right - end - 1
    let tabs = full.reduce(0) { $0 + $1.columns } <= room ? full : short
    let width = tabs.reduce(0) { $0 + $1.columns }
    guard width <= room else {
      canvas.text(screen.title, in: Rect(x: end, y: row.y, width: max(0, room), height: 1), look[.title], align: .trailing)
      return
    }
    canvas.spans(tabs.flatMap { $0 }, x: row.right - width, y: row.y)
    let middle = Rect(x: end + 1, y: row.y, width: row.right - width - end - 3, height: 1)
    if middle.width >= 12 { canvas.text(place, in: middle, look[.dim], keepingEnd: true) }
  }

  private func tab(_ tab: Screen, _ look: Look, withTitle: Bool) -> [Span] {
    let number = "\(tab.rawValue + 1)"
    if tab == screen { return [Span(" \(number) \(tab.title) ", look.selection)] }
    return [Span(" \(number)", look[.key]), Span(withTitle ? " \(tab.title) " : " ", look[.dim])]
  }

  /// What is going on, as a mark, a word and its colour.
  var stateWords: (Unicode.Scalar, String, ThemeKey) {
    if mode == .watching { return ("◉", "watching", .accent) }
    switch history.state {
    case .preparing: return ("○", "preparing", .dim)
    case .training: return ("●", "training", .good)
    case .evaluating: return ("◆", "evaluating", .accent)
    case .paused: return ("‖", "paused", .warning)
    case .ended: return ("■", history.end?.label ?? "ended", history.end == .finished ? .good : .warning)
    }
  }

  private func drawFooter(on canvas: inout Canvas, in row: Rect) {
    if isTypingFilter {
      let look = canvas.look
      canvas.spans(
        [Span(" filter: ", look[.dim]), Span((filter ?? "") + String(Character(look.symbol("▏", "_"))), look[.accent])], x: row.x, y: row.y,
        limit: row.width)
      return
    }
    var hints = row.inset(horizontal: 1, vertical: 0)
    // A message takes the place of hints, which come back, and hides nothing of the screen.
    if let toast, overlay == nil {
      let toast = Toast(toast.text, toast.key)
      canvas.draw(toast, in: hints)
      hints = hints.droppingRight(min(hints.width, toast.width + 1))
    }
    canvas.draw(KeyHintBar(footerHints), in: hints)
  }

  private func drawOverlay(on canvas: inout Canvas, in bounds: Rect) {
    switch overlay {
    case .help(let first): canvas.draw(HelpOverlay("keys", KeyTable.helpSections, first: first), in: bounds)
    case .quit(let selection):
      var dialog = quitDialog
      dialog.selection = selection
      canvas.draw(dialog, in: bounds)
    case nil: break
    }
  }

  /// The question before a run is left, with the answers of the key table.
  var quitDialog: Dialog {
    let answers = KeyTable.bindings.filter { binding in
      if case .chooseAnswer = binding.action { binding.contexts == [.quitDialog] } else { false }
    }
    return Dialog(
      "stop training?", "A checkpoint takes a moment; the run goes on from it with --resume.",
      answers: answers.map { KeyHint($0.keys[0].description, $0.hint ?? $0.label) })
  }

  private func drawScreen(on canvas: inout Canvas, in rect: Rect) {
    switch screen {
    case .overview: drawOverview(on: &canvas, in: rect)
    case .layers: drawLayers(on: &canvas, in: rect)
    case .comparison: drawComparison(on: &canvas, in: rect)
    case .data: drawData(on: &canvas, in: rect)
    case .predictions: drawPredictions(on: &canvas, in: rect)
    case .runs: drawRuns(on: &canvas, in: rect)
    case .log: drawLog(on: &canvas, in: rect)
    case .settings: drawSettings(on: &canvas, in: rect)
    }
  }
}
