import NumberFormats
import RunHistory
import Terminal
import TrainingEvents

/// The columns of the layers' table.
enum LayerColumn: Int, CaseIterable {
  case network, name, forward, backward, speed, total

  var order: LayerTimes.Order {
    switch self {
    case .network: .network
    case .name: .name
    case .forward: .forward
    case .backward: .backward
    case .speed: .speed
    case .total: .total
    }
  }

  var startsAscending: Bool { self == .network || self == .name }
}

extension DashboardModel {
  func drawLayers(on canvas: inout Canvas, in rect: Rect) {
    let look = canvas.look
    guard let model = focusedModel, let breakdown = focusedBreakdown else {
      let inside = canvas.box(Box("layers", isActive: true), in: rect).inset(horizontal: 1, vertical: 0)
      let text =
        mode == .watching
        ? "the times of layers stand in no log; they are measured while a model trains here" : "no step was timed yet"
      canvas.draw(Paragraph(text, look[.dim]), in: inside)
      return
    }
    let times = LayerTimes(breakdown)
    let other = times.rows.last?.share ?? 0
    let trailing = [
      Span("step ", look[.dim]), Span(NumberFormat.time.text(times.total), look[.text].adding(.bold)),
      Span("  other ", look[.dim]), Span(NumberFormat.percent(1).text(other), look[other > 0.05 ? .warning : .good]),
    ]
    let inside = canvas.box(Box("layers", subtitle: model.name, trailing: trailing, isActive: true), in: rect)
      .inset(horizontal: 1, vertical: 0)
    canvas.draw(layerTable(times), in: inside)
  }

  func layerTable(_ times: LayerTimes) -> Table {
    let column = LayerColumn.allCases[layerTable.column]
    let rows = times.sorted(by: column.order, ascending: layerTable.isAscending)
    let places = Dictionary(times.rows.enumerated().map { ($1.name, $0 + 1) }, uniquingKeysWith: { first, _ in first })
    let largest = rows.reduce(0) { max($0, $1.share) }
    let milliseconds = NumberFormat.fixed(2)
    let cells = rows.map { row -> [TableCell] in
      let isLayer = row.kind == .layer
      return [
        TableCell(isLayer ? "\(places[row.name] ?? 0)" : "", .dim), TableCell(row.name, isLayer ? .text : .dim),
        TableCell(row.forward > 0 ? milliseconds.text(row.forward * 1e3) : "", .text),
        TableCell(row.backward > 0 ? milliseconds.text(row.backward * 1e3) : "", .text),
        TableCell(row.operationsPerSecond.map { NumberFormat.fixed(1).text($0 * 1e-9) } ?? "", .text),
        TableCell(NumberFormat.percent(1).text(row.share, width: 6), row.kind == .other && row.share > 0.05 ? .warning : .text),
        TableCell(bar: largest > 0 ? row.share / largest : 0, isLayer ? .series1 : .series6),
      ]
    }
    return Table(
      [
        TableColumn("#", .trailing), TableColumn("layer", .leading, .flexible(16)), TableColumn("forward ms", .trailing),
        TableColumn("backward ms", .trailing), TableColumn("GFLOP/s", .trailing), TableColumn("share", .trailing, .fixed(7)),
        TableColumn("", .leading, .flexible(10)),
      ], rows: cells, selection: layerTable.selection, sorting: (layerTable.column, layerTable.isAscending))
  }
}
