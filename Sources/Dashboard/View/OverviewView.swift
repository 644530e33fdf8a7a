import Names
import NumberFormats
import RunHistory
import Terminal
import TrainingEvents

extension DashboardModel {
  func drawOverview(on canvas: inout Canvas, in rect: Rect) {
    let runRows = min(progressModels.count, rect.height >= 30 ? 4 : rect.height >= 24 ? 2 : 1)
    let hasPanels = rect.height >= 20
    // In a low window the charts need the rows more than the last line of each panel.
    let panelRows = rect.height >= 26 ? 7 : 6
    let areas = rect.rows([.fixed(max(1, runRows) + 2), .rest, .fixed(hasPanels ? panelRows : 0)])
    drawProgress(on: &canvas, in: areas[0])
    drawCharts(on: &canvas, in: areas[1])
    if hasPanels { drawPanels(on: &canvas, in: areas[2]) }
  }

  // MARK: Progress

  /// Models whose progress is shown, always in the same order.
  private var progressModels: [Int] { history.models.indices.filter { $0 == focus || isShown(history.models[$0].name) } }

  /// As many of them as there are rows, the one in focus among them.
  private func progressModels(in rows: Int) -> ArraySlice<Int> {
    let models = progressModels
    let place = models.firstIndex { $0 == focus } ?? 0
    let first = max(0, min(place - rows + 1, models.count - rows))
    return models[first..<min(models.count, first + max(0, rows))]
  }

  private func drawProgress(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    var times: [Span] = []
    if let seconds = workedSeconds {
      times += [Span("at work ", look[.dim]), Span(NumberFormat.clock.text(seconds, width: 5), look[.text])]
    }
    if isRunning {
      let left = history.secondsLeft.map { NumberFormat.clock.text($0) } ?? "--:--"
      times += [Span("  left ", look[.dim]), Span(left.padded(to: 5, .trailing), look[.accent].adding(.bold))]
    }
    let title = focusedModel?.name ?? (mode == .watching ? "waiting for logs" : "preparing")
    let subtitle = focusedModel.map(Self.sizeWords) ?? ""
    let inside = canvas.box(Box(title, subtitle: subtitle, trailing: times), in: rect)
    let models = progressModels
    guard !models.isEmpty else {
      canvas.text(mode == .watching ? "no values yet in \(place)" : "the data is being looked at", in: inside.row(0), look[.dim])
      return
    }
    let names = models.count > 1 ? min(rect.width / 4, models.reduce(0) { max($0, history.models[$1].name.columns) }) : 0
    for (index, place) in progressModels(in: inside.height).enumerated() {
      drawProgress(of: history.models[place], on: &canvas, in: inside.row(index).inset(horizontal: 1, vertical: 0), names: names)
    }
  }

  private static func sizeWords(_ model: ModelHistory) -> String {
    guard let parameters = model.costs?.parameters ?? model.beginning?.parameters else { return "" }
    let size = NumberFormat.si.text(Double(parameters)) + " parameters"
    guard let macs = model.costs?.macs else { return size }
    return size + ", " + NumberFormat.si.text(Double(macs)) + " MACs"
  }

  private func drawProgress(of model: ModelHistory, on canvas: inout Canvas, in row: Rect, names: Int) {
    let look = canvas.look
    var row = row
    if names > 0 {
      let isFocused = focusedModel.map { Name($0.name) } == Name(model.name)
      canvas.text(model.name, in: Rect(x: row.x, y: row.y, width: names, height: 1), isFocused ? look[.title] : look[.dim])
      row = row.droppingLeft(names + 2)
    }
    if let step = model.droppedAt {
      canvas.text("diverged at step \(NumberFormat.integer.text(Double(step))), not trained further", in: row, look[.bad])
      return
    }
    let step = max(model.lastStep, model.beginning?.resumedAtStep ?? 0)
    guard let beginning = model.beginning, let progress = model.progress else {
      let facts = [
        Span("step ", look[.dim]), Span(NumberFormat.integer.text(Double(step), width: 9), look[.text]),
        Span(model.stepsPerEpoch.map { "   epoch " + NumberFormat.fixed(2).text(Double(step) / $0) } ?? "", look[.dim]),
      ]
      canvas.draw(Line(facts), in: row)
      return
    }
    let columns = row.columns([.rest, .rest], gap: 3)
    let number = String(progress.epoch).padded(to: String(beginning.epochs).count, .trailing)
    let all = String(beginning.stepsPerEpoch)
    let steps = String(progress.step).padded(to: all.count, .trailing) + "/" + all
    canvas.draw(
      ProgressBar(
        Double(progress.step) / Double(beginning.stepsPerEpoch), label: "epoch \(number)/\(beginning.epochs)",
        trailing: isEvaluated(model) ? "evaluating" : steps, shape: .line),
      in: columns[0])
    canvas.draw(
      ProgressBar(
        Double(step) / Double(beginning.totalSteps), label: "run",
        trailing: NumberFormat.percent(1).text(Double(step) / Double(beginning.totalSteps), width: 6), shape: .line),
      in: columns[1])
  }

