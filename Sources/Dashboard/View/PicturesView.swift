import Names
import NumberFormats
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
    let batch = focusedModel.flatMap { batches[Name($0.name)] }
    let selected = batch.flatMap { $0.items.isEmpty ? nil : $0.items[min(dataSelection, $0.items.count - 1)] }
    let areas = isWide ? rect.columns([.rest, .fraction(0.36)]) : rect.rows([.rest, .fixed(min(rect.height / 3, classes + 2))])
    drawBatch(on: &canvas, in: areas[0])
    // Under a short list of classes there is room for the chosen picture.
    guard isWide, let batch, let selected, classes > 0, areas[1].height - classes - 2 >= 10 else {
      return drawClasses(on: &canvas, in: areas[1])
    }
    let parts = areas[1].rows([.fixed(classes + 2), .rest])
    drawClasses(on: &canvas, in: parts[0])
    drawChosen(selected, of: batch.imageSize, on: &canvas, in: parts[1])
  }

  private func drawBatch(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    let batch = focusedModel.flatMap { batches[Name($0.name)] }
    let subtitle =
      batch.map { batch in
        let isReduced = batch.items.contains { $0.picture.width < batch.imageSize }
        return "step \(NumberFormat.integer.text(Double(batch.step))), as the network saw it" + (isReduced ? ", made smaller" : "")
      } ?? ""
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
      ContactSheet(items, selection: min(dataSelection, items.count - 1), tileWidth: tileWidth(batch.items.map(\.picture), in: inside)),
      in: inside)
  }

  /// - Parameter imageSize: pixels a side that the network saw.
  private func drawChosen(_ item: BatchPreview.Item, of imageSize: Int, on canvas: inout Canvas, in rect: Rect) {
    let isReduced = item.picture.width < imageSize
    let size = (isReduced ? "\(item.picture.width)x\(item.picture.height) of " : "") + "\(imageSize)x\(imageSize)"
    let inside = canvas.box(
      Box("image", subtitle: className(item.label), trailing: [Span(size, canvas.look[.dim])]), in: rect
    ).inset(horizontal: 1, vertical: 0)
    canvas.draw(PictureView(Picture(item.picture)), in: inside)
  }

  /// The widest tiles of which all can be seen, as wide as the pictures have pixels; small ones are shown larger, within reason.
  func tileWidth(_ pictures: [Thumbnail], in rect: Rect) -> Int {
    let count = pictures.count
    var width = pictures.reduce(32) { max($0, $1.width) }
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
}
