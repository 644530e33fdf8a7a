import Names
import NumberFormats
import RunHistory
import Terminal

extension DashboardModel {
  // MARK: Runs

  func drawRuns(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let rows = rect.rows([.rest, .fixed(min(rect.height / 2, mode == .training ? 4 : 3))])
    var trailing = [Span("\(shownModels.count)", look[.text]), Span(" of \(history.models.count) shown", look[.dim])]
    if let filter, !filter.isEmpty { trailing = [Span("filter \"\(filter)\"  ", look[.warning])] + trailing }
    let inside = canvas.box(Box("runs", trailing: trailing, isActive: true), in: rows[0]).inset(horizontal: 1, vertical: 0)
    canvas.draw(runsTableWidget, in: inside)
    let hint = canvas.box(Box("watch"), in: rows[1]).inset(horizontal: 1, vertical: 0)
    let text =
      mode == .training
      ? "From another terminal, without touching the run: mvit-tui watch \(place)"
      : "Watching \(place). Runs are read as they are written; nothing is changed."
    canvas.draw(Paragraph(text, look[.dim]), in: hint)
  }

  var runsTableWidget: Table {
    let rows = listedRuns.map { place -> [TableCell] in
      let model = history.models[place]
      let isHidden = hidden.contains(Name(model.name))
      let marker = isHidden ? " " : String(Character(look.marker(model.number)))
      let loss = (model.curve(.loss, .training) ?? model.curve(.loss, .evaluation))?.last?.value
      let accuracy = model.curve(.accuracy, .evaluation)
      let best = accuracy.flatMap { curve in curve.highest.map { Double(curve.value($0)) } }
      return [
        TableCell("\(marker) \(model.name)", isHidden ? .dim : .text),
        TableCell(NumberFormat.integer.text(Double(model.lastStep))),
        TableCell(NumberFormat.fixed(4).text(loss.map(Double.init)), loss?.isFinite == false ? .bad : .text),
        TableCell(best.map { NumberFormat.percent(2).text($0) } ?? "-"),
        TableCell(NumberFormat.clock.text(model.activeSeconds)),
        TableCell(model.lastTime.map(clockTime) ?? "-", .dim),
      ]
    }
    return Table(
      [
        TableColumn("run", .leading, .flexible(16)), TableColumn("step", .trailing), TableColumn("loss", .trailing),
        TableColumn("best", .trailing), TableColumn("at work", .trailing), TableColumn("last value", .trailing),
      ], rows: rows, selection: runsTable.selection, emptyText: filter == nil ? "no runs yet" : "no run has this text in its name")
  }

  // MARK: Log

  func drawLog(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let below = logEnd.map { history.linesSaid - $0 } ?? 0
    let trailing = below > 0 ? [Span("\(below) below", look[.warning])] : []
    let inside = canvas.box(Box("log", trailing: trailing, isActive: true), in: rect).inset(horizontal: 1, vertical: 0)
    guard !history.lines.isEmpty else {
      canvas.text("nothing was said yet", in: inside.row(0), look[.dim])
      return
    }
    // Only what can be seen is made into entries; a line takes at least a row.
    let entries = history.lines.dropLast(below).suffix(inside.height).map { line in
      LogPane.Entry(line.text, time: clockTime(line.time), line.kind == .warning ? .warning : line.kind == .output ? .dim : .text)
    }
    canvas.draw(LogPane(entries), in: inside)
  }

  // MARK: Settings

  func drawSettings(on canvas: inout Canvas, in rect: Rect) {
    let table = Setting.allCases.count + 5
    let areas = rect.width >= 100 ? rect.columns([.fraction(0.5), .rest]) : rect.rows([.fixed(min(table, rect.height)), .rest])
    let inside = canvas.box(Box("settings", subtitle: "kept for the next start", isActive: true), in: areas[0])
      .inset(horizontal: 1, vertical: 0)
    let rows = Setting.allCases.map { [TableCell($0.title), TableCell(value(of: $0), .accent)] }
    let parts = inside.rows([.fixed(Setting.allCases.count + 1), .fixed(1), .rest])
    canvas.draw(
      Table(
        [TableColumn("setting", .leading, .fixed(20)), TableColumn("value", .leading, .flexible(16))], rows: rows,
        selection: settingsSelection),
      in: parts[0])
    canvas.draw(Paragraph(Setting.allCases[settingsSelection].explanation, canvas.look[.dim]), in: parts[2])
    if areas[1].height >= 4 { drawThemePreview(on: &canvas, in: areas[1]) }
  }

  /// The colours of the theme, to choose by.
  private func drawThemePreview(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let inside = canvas.box(Box("theme", subtitle: settings.theme), in: rect).inset(horizontal: 1, vertical: 0)
    let words: [(String, ThemeKey)] = [
      ("text", .text), ("dim", .dim), ("title", .title), ("accent", .accent), ("key", .key), ("good", .good), ("warning", .warning),
      ("bad", .bad),
    ]
    var x = inside.x
    for (word, key) in words where !inside.isEmpty {
      x = canvas.text(word + "  ", x: x, y: inside.y, look[key], limit: max(0, inside.right - x))
    }
    canvas.text(" chosen row ", in: inside.row(1), look.selection)
    let gradients: [(String, ThemeGradient)] =
      [ThemeGradient.series1, .series2, .series3, .series4, .series5, .series6, .series7, .series8].enumerated().map {
        ("\(Character(look.marker($0 + 1))) series \($0 + 1)", $1)
      } + [("  load", .meter), ("  counts", .heat), ("  progress", .progress)]
    for (index, (name, gradient)) in gradients.enumerated() where index + 3 < inside.height {
      canvas.draw(ProgressBar(1, label: name.padded(to: 11), trailing: "", gradient: gradient, shape: .line), in: inside.row(index + 3))
    }
  }

  func value(of setting: Setting) -> String {
    switch setting {
    case .theme: settings.theme
    case .symbols: settings.symbols?.rawValue ?? "auto (\(symbols.rawValue))"
    case .smoothing: settings.smoothing == 0 ? "off" : "\(settings.smoothing)"
    case .logarithmic: settings.isLogarithmic ? "on" : "off"
    case .axis: settings.axis == .time ? "time at work" : settings.axis.rawValue
    case .target: NumberFormat.exactPercent(settings.targetAccuracy)
    case .plainText: settings.isPlainText ? "on" : "off"
    }
  }
}
