import RunHistory
import Terminal
import TrainingEvents

extension Picture {
  init(_ thumbnail: Thumbnail) { self.init(width: thumbnail.width, height: thumbnail.height, pixels: thumbnail.pixels) }
}

extension DashboardModel {
  // MARK: Data

  func drawData(on canvas: inout Canvas, in rect: Rect) {
    let classes = data?.classNames.count ?? 0
    let isWide = rect.width >= 72
    let items = focusedModel.flatMap { batches[$0.name] }?.items ?? []
    let selected = items.isEmpty ? nil : items[min(dataSelection, items.count - 1)]
    let areas = isWide ? rect.columns([.rest, .fraction(0.36)]) : rect.rows([.rest, .fixed(min(rect.height / 3, classes + 2))])
    drawBatch(on: &canvas, in: areas[0])
    // Under a short list of classes there is room for the chosen picture.
    guard isWide, let selected, classes > 0, areas[1].height - classes - 2 >= 10 else { return drawClasses(on: &canvas, in: areas[1]) }
    let parts = areas[1].rows([.fixed(classes + 2), .rest])
    drawClasses(on: &canvas, in: parts[0])
    drawChosen(selected, on: &canvas, in: parts[1])
  }

  private func drawBatch(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let batch = focusedModel.flatMap { batches[$0.name] }
    let subtitle = batch.map { "step \(NumberFormat.integer.text(Double($0.step))), as the network saw it" } ?? ""
    let trailing = batch.map { [Span("\($0.items.count) of \($0.batchSize)", look[.dim])] } ?? []
    let inside = canvas.box(Box("batch", subtitle: subtitle, trailing: trailing, isActive: true), in: rect)
      .inset(horizontal: 1, vertical: 0)
    guard let batch, !batch.items.isEmpty else {
      let text =
        mode == .watching
        ? "logs hold no pictures; they are shown while a model trains here"
        : isRunning ? "waiting for the next batch" : "the run is over, and no batch was looked at"
      canvas.draw(Paragraph(text, look[.dim]), in: inside)
      return
    }
    let items = batch.items.map { ContactSheet.Item(Picture($0.picture), caption: className($0.label)) }
    canvas.draw(
      ContactSheet(items, selection: min(dataSelection, items.count - 1), tileWidth: tileWidth(items.count, in: inside)), in: inside)
  }

  private func drawChosen(_ item: BatchPreview.Item, on canvas: inout Canvas, in rect: Rect) {
    let size = "\(item.picture.width)x\(item.picture.height)"
    let inside = canvas.box(
      Box("image", subtitle: className(item.label), trailing: [Span(size, canvas.look[.dim])]), in: rect
    ).inset(horizontal: 1, vertical: 0)
    canvas.draw(PictureView(Picture(item.picture)), in: inside)
  }

  /// The widest tiles of which all can be seen, within reason.
  private func tileWidth(_ count: Int, in rect: Rect) -> Int {
    var width = 32
    while width > 8 {
      let across = max(1, (rect.width + 1) / (width + 1))
      let down = max(1, (rect.height + 1) / (width / 2 + width % 2 + 2))
      if across * down >= count { break }
      width -= 1
    }
    return min(width, rect.width)
  }

  private func drawClasses(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let total = data.map { $0.trainCounts.reduce(0, +) + $0.evaluationCounts.reduce(0, +) }
    let trailing = total.map { [Span(NumberFormat.integer.text(Double($0)), look[.text]), Span(" images", look[.dim])] } ?? []
    let inside = canvas.box(Box("classes", subtitle: "train + eval", trailing: trailing), in: rect).inset(horizontal: 1, vertical: 0)
    guard let data else {
      canvas.text(mode == .watching ? "not in the logs" : "not known yet", in: inside.row(0), look[.dim])
      return
    }
    let items = data.classNames.indices.map { index in
      let (train, evaluation) = (data.trainCounts[index], data.evaluationCounts[index])
      return BarList.Item(
        data.classNames[index], Double(train),
        text: "\(String(train).padded(to: 5, .trailing)) +\(String(evaluation).padded(to: 4, .trailing))",
        gradient: .series3)
    }
    canvas.draw(BarList(items), in: inside)
  }

  // MARK: Predictions

