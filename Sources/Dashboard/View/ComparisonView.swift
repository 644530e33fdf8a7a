import Names
import NumberFormats
import RunHistory
import Terminal

extension DashboardModel {
  func drawComparison(on canvas: inout Canvas, in rect: Rect) {
    let rows = rect.rows([.rest, .fixed(comparisonTableHeight(rect.height))])
    drawComparisonCharts(on: &canvas, in: rows[0])
    drawComparisonTable(on: &canvas, in: rows[1])
  }

  private func comparisonTableHeight(_ height: Int) -> Int { min(max(4, shownModels.count + 3), height / 2) }

  /// The charts on show: the chosen one, or as many as there is room for.
  var comparisonCharts: [ComparisonChart] {
    if let comparisonChart { return [comparisonChart] }
    guard size.width >= 100 else { return [.evaluationAccuracy] }
    let height = size.height - 2
    guard height - comparisonTableHeight(height) >= 22 else { return [.trainingLoss, .evaluationAccuracy] }
    let last: ComparisonChart =
      sensitivity != nil ? .sensitivity : shownFigures.contains(.parameters) ? .accuracyByParameters : .evaluationLoss
    return [.trainingLoss, .evaluationAccuracy, .gap, last]
  }

  /// Columns of the table: logs do not tell all that a trainer does.
  var shownFigures: [Comparison.Figure] {
    guard mode == .watching else { return Comparison.Figure.allCases }
    let rows = Comparison(history, places: shownModels, target: Float(settings.targetAccuracy)).rows
    return Comparison.Figure.allCases.filter { figure in rows.contains { $0.figures[figure] != nil } }
  }

  /// What a sweep has shown so far; nil without one.
  var sensitivity: Sensitivity? { Sensitivity(history, places: shownModels) }

  /// The comparison's rows in the order that the user chose.
  var comparison: Comparison {
    var comparison = Comparison(history, places: shownModels, target: Float(settings.targetAccuracy))
    let column = comparisonTable.column
    let figure = column == 0 ? nil : Comparison.Figure.allCases[column - 1]
    // By name means as they came, unless it is reversed.
    if figure != nil || !comparisonTable.isAscending { comparison.sort(by: figure, ascending: comparisonTable.isAscending) }
    return comparison
  }

  // MARK: Table

  private func drawComparisonTable(on canvas: inout Canvas, in rect: Rect) {
    let inside = canvas.box(Box("models", isActive: true), in: rect).inset(horizontal: 1, vertical: 0)
    canvas.draw(comparisonTableWidget, in: inside)
  }

  var comparisonTableWidget: Table {
    let comparison = comparison
    let figures = shownFigures
    let best = Dictionary(uniqueKeysWithValues: Comparison.Figure.allCases.map { ($0, comparison.best($0)) })
    let rows = comparison.rows.map { row -> [TableCell] in
      let marker = String(Character(look.marker(row.number)))
      let end = row.droppedAt.map { ", diverged at step \($0)" } ?? ""
      return [TableCell("\(marker) \(row.model)\(end)")]
        + figures.map { figure in
          TableCell(row.figures[figure].map(figure.format.text) ?? "-", .text, isBest: best[figure]!.contains(Name(row.model)))
        }
    }
    let sorted = comparisonTable.column > 0 ? Comparison.Figure.allCases[comparisonTable.column - 1] : nil
    let column = sorted.map { figure in figures.firstIndex(of: figure).map { $0 + 1 } } ?? 0
    return Table(
      [TableColumn("model", .leading, .flexible(14))]
        + figures.map { TableColumn($0.title(target: settings.targetAccuracy), .trailing, importance: $0.importance, least: $0.least) },
      rows: rows,
      selection: comparisonTable.selection, sorting: column.map { ($0, comparisonTable.isAscending) }, emptyText: "no models yet")
  }

  // MARK: Chart

  /// The training loss comes first: it says something from the first step on.
  private func drawComparisonCharts(on canvas: inout Canvas, in rect: Rect) {
    let charts = comparisonCharts
    let rows = charts.count > 2 ? rect.rows([.rest, .rest]) : [rect]
    let areas = rows.flatMap { charts.count > 1 ? $0.columns([.rest, .rest]) : [$0] }
    for (chart, area) in zip(charts, areas) { draw(chart, on: &canvas, in: area) }
  }

  private func draw(_ chart: ComparisonChart, on canvas: inout Canvas, in rect: Rect) {
    let inside = canvas.box(
      Box(
        chart == .sensitivity ? "best accuracy by \(sensitivity?.setting ?? "setting")" : chart.title,
        subtitle: settings.isLogarithmic && chart.isLoss ? "log" : "", trailing: windowWords(canvas.look)),
      in: rect
    ).inset(horizontal: 1, vertical: 0)
    guard !inside.isEmpty else { return }
    canvas.draw(lineChart(chart, in: inside), in: inside)
  }

