import Names
import NumberFormats
import RunHistory
import Terminal
import TrainingEvents

extension DashboardModel {
  /// The present screen, or the question or help over it, in words: no boxes, no braille, one fact a line.
  func drawPlainText(on canvas: inout Canvas, in rect: Rect) { canvas.draw(plainText, in: rect) }

  /// How far the text can be scrolled.
  var lastPlainScroll: Int { plainText.lastFirst(in: size) }

  private var plainText: PlainText {
    switch overlay {
    case .quit(let selection): return quitText(selection)
    case .help: return helpText
    case nil: break
    }
    var before: [PlainLine] = []
    if isTypingFilter { before.append(PlainLine("filter", filter ?? "")) }
    if let toast { before.append(PlainLine("message", toast.text)) }
    let keys = footerHints.map { PlainLine("key \($0.key)", $0.label) }
    var text = PlainText("mvit-tui, \(screen.title), \(stateWords.1)", before + plainLines + keys, first: plainScroll)
    if let chosen = chosenLine {
      // The last one brings what follows it into view.
      text.first = chosen == plainLines.count - 1 ? text.lastFirst(in: size) : text.first(showing: before.count + chosen, in: size)
    }
    return text
  }

  private func quitText(_ selection: Int) -> PlainText {
    let answers = quitDialog.answers.enumerated().map { index, answer in
      PlainLine(answer.key, answer.label + (index == selection ? ", chosen" : ""))
    }
    return PlainText(quitDialog.title, [PlainLine("note", quitDialog.text)] + answers)
  }

  private var helpText: PlainText {
    let lines = KeyTable.helpSections.flatMap { section in
      [PlainLine("keys of", section.title)] + section.hints.map { PlainLine($0.key, $0.label) }
    }
    return PlainText("mvit-tui, all keys; Esc closes", lines, first: plainScroll)
  }

  /// The line of what is chosen, where keys move a choice and not the text.
  private var chosenLine: Int? {
    switch screen {
    case .runs: listedRuns.isEmpty ? nil : min(runsTable.selection, listedRuns.count - 1)
    case .settings: settingsSelection
    default: nil
    }
  }

  private var plainLines: [PlainLine] {
    switch screen {
    case .overview: overviewLines
    case .layers: layerLines
    case .comparison: comparisonLines
    case .data: dataLines
    case .predictions: predictionLines
    case .runs:
      listedRuns.enumerated().map { index, place in
        let model = history.models[place]
        let state = hidden.contains(Name(model.name)) ? "hidden" : "shown"
        return PlainLine(model.name, "\(state), step \(model.lastStep)" + (index == chosenLine ? ", chosen" : ""))
      }
    // The newest first: it is what is read first.
    case .log: history.lines.reversed().map { PlainLine(clockTime($0.time), $0.text) }
    case .settings:
      Setting.allCases.enumerated().map { index, setting in
        PlainLine(setting.title, value(of: setting) + (index == chosenLine ? ", chosen" : ""))
      }
    }
  }