  /// Seconds at work of all models on show.
  var workedSeconds: Double? {
    let seconds = history.models.reduce(0) { $0 + $1.activeSeconds }
    return history.models.isEmpty ? nil : seconds
  }

  func isEvaluated(_ model: ModelHistory) -> Bool {
    history.state == .evaluating && history.current.map { Name(history.models[$0].name) } == Name(model.name)
  }

  // MARK: Charts

  private func drawCharts(on canvas: inout Canvas, in rect: Rect) {
    if let enlarged { return drawChart(enlarged, on: &canvas, in: rect) }
    let charts = overviewCharts.prefix(showsAllCharts ? 4 : rect.width < 76 && rect.height < 18 ? 1 : 2)
    let areas: [Rect]
    if charts.count > 2 {
      let rows = rect.rows([.flexible(weight: 3), .flexible(weight: 2)])
      areas = rows[0].columns([.rest, .rest]) + (charts.count > 3 ? rows[1].columns([.rest, .rest]) : [rows[1]])
    } else if charts.count > 1 {
      areas = rect.width >= 76 ? rect.columns([.rest, .rest]) : rect.rows([.rest, .rest])
    } else {
      areas = [rect]
    }
    for (chart, area) in zip(charts, areas) { drawChart(chart, on: &canvas, in: area) }
  }

  /// Whether all four charts are on the overview.
  var showsAllCharts: Bool { enlarged == nil && size.width >= 150 && size.height >= 44 }

  private func drawChart(_ chart: OverviewChart, on canvas: inout Canvas, in rect: Rect) {
    let isLogarithmic = settings.isLogarithmic && chart != .accuracy
    let inside = canvas.box(
      Box(chart.title, subtitle: subtitle(of: chart, isLogarithmic), trailing: windowWords(canvas.look, chart)), in: rect
    )
    .inset(horizontal: 1, vertical: 0)
    guard !inside.isEmpty else { return }
    guard let model = focusedModel, let drawing = drawing(for: inside, isLogarithmic: isLogarithmic) else {
      canvas.draw(LineChart([]), in: inside)
      return
    }
    canvas.draw(lineChart(chart, of: model, drawing, isLogarithmic: isLogarithmic), in: inside)
  }

  /// The chart itself, for tests and drawing.
  func lineChart(_ chart: OverviewChart, of model: ModelHistory, _ drawing: CurveDrawing, isLogarithmic: Bool) -> LineChart {
    let quantity = chart.quantity
    var series: [ChartSeries] = []
    let steps = model.stepsPerEpoch
    func best(_ curve: Curve) -> Int? { quantity == .loss ? curve.lowest : quantity == .accuracy ? curve.highest : nil }
    if case .tag(let tag) = chart {
      if let curve = model.curve(tag: tag.text), !curve.isEmpty {
        series.append(drawing.series(curve, "value", number: 1, stepsPerEpoch: steps, format: chart.format, isSmoothed: true))
      }
    } else if let curve = model.curve(quantity, .training) {
      series.append(
        drawing.series(
          curve, chart.single?.name ?? "train", number: chart.single?.number ?? 1, stepsPerEpoch: steps, format: chart.format,
          best: best(curve), isSmoothed: quantity != .learningRate))
    }
    if quantity != .other, let curve = model.curve(quantity, .evaluation) {
      series.append(drawing.series(curve, "eval", number: 2, stepsPerEpoch: steps, format: chart.format, best: best(curve)))
    }
    for index in series.indices where series[index].number > 2 { series[index].stroke = .solid }
    return LineChart(
      series, xAxis: xAxis(drawing), yAxis: ChartAxis(isLogarithmic: isLogarithmic, labels: quantity.labels),
      boundaries: boundaries(of: model), cursor: chartCursor(stepsPerEpoch: steps),
      emptyText: series.isEmpty ? "no such curve yet" : "no value that can be drawn")
  }

  private func subtitle(of chart: OverviewChart, _ isLogarithmic: Bool) -> String {
    var words: [String] = []
    if isLogarithmic { words.append("log") }
    if settings.smoothing > 0 && chart != .learningRate { words.append("smooth \(settings.smoothing)") }
    return words.joined(separator: ", ")
  }

  /// Says when not all is in view.
  func windowWords(_ look: Look, _ chart: OverviewChart? = nil) -> [Span] {
    var words: [Span] = []
    if chart == .loss, let step = focusedModel.flatMap(firstDivergence) { words.append(Span("diverged at step \(step)", look[.bad])) }
    switch window {
    case .whole: return words
    case .following: words.append(Span((words.isEmpty ? "" : "  ") + "following", look[.accent]))
    case .fixed: words.append(Span((words.isEmpty ? "" : "  ") + "zoomed", look[.warning]))
    }
    return words
  }
}