  private func lineChart(_ chart: ComparisonChart, in rect: Rect) -> LineChart {
    let isLogarithmic = settings.isLogarithmic && chart.isLoss
    if chart == .accuracyByParameters { return accuracyByParameters }
    if chart == .sensitivity { return sensitivityChart }
    guard let drawing = drawing(for: rect, isLogarithmic: isLogarithmic) else { return LineChart([]) }
    // Beside three others a chart has little room, and the table below has the best of all.
    let showsBest = comparisonCharts.count < 3
    let series = shownModels.compactMap { place -> ChartSeries? in
      let model = history.models[place]
      let steps = model.stepsPerEpoch
      func draw(_ curve: Curve?, best: (Curve) -> Int?, smooth: Bool = false) -> ChartSeries? {
        curve.map {
          drawing.series(
            $0, model.name, number: model.number, stepsPerEpoch: steps, format: chart.format, best: showsBest ? best($0) : nil,
            isSmoothed: smooth)
        }
      }
      switch chart {
      case .evaluationAccuracy: return draw(model.curve(.accuracy, .evaluation), best: \.highest)
      case .evaluationLoss: return draw(model.curve(.loss, .evaluation), best: \.lowest)
      case .trainingLoss: return draw(model.curve(.loss, .training), best: \.lowest, smooth: true)
      case .gap: return draw(model.gaps.isEmpty ? nil : model.gaps, best: { _ in nil })
      case .accuracyByParameters, .sensitivity: return nil
      }
    }
    return LineChart(
      series, xAxis: xAxis(drawing), yAxis: ChartAxis(isLogarithmic: isLogarithmic, labels: chart.isLoss ? .number : .percent),
      boundaries: shownModels.count == 1 ? boundaries(of: history.models[shownModels[0]]) : [], cursor: chartCursor(stepsPerEpoch: nil),
      emptyText: "waiting for the first evaluation")
  }

  private var sensitivityChart: LineChart {
    guard let sensitivity else { return LineChart([], emptyText: "one setting at several values: compare --sweep weight-decay=0,1e-4") }
    let series = sensitivity.lines.enumerated().filter { !$1.points.isEmpty }.map { index, line in
      ChartSeries(
        line.model, number: index + 1, samples: line.points.map { ChartSample(Double($0.value + 1), $0.accuracy) },
        best: line.points.map(\.accuracy).max(), format: .percent(2))
    }
    return LineChart(
      series,
      xAxis: ChartAxis(sensitivity.setting, range: 0.5...Double(sensitivity.values.count) + 0.5, labels: .names(sensitivity.values)),
      yAxis: ChartAxis(labels: .percent), emptyText: "waiting for the first evaluation")
  }

  private var accuracyByParameters: LineChart {
    let rows = comparison.rows
    var series: [ChartSeries] = []
    for row in rows {
      guard let parameters = row.figures[.parameters], let accuracy = row.figures[.bestAccuracy] else { continue }
      series.append(
        ChartSeries(
          row.model, number: row.number, samples: [ChartSample(parameters, accuracy)], stroke: .points, last: accuracy,
          format: .percent(2)))
    }
    let known = series.map { $0.samples[0] }
    guard let most = known.map(\.x).max(), let low = known.map(\.low).min(), let high = known.map(\.low).max() else {
      return LineChart([], emptyText: "no model was evaluated yet")
    }
    let margin = max(0.01, (high - low) * 0.15)
    return LineChart(
      series, xAxis: ChartAxis("parameters", range: 0...most * 1.15),
      yAxis: ChartAxis(range: min(low, max(0, low - margin))...max(high, min(1, high + margin)), labels: .percent))
  }
}

extension ComparisonChart {
  var isLoss: Bool { self == .evaluationLoss || self == .trainingLoss }
  var format: NumberFormat { (isLoss ? CurveMeaning.Quantity.loss : .accuracy).format }
}

extension Comparison.Figure {
  /// What stays longest in a narrow window.
  var importance: Int {
    switch self {
    case .bestAccuracy: 8
    case .parameters: 7
    case .gap: 6
    case .imagesPerSecond: 5
    case .lastAccuracy: 4
    case .timeToTarget: 3
    case .macs: 2
    case .memory: 1
    }
  }

  /// - Parameter target: the accuracy that the time is told to.
  func title(target: Double) -> String {
    switch self {
    case .parameters: "params"
    case .macs: "MACs"
    case .imagesPerSecond: "img/s"
    case .memory: "memory"
    case .lastAccuracy: "last"
    case .bestAccuracy: "best"
    case .gap: "gap"
    case .timeToTarget: "time to \(NumberFormat.exactPercent(target))"
    }
  }

  /// Columns of a usual value with the mark of the best, so that nothing moves when the first value comes and when one leads.
  var least: Int {
    let usual: Double =
      switch self {
      case .parameters, .macs: 1.23e6
      case .imagesPerSecond: 12.3
      case .memory: 12.3 * 1_048_576
      case .lastAccuracy, .bestAccuracy, .gap: 0.1234
      case .timeToTarget: 123
      }
    return 2 + format.text(usual).columns
  }
}