  private var overviewLines: [PlainLine] {
    guard let model = focusedModel else { return [PlainLine("model", "none yet")] }
    var lines = [PlainLine("model", model.name)]
    let step = max(model.lastStep, model.beginning?.resumedAtStep ?? 0)
    if let beginning = model.beginning, let progress = model.progress {
      lines.append(PlainLine("epoch", "\(progress.epoch) of \(beginning.epochs)" + (isEvaluated(model) ? ", evaluating" : "")))
      lines.append(PlainLine("step", "\(step) of \(beginning.totalSteps)"))
    } else {
      lines.append(PlainLine("step", "\(step)"))
    }
    if isRunning { lines.append(PlainLine("time left", history.secondsLeft.map { NumberFormat.clock.text($0) } ?? "not known yet")) }
    for chart in overviewCharts {
      if case .tag(let tag) = chart, let curve = model.curve(tag: tag.text), let last = curve.last {
        lines.append(PlainLine(tag.text, chart.format.text(Double(last.value)), trend(of: curve, .training)))
        continue
      }
      for (phase, word) in [(CurveMeaning.Phase.training, "training"), (.evaluation, "evaluation")] {
        guard let curve = model.curve(chart.quantity, phase), let last = curve.last else { continue }
        let name = phase == .training && chart.single != nil ? chart.title : "\(word) \(chart.title)"
        lines.append(PlainLine(name, chart.format.text(Double(last.value)), trend(of: curve, phase)))
        if phase == .evaluation, let best = chart == .loss ? curve.lowest : curve.highest {
          lines.append(PlainLine("best \(name)", chart.format.text(Double(curve.value(best)))))
        }
      }
    }
    let unlisted = model.others.count - Self.mostCharts
    if mode == .watching && unlisted > 0 { lines.append(PlainLine("curves that are not listed", "\(unlisted)")) }
    if let cursor, let drawing = drawing(for: Rect(size)) {
      for chart in [OverviewChart.loss, .accuracy] {
        for series in lineChart(chart, of: model, drawing, isLogarithmic: false).series {
          lines.append(
            PlainLine("at \(chartCursor(stepsPerEpoch: nil)?.text ?? "\(cursor)"), \(series.name) \(chart.title)", series.readout ?? "-"))
        }
      }
    }
    for step in (model.droppedAt.map { [$0] } ?? model.divergedAt).prefix(1) { lines.append(PlainLine("diverged at step", "\(step)")) }
    if !model.dataChangedAt.isEmpty {
      lines.append(PlainLine("data changed at step", model.dataChangedAt.map(String.init).joined(separator: ", ")))
    }
    return lines
  }

  /// Over the last tenth of a training curve, whose average tells more than its points; over the last two evaluations.
  private func trend(of curve: Curve, _ phase: CurveMeaning.Phase) -> Trend? {
    guard curve.count > 1 else { return nil }
    if phase == .evaluation { return Trend([Double(curve.value(curve.count - 2)), Double(curve.value(curve.count - 1))]) }
    let from = max(0, curve.count - max(2, curve.count / 10))
    return Trend([Double(curve.smoothedValue(from)), Double(curve.smoothedValue(curve.count - 1))])
  }

  private var layerLines: [PlainLine] {
    guard let breakdown = focusedBreakdown else { return [PlainLine("layers", "no step was timed yet")] }
    let times = LayerTimes(breakdown)
    let column = LayerColumn.allCases[layerTable.column]
    let rows = times.sorted(by: column.order, ascending: layerTable.isAscending)
    return [PlainLine("step", NumberFormat.time.text(times.total))]
      + rows.map { row in
        PlainLine(row.name, "\(NumberFormat.time.text(row.total)), \(NumberFormat.percent(1).text(row.share))")
      }
  }

  private var comparisonLines: [PlainLine] {
    let comparison = comparison
    let best = Dictionary(uniqueKeysWithValues: Comparison.Figure.allCases.map { ($0, comparison.best($0)) })
    return comparison.rows.flatMap { row in
      [PlainLine("model", row.model)]
        + Comparison.Figure.allCases.compactMap { figure in
          row.figures[figure].map { value in
            PlainLine(
              "\(row.model) \(figure.title(target: settings.targetAccuracy))",
              figure.format.text(value) + (best[figure]!.contains(Name(row.model)) ? ", best" : ""))
          }
        }
    }
  }

  private var dataLines: [PlainLine] {
    guard let data else { return [PlainLine("classes", "not known")] }
    return data.classNames.indices.map {
      PlainLine(data.classNames[$0], "\(data.trainCounts[$0]) to train on, \(data.evaluationCounts[$0]) to evaluate")
    }
  }

  private var predictionLines: [PlainLine] {
    guard let model = focusedModel, let report = predictions[Name(model.name)] else { return [PlainLine("predictions", "none yet")] }
    func name(_ index: Int) -> String { className(index, of: report.model) }
    let counts = report.counts
    // Of too many classes for a matrix, what went wrong most.
    let pairs = counts.fitsMatrix ? [] : report.confused
    let listed = counts.fitsMatrix ? Array(0..<counts.classCount) : report.worstClasses
    return pairs.map { PlainLine("\(name($0.pair.label)) taken for \(name($0.pair.predicted))", "\($0.count)") }
      + listed.map { PlainLine(name($0), "\(counts.right[$0]) of \(counts.images[$0]) right") }
      + report.mistakes.map { PlainLine($0.path, "\(name($0.label)) taken for \(name($0.predicted))") }
  }
}
