import Names
import NumberFormats
import RunHistory
import Terminal
import TrainingEvents

/// A finished comparison as one HTML page that needs nothing else: no network, no script, no other file.
public struct ComparisonReport: Sendable {
  /// What a model made of the evaluation images, last.
  public struct Confusion: Sendable {
    public var model: String
    /// From 0.
    public var epoch: Int
    public var classes: [String]
    public var counts: PredictionCounts

    public init(model: String, epoch: Int, classes: [String], counts: PredictionCounts) {
      self.model = model
      self.epoch = epoch
      self.classes = classes
      self.counts = counts
    }
  }

  public var title: String
  /// Facts under the title, such as when and how the run ended.
  public var facts: [String]
  public var history: History
  /// The evaluation accuracy that the table gives the time to.
  public var target: Double
  public var confusions: [Confusion]
  /// The run's configuration, in order.
  public var settings: [(name: String, value: String)]
  /// What the report was made of, so that a program can tell whether the run has changed since.
  public var mark: String

  public init(
    title: String, facts: [String], history: History, target: Double, confusions: [Confusion], settings: [(name: String, value: String)],
    mark: String = ""
  ) {
    self.title = title
    self.facts = facts
    self.history = history
    self.target = target
    self.confusions = confusions
    self.settings = settings
    self.mark = mark
  }