  func drawPredictions(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    guard let model = focusedModel, let report = predictions[model.name] else {
      let inside = canvas.box(Box("predictions", isActive: true), in: rect).inset(horizontal: 1, vertical: 0)
      let text =
        mode == .watching
        ? "no predictions were kept beside this log" : "they come with the first evaluation"
      canvas.draw(Paragraph(text, look[.dim]), in: inside)
      return
    }
    let areas = rect.width >= 90 ? rect.columns([.fraction(0.56), .rest]) : rect.rows([.fraction(0.55), .rest])
    guard report.hasPictures else {
      drawConfusion(report, on: &canvas, in: areas[0])
      return drawClassScores(report, on: &canvas, in: areas[1])
    }
    let left =
      rect.width >= 90 && areas[0].height >= 2 * report.classCount + 6 ? areas[0].rows([.fixed(report.classCount + 3), .rest]) : [areas[0]]
    drawConfusion(report, on: &canvas, in: left[0])
    if left.count > 1 { drawClassScores(report, on: &canvas, in: left[1]) }
    drawMistakes(report, on: &canvas, in: areas[1])
  }

  private func drawConfusion(_ report: PredictionReport, on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let count = report.classCount
    let counts = (0..<count).map { row in Array(report.confusion[row * count..<(row + 1) * count]) }
    let right = (0..<count).reduce(0) { $0 + counts[$1][$1] }
    let total = report.confusion.reduce(0, +)
    let accuracy = total > 0 ? Double(right) / Double(total) : 0
    let inside = canvas.box(
      Box(
        "confusion", subtitle: "rows are true, epoch \(report.epoch + 1)",
        trailing: [Span(NumberFormat.percent(2).text(accuracy), look[.good]), Span(" right", look[.dim])]), in: rect
    ).inset(horizontal: 1, vertical: 0)
    canvas.draw(ConfusionMatrix(names: (0..<count).map { className($0, of: report.model) }, counts: counts), in: inside)
  }

  /// What the matrix says of each class: how many of its images were found, and how many of those said to be it are it.
  private func drawClassScores(_ report: PredictionReport, on canvas: inout Canvas, in rect: Rect) {
    let count = report.classCount
    let inside = canvas.box(Box("by class", subtitle: "found of the true ones, right of the said ones"), in: rect)
      .inset(horizontal: 1, vertical: 0)
    let percent = NumberFormat.percent(1)
    let rows = (0..<count).map { index -> [TableCell] in
      let right = Double(report.confusion[index * count + index])
      let actual = (0..<count).reduce(0) { $0 + report.confusion[index * count + $1] }
      let said = (0..<count).reduce(0) { $0 + report.confusion[$1 * count + index] }
      let (recall, precision) = (actual > 0 ? right / Double(actual) : 0, said > 0 ? right / Double(said) : 0)
      return [
        TableCell(className(index, of: report.model), .dim), TableCell(actual > 0 ? percent.text(recall, width: 6) : "-"),
        TableCell(bar: recall, .series3),
        TableCell(said > 0 ? percent.text(precision, width: 6) : "-"), TableCell(bar: precision, .series1),
      ]
    }
    canvas.draw(
      Table(
        [
          TableColumn("class", .leading), TableColumn("found", .trailing, .fixed(6)), TableColumn("", .leading, .flexible(8)),
          TableColumn("right", .trailing, .fixed(6)), TableColumn("", .leading, .flexible(8)),
        ], rows: rows), in: inside)
  }

  private func drawMistakes(_ report: PredictionReport, on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let inside = canvas.box(Box("worst mistakes", subtitle: "and what was said", isActive: true), in: rect).inset(
      horizontal: 1, vertical: 0)
    guard !report.mistakes.isEmpty else {
      canvas.text("none: every image was right", in: inside.row(0), look[.good])
      return
    }
    let selection = min(mistakeSelection, report.mistakes.count - 1)
    let items = report.mistakes.map { mistake in
      ContactSheet.Item(Picture(mistake.picture), caption: className(mistake.predicted), .bad)
    }
    let sheet = inside.droppingBottom(inside.height > 6 ? 2 : 0)
    canvas.draw(ContactSheet(items, selection: selection, tileWidth: tileWidth(items.count, in: sheet)), in: sheet)
    guard inside.height > 6 else { return }
    let chosen = report.mistakes[selection]
    let sure = NumberFormat.percent(1).text(Double(chosen.probability))
    canvas.spans(
      [
        Span(className(chosen.label), look[.good]), Span(" taken for ", look[.dim]), Span(className(chosen.predicted), look[.bad]),
        Span(", \(sure) sure", look[.dim]),
      ], x: inside.x, y: inside.bottom - 2, limit: inside.width)
    canvas.text(chosen.path, in: inside.row(inside.height - 1), look[.dim], keepingEnd: true)
  }
}

extension PredictionReport {
  /// Whether the worst mistakes are known, or there are none: what a run keeps on disk is without them.
  fileprivate var hasPictures: Bool {
    let right = (0..<classCount).reduce(0) { $0 + confusion[$1 * classCount + $1] }
    return !mistakes.isEmpty || right == confusion.reduce(0, +)
  }
}
