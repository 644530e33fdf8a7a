/// Names, glyphs and figures of a chart's series; at the cursor their values there.
struct ChartLegend {
  private var lines: [[Span]] = []

  init(_ chart: LineChart, width: Int, look: Look) {
    guard width > 0 else { return }
    lines = Self.lines(chart, width, names: 0, look)
    // Figures under each other in columns where there is more than one line.
    if lines.count > 1 { lines = Self.lines(chart, width, names: chart.series.reduce(0) { max($0, $1.name.columns) }, look) }
  }

  private static func lines(_ chart: LineChart, _ width: Int, names: Int, _ look: Look) -> [[Span]] {
    var lines: [[Span]] = []
    var line: [Span] = []
    for series in chart.series {
      let item = item(series, atCursor: chart.cursor != nil, names: names, look)
      if !line.isEmpty && line.columns + 3 + item.columns > width {
        lines.append(line)
        line = []
      }
      if !line.isEmpty { line.append(Span("   ", look[.dim])) }
      line += item
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  /// As many rows as the series need while the plot keeps two thirds of the height.
  func rows(inHeight height: Int) -> Int { height < 5 ? 0 : min(lines.count, max(1, height / 3)) }

  func draw(on canvas: inout Canvas, in rect: Rect) {
    for (index, line) in lines.prefix(rect.height).enumerated() {
      canvas.draw(Line(line), in: rect.row(index))
    }
  }

  private static func item(_ series: ChartSeries, atCursor: Bool, names: Int, _ look: Look) -> [Span] {
    let style = look.series(series.number, at: 1)
    var spans = [Span(sample(series, look), style), Span(" " + series.name.padded(to: names), look[.text])]
    if atCursor {
      spans.append(Span(" \((series.readout ?? "-").padded(to: 6, .trailing))", look[.text].adding(.bold)))
    } else if let last = series.last {
      let isFinite = last.isFinite
      spans.append(Span(" \(series.format.text(last, width: 6))", isFinite ? look[.text].adding(.bold) : look[.bad]))
    }
    if let best = series.best {
      spans.append(Span(" best", look[.dim]))
      spans.append(Span(" \(series.format.text(best, width: 6))", look[.good]))
    }
    return spans
  }

  /// The curve in small: its stroke around its glyph.
  private static func sample(_ series: ChartSeries, _ look: Look) -> String {
    let marker = String(Character(look.marker(series.number)))
    let dash: String
    switch series.stroke {
    case .solid: dash = "─"
    case .dashed: dash = "╌"
    case .dotted: dash = "┈"
    case .points: return " \(marker) "
    }
    return dash + marker + dash
  }
}