  public var html: String {
    let name = Markup.escaped(title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      \(Self.markElement(mark))
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(name)</title>
      <style>\(ReportStyle.css)</style>
      </head>
      <body>
      <header><h1>\(name)</h1><p class="facts">\(facts.map(Markup.escaped).joined(separator: " · "))</p></header>
      <main>
      <section><h2>Models</h2>\(table)</section>
      <section><h2>Curves</h2>\(legend)<div class="charts">\(charts)</div></section>
      \(confusionSection)
      <section><h2>Configuration</h2>\(configuration)</section>
      </main>
      </body>
      </html>

      """
  }

  /// The element of the page that carries a mark.
  public static func markElement(_ mark: String) -> String { "<meta name=\"run-state\" content=\"\(Markup.escaped(mark))\">" }

  /// Bytes from the page's beginning that hold the element of any mark that is not absurdly long.
  public static let markWithin = 1 << 20

  private var places: [Int] { Array(history.models.indices) }

  // MARK: Table

  private var comparison: Comparison { Comparison(history, places: places, target: Float(target)) }

  private var table: String {
    let comparison = comparison
    // A figure that nobody knows is no column; that nobody reached the target is worth knowing.
    let figures = Comparison.Figure.allCases.filter { figure in
      let known = figure == .timeToTarget ? Comparison.Figure.bestAccuracy : figure
      return comparison.rows.contains { $0.figures[known] != nil }
    }
    let head = figures.map { "<th>\(Markup.escaped(heading($0)))</th>" }.joined()
    let rows = comparison.rows.map { row in
      let cells = figures.map { figure -> String in
        guard let value = row.figures[figure] else { return "<td>\(isMissed(figure, by: row) ? "not reached" : "–")</td>" }
        let isBest = comparison.best(figure).contains(Name(row.model))
        return "<td\(isBest ? " class=\"best\" title=\"the best\"" : "")>\(Markup.escaped(figure.format.text(value)))</td>"
      }
      let end = row.droppedAt.map { " <span class=\"bad\">diverged at step \($0)</span>" } ?? ""
      return "<tr><th scope=\"row\">\(swatch(row.number)) \(Markup.escaped(row.model))\(end)</th>\(cells.joined())</tr>"
    }
    return "<div class=\"wide\"><table class=\"figures\"><thead><tr><th>model</th>\(head)</tr></thead>"
      + "<tbody>\(rows.joined())</tbody></table></div>"
      + "<p class=\"note\">Gap: mean accuracy on the training batches since the evaluation before, minus evaluation accuracy; early in "
      + "training it is below zero. The time to an accuracy is that of the first evaluation that had it. Times count work only, "
      + "without pauses and other models' turns, as far as the times in the log tell them apart: a pause in a first evaluation counts.</p>"
  }

  /// Who was never evaluated has not missed it.
  private func isMissed(_ figure: Comparison.Figure, by row: Comparison.Row) -> Bool {
    figure == .timeToTarget && row.figures[.bestAccuracy] != nil
  }

  private func heading(_ figure: Comparison.Figure) -> String {
    switch figure {
    case .parameters: "parameters"
    case .macs: "MACs an image"
    case .imagesPerSecond: "images/s"
    case .memory: "memory"
    case .lastAccuracy: "last accuracy"
    case .bestAccuracy: "best accuracy"
    case .gap: "train/eval gap"
    case .timeToTarget: "time to \(NumberFormat.exactPercent(target))"
    }
  }

  private func swatch(_ number: Int) -> String {
    "<svg class=\"swatch\" viewBox=\"0 0 12 12\" aria-hidden=\"true\">\(Markup.marker(number, x: 6, y: 6, title: ""))</svg>"
  }

  private var legend: String {
    "<p class=\"legend\">" + history.models.map { "<span>\(swatch($0.number)) \(Markup.escaped($0.name))</span>" }.joined() + "</p>"
  }

  // MARK: Charts

  private var charts: String {
    var charts = [
      evaluations("Evaluation accuracy", .accuracy, .percent, by: .step), evaluations("Evaluation loss", .loss, .number, by: .step),
      trainingLoss, gap, evaluations("Evaluation accuracy by time at work", .accuracy, .percent, by: .time), accuracyByParameters,
    ]
    if let sensitivity { charts.append(sensitivity) }
    return charts.compactMap { chart in
      chart.svg.map { "<figure><figcaption>\(Markup.escaped(chart.title))</figcaption>\($0)</figure>" }
    }.joined()
  }

  private func evaluations(
    _ title: String, _ quantity: CurveMeaning.Quantity, _ labels: AxisLabels, by axis: CurveAxis
  ) -> VectorChart {
    let series = places.compactMap { place -> VectorSeries? in
      let model = history.models[place]
      guard let curve = model.curve(quantity, .evaluation) else { return nil }
      let points = (0..<curve.count).map { index in
        (x: curve.position(index, on: axis, stepsPerEpoch: model.stepsPerEpoch ?? 1), y: Double(curve.value(index)))
      }
      return VectorSeries(number: model.number, name: model.name, points: points, hasMarkers: points.count <= 100)
    }
    return VectorChart(
      title: title, xName: axis == .time ? "time at work" : "step", series: series, xLabels: axis == .time ? .clock : .number,
      yLabels: labels, isIntegral: axis == .step, valueFormat: quantity.format, boundaries: axis == .step ? dataChanges : [])
  }

  /// The steps at which models' images changed; which models, where not all of them.
  private var dataChanges: [ChartBoundary] {
    let steps = Set(history.models.flatMap(\.dataChangedAt)).sorted()
    return steps.map { step in
      let models = history.models.filter { $0.dataChangedAt.contains(step) }.map(\.name)
      let label = models.count == history.models.count ? "data changed" : "data changed (\(models.joined(separator: ", ")))"
      return ChartBoundary(x: Double(step), label: label)
    }
  }

  /// Columns that a training curve is drawn in.
  private static let columns = 400

  private var trainingLoss: VectorChart {
    let series = places.compactMap { place -> VectorSeries? in
      let model = history.models[place]
      guard var curve = model.curve(.loss, .training), let last = curve.last else { return nil }
      let range = Double(curve[0].step)...max(Double(last.step), Double(curve[0].step) + 1)
      curve.smooth(weight: 0.9)
      var points: [(x: Double, y: Double)] = []
      var band: [(x: Double, low: Double, high: Double)] = []
      for column in curve.columns(Self.columns, over: range, on: .step) {
        guard let column else { continue }
        let x = Double(curve[column.points.lowerBound].step)
        points.append((x, Double(curve.smoothedValue(column.points.upperBound - 1))))
        if !column.extremes.isEmpty { band.append((x, Double(column.extremes.lowest), Double(column.extremes.highest))) }
      }
      return VectorSeries(number: model.number, name: model.name, points: points, band: band, hasMarkers: false)
    }
    return VectorChart(
      title: "Training loss, smoothed, and its range", xName: "step", series: series, isIntegral: true, boundaries: dataChanges)
  }

  private var gap: VectorChart {
    let series = places.compactMap { place -> VectorSeries? in
      let model = history.models[place]
      guard !model.gaps.isEmpty else { return nil }
      let points = (0..<model.gaps.count).map { (x: Double(model.gaps[$0].step), y: Double(model.gaps.value($0))) }
      return VectorSeries(number: model.number, name: model.name, points: points, hasMarkers: points.count <= 100)
    }
    return VectorChart(
      title: "Gap: training minus evaluation accuracy", xName: "step", series: series, yLabels: .percent, isIntegral: true,
      valueFormat: CurveMeaning.Quantity.accuracy.format, boundaries: dataChanges)
  }

  private var accuracyByParameters: VectorChart {
    let series = comparison.rows.compactMap { row -> VectorSeries? in
      guard let parameters = row.figures[.parameters], let accuracy = row.figures[.bestAccuracy] else { return nil }
      return VectorSeries(number: row.number, name: row.model, points: [(parameters, accuracy)], hasLine: false)
    }
    return VectorChart(
      title: "Best accuracy against parameters", xName: "parameters", series: series, yLabels: .percent, startsAtZero: true,
      valueFormat: CurveMeaning.Quantity.accuracy.format)
  }

  private var sensitivity: VectorChart? {
    Sensitivity(history, places: places).map { sensitivity in
      VectorChart(
        title: "Best accuracy by \(sensitivity.setting)", xName: sensitivity.setting,
        series: sensitivity.lines.enumerated().map { index, line in
          VectorSeries(
            number: index + 1, name: line.model, points: line.points.map { (x: Double($0.value + 1), y: $0.accuracy) })
        }, yLabels: .percent, xNames: sensitivity.values, valueFormat: CurveMeaning.Quantity.accuracy.format)
    }
  }

  // MARK: Confusion

  private var confusionSection: String {
    guard !confusions.isEmpty else { return "" }
    let areMatrices = confusions.contains { $0.counts.fitsMatrix }
    let note = areMatrices ? "Rows are the true classes, columns what the model said" : "The pairs of classes that were confused most"
    return "<section><h2>Confusion</h2><p class=\"note\">\(note), at its last evaluation.</p>"
      + "<div class=\"matrices\">\(confusions.map(figure).joined())</div></section>"
  }

  private func figure(_ confusion: Confusion) -> String {
    let counts = confusion.counts
    let total = counts.imageCount
    let share = total > 0 ? NumberFormat.percent(2).text(Double(counts.rightCount) / Double(total)) : "–"
    let names = (0..<counts.classCount).map { $0 < confusion.classes.count ? confusion.classes[$0] : "\($0)" }
    return "<figure><figcaption>\(Markup.escaped(confusion.model)) <b>\(share)</b> right, epoch \(confusion.epoch + 1)</figcaption>"
      + "<div class=\"wide\">\(counts.matrix.map { matrix($0, names) } ?? pairs(counts, names))</div></figure>"
  }

  private func matrix(_ counts: [[Int]], _ names: [String]) -> String {
    let head = names.map { "<th scope=\"col\"><span>\(Markup.escaped($0))</span></th>" }.joined()
    let rows = counts.enumerated().map { row, counts -> String in
      let sum = max(1, counts.reduce(0, +))
      let cells = counts.enumerated().map { column, count -> String in
        let heat = (Double(count) / Double(sum)).squareRoot()
        let kind = count == 0 ? "none" : row == column ? "right" : "wrong"
        let title = Markup.escaped("\(names[row]) taken for \(names[column]): \(count)")
        return
          "<td class=\"\(kind)\" style=\"--heat:\(Markup.number(heat * 100))%\" title=\"\(title)\">\(count == 0 ? "" : "\(count)")</td>"
      }
      return "<tr><th scope=\"row\">\(Markup.escaped(names[row]))</th>\(cells.joined())</tr>"
    }
    return "<table class=\"confusion\"><thead><tr><td></td>\(head)</tr></thead><tbody>\(rows.joined())</tbody></table>"
  }

  /// Pairs that are listed where there are too many classes for a matrix.
  private static let pairs = 30

  private func pairs(_ counts: PredictionCounts, _ names: [String]) -> String {
    let rows = counts.mostConfused.prefix(Self.pairs).map { confusion -> String in
      let (label, predicted) = (confusion.pair.label, confusion.pair.predicted)
      let share = NumberFormat.percent(1).text(Double(confusion.count) / Double(counts.images[label]))
      return "<tr><th scope=\"row\">\(Markup.escaped(names[label]))</th><td>\(Markup.escaped(names[predicted]))</td>"
        + "<td>\(confusion.count)</td><td>\(share)</td></tr>"
    }
    return "<table class=\"figures\"><thead><tr><th>class</th><th>taken for</th><th>images</th><th>share</th></tr></thead>"
      + "<tbody>\(rows.joined())</tbody></table>"
  }

  // MARK: Configuration

  private var configuration: String {
    let rows = settings.map { "<tr><th scope=\"row\">\(Markup.escaped($0.name))</th><td>\(Markup.escaped($0.value))</td></tr>" }
    return "<div class=\"wide\"><table class=\"settings\"><tbody>\(rows.joined())</tbody></table></div>"
  }
}
