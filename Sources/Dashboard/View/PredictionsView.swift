import Names
import NumberFormats
import Terminal
import TrainingEvents

extension DashboardModel {
  func drawPredictions(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    guard let model = focusedModel, let report = predictions[Name(model.name)] else {
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
    let left = rect.width >= 90 ? confusionAreas(report.counts, areas[0]) : [areas[0]]
    drawConfusion(report, on: &canvas, in: left[0])
    if left.count > 1 { drawClassScores(report, on: &canvas, in: left[1]) }
    drawMistakes(report, on: &canvas, in: areas[1])
  }

  /// For what was confused and, where there is room, for the classes under it.
  private func confusionAreas(_ counts: PredictionCounts, _ rect: Rect) -> [Rect] {
    guard counts.fitsMatrix else { return rect.rows([.rest, .rest]) }
    return rect.height >= 2 * counts.classCount + 6 ? rect.rows([.fixed(counts.classCount + 3), .rest]) : [rect]
  }

  /// The matrix or, where there are too many classes for one, the pairs that were confused most.
  private func drawConfusion(_ report: PredictionReport, on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let counts = report.counts
    let total = counts.imageCount
    let accuracy = total > 0 ? Double(counts.rightCount) / Double(total) : 0
    let isMatrix = counts.fitsMatrix
    let inside = canvas.box(
      Box(
        isMatrix ? "confusion" : "most confused",
        subtitle: isMatrix
          ? "rows are true, epoch \(report.epoch + 1)"
          : "of \(NumberFormat.integer.text(Double(counts.classCount))) classes, epoch \(report.epoch + 1)",
        trailing: [Span(NumberFormat.percent(2).text(accuracy), look[.good]), Span(" right", look[.dim])]), in: rect
    ).inset(horizontal: 1, vertical: 0)
    if let matrix = report.matrix {
      canvas.draw(ConfusionMatrix(names: matrix.indices.map { className($0, of: report.model) }, counts: matrix), in: inside)
    } else {
      canvas.draw(confusedPairs(report, atMost: inside.height - 1), in: inside)
    }
  }

  private func confusedPairs(_ report: PredictionReport, atMost rows: Int) -> Table {
    let cells = report.confused.prefix(max(0, rows)).map { confusion -> [TableCell] in
      let (pair, count) = (confusion.pair, confusion.count)
      let share = Double(count) / Double(report.counts.images[pair.label])
      return [
        TableCell(className(pair.label, of: report.model), .good), TableCell(className(pair.predicted, of: report.model), .bad),
        TableCell(NumberFormat.integer.text(Double(count))), TableCell(NumberFormat.percent(1).text(share, width: 6)),
        TableCell(bar: share, .series2),
      ]
    }
    return Table(
      [
        TableColumn("class", .leading), TableColumn("taken for", .leading), TableColumn("images", .trailing),
        TableColumn("share", .trailing, .fixed(6)), TableColumn("", .leading, .flexible(6)),
      ], rows: cells, emptyText: "none: every image was right")
  }

  /// Recall and precision of each class; of many classes the worst.
  private func drawClassScores(_ report: PredictionReport, on canvas: inout Canvas, in rect: Rect) {
    let counts = report.counts
    let isWhole = counts.fitsMatrix
    let inside = canvas.box(
      Box(isWhole ? "by class" : "worst classes", subtitle: "recall: of its images; precision: of its answers"), in: rect
    ).inset(horizontal: 1, vertical: 0)
    let percent = NumberFormat.percent(1)
    let classes = isWhole ? Array(0..<counts.classCount) : Array(report.worstClasses.prefix(max(0, inside.height - 1)))
    let rows = classes.map { index -> [TableCell] in
      let (right, actual, said) = (Double(counts.right[index]), counts.images[index], counts.predicted[index])
      let (recall, precision) = (actual > 0 ? right / Double(actual) : 0, said > 0 ? right / Double(said) : 0)
      return [
        TableCell(className(index, of: report.model), .dim), TableCell(actual > 0 ? percent.text(recall, width: 6) : "-"),
        TableCell(bar: recall, .series3),
        TableCell(said > 0 ? percent.text(precision, width: 9) : "-"), TableCell(bar: precision, .series1),
      ]
    }
    canvas.draw(
      Table(
        [
          TableColumn("class", .leading), TableColumn("recall", .trailing, .fixed(6)), TableColumn("", .leading, .flexible(8)),
          TableColumn("precision", .trailing, .fixed(9)), TableColumn("", .leading, .flexible(8)),
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
    canvas.draw(ContactSheet(items, selection: selection, tileWidth: tileWidth(report.mistakes.map(\.picture), in: sheet)), in: sheet)
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
  fileprivate var hasPictures: Bool { !mistakes.isEmpty || counts.wrong.isEmpty }
}
