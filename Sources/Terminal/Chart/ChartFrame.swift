/// The plot's place within a chart, its axes, grid lines and cursor.
struct ChartFrame {
  let plot: Rect
  private let scales: ChartScales
  private let chart: LineChart
  private let xTicks: AxisTicks
  private let yTicks: AxisTicks
  private let hasAxisRows: Bool
  private let labelWidth: Int

  init(_ rect: Rect, _ scales: ChartScales, _ chart: LineChart) {
    self.scales = scales
    self.chart = chart
    hasAxisRows = rect.height >= 5
    let height = rect.height - (hasAxisRows ? 2 : 0)
    yTicks = Self.verticalTicks(scales.y, chart.yAxis, height)
    let name = chart.xAxis.name.columns
    let wanted = max(yTicks.labelWidth, hasAxisRows && name <= Self.shortName ? name - 1 : 0)
    labelWidth = rect.width >= wanted + 12 && height >= 2 ? wanted + 1 : 0
    let left = labelWidth > 0 ? labelWidth + 1 : 0
    plot = Rect(x: rect.x + left, y: rect.y, width: rect.width - left, height: height)
    xTicks =
      hasAxisRows
      ? AxisTicks(along: plot.width, scales.x, labels: chart.xAxis.labels, isIntegral: chart.xAxis.isIntegral)
      : AxisTicks(scales.x, atMost: 1)
  }

  /// As many ticks as leave a row free between any two labels.
  private static func verticalTicks(_ scale: ChartScale, _ axis: ChartAxis, _ height: Int) -> AxisTicks {
    var count = max(2, (height + 1) / 2)
    while true {
      let ticks = AxisTicks(scale, atMost: count, labels: axis.labels, isIntegral: axis.isIntegral)
      // Not whole numbers: on a logarithmic axis a share may be none at all.
      let rows = ticks.ticks.map { (scale.share($0.value) * Double(max(0, height - 1))).rounded() }
      if count <= 2 || zip(rows, rows.dropFirst()).allSatisfy({ abs($1 - $0) > 1 }) { return ticks }
      count = min(count - 1, max(2, ticks.ticks.count - 1))
    }
  }

  /// The column of an x within the plot; nil outside of it.
  private func column(_ x: Double) -> Int? {
    let share = scales.x.share(x)
    guard share >= 0, share <= 1, plot.width > 0 else { return nil }
    return plot.x + Int((share * Double(plot.width - 1)).rounded())
  }

  private func row(_ y: Double) -> Int? {
    let share = scales.y.share(y)
    guard share >= -1e-9, share <= 1 + 1e-9, plot.height > 0 else { return nil }
    return plot.y + Int(((1 - share) * Double(plot.height - 1)).rounded())
  }

  func drawAxes(on canvas: inout Canvas) {
    guard !plot.isEmpty else { return }
    let look = canvas.look
    if labelWidth > 0 {
      for y in 0..<plot.height { canvas.put(look.symbol("│", "|"), x: plot.x - 1, y: plot.y + y, look[.faint]) }
    }
    var taken: Set<Int> = []
    for tick in yTicks.ticks {
      // Two ticks may round to one row in a low plot: the first stays.
      guard let row = row(tick.value), taken.insert(row).inserted else { continue }
      canvas.fill(Rect(x: plot.x, y: row, width: plot.width, height: 1), look.symbol("┈", "."), look[.faint])
      guard labelWidth > 0 else { continue }
      canvas.text(tick.label, in: Rect(x: plot.x - 1 - labelWidth, y: row, width: labelWidth - 1, height: 1), look[.dim], align: .trailing)
      canvas.put(look.symbol("┤", "+"), x: plot.x - 1, y: row, look[.border])
    }
    drawBoundaries(on: &canvas)
    if hasAxisRows { drawXAxis(on: &canvas) }
  }

  private func drawXAxis(on canvas: inout Canvas) {
    let look = canvas.look
    canvas.fill(Rect(x: plot.x, y: plot.bottom, width: plot.width, height: 1), look.symbol("─", "-"), look[.faint])
    if labelWidth > 0 { canvas.put(look.symbol("└", "+"), x: plot.x - 1, y: plot.bottom, look[.faint]) }
    var end = plot.x
    for tick in xTicks.ticks {
      guard let column = column(tick.value) else { continue }
      canvas.put(look.symbol("┬", "+"), x: column, y: plot.bottom, look[.border])
      let span = AxisTicks.columns(of: tick, scales.x, plot.width)
      canvas.text(tick.label, x: plot.x + span.lowerBound, y: plot.bottom + 1, look[.dim], limit: max(0, plot.width - span.lowerBound))
      end = plot.x + span.upperBound
    }
    guard name > 0, nameIsBeside || end + 2 + name <= plot.right else { return }
    let x = nameIsBeside ? plot.x - 1 - labelWidth : plot.right - name
    canvas.text(chart.xAxis.name, x: x, y: plot.bottom + 1, look[.border].adding(.italic))
  }

  /// Short names stand under the y labels, longer ones at the axis' end if its labels leave room; never now here and now there.
  private var nameIsBeside: Bool { name <= Self.shortName && labelWidth > 0 }
  private var name: Int { chart.xAxis.name.columns }
  private static let shortName = 5

  private func drawBoundaries(on canvas: inout Canvas) {
    let look = canvas.look
    for boundary in chart.boundaries {
      guard let column = column(boundary.x) else { continue }
      for y in 0..<plot.height { canvas.put(look.symbol("┊", ":"), x: column, y: plot.y + y, look[.border]) }
    }
  }

  private static let free: Set<Unicode.Scalar> = [" ", "┈", ".", "┊", ":"]

  /// The boundaries' names beside their lines, where no curve runs: at the bottom, else at the top.
  func drawBoundaryLabels(on canvas: inout Canvas) {
    for boundary in chart.boundaries {
      let width = boundary.label.columns
      guard width > 0, let column = column(boundary.x), column + 1 + width <= plot.right else { continue }
      for y in [plot.bottom - 1, plot.y] {
        let place = Rect(x: column + 1, y: y, width: width, height: 1).intersection(canvas.bounds)
        guard (place.x..<place.right).allSatisfy({ Self.free.contains(canvas.grid[$0, y].glyph.scalar) }), place.width == width else {
          continue
        }
        canvas.text(boundary.label, in: place, canvas.look[.dim])
        break
      }
    }
  }

  /// The cursor's line, where no curve runs, and its x on the axis.
  func drawCursor(on canvas: inout Canvas) {
    guard let cursor = chart.cursor, let column = column(cursor.x) else { return }
    let look = canvas.look
    let line = look.symbol("│", "|")
    for y in plot.y..<plot.bottom {
      guard canvas.bounds.contains(x: column, y: y) else { continue }
      if Self.free.contains(canvas.grid[column, y].glyph.scalar) { canvas.put(line, x: column, y: y, look[.cursor]) }
    }
    guard hasAxisRows else { return }
    let width = min(cursor.text.columns + 2, plot.width)
    let start = max(plot.x, min(column - width / 2, plot.right - width))
    let label = Rect(x: start, y: plot.bottom, width: width, height: 1)
    canvas.clear(label, look.selection)
    canvas.text(cursor.text, in: label, look.selection, align: .center)
  }
}
