/// The curves of a chart: dots of all series laid over each other, then the glyphs that mark them.
struct ChartCurves {
  let chart: LineChart
  let scales: ChartScales
  let plot: Rect

  func draw(on canvas: inout Canvas) {
    guard !plot.isEmpty else { return }
    let symbols = canvas.look.symbols
    var behind = DotRaster(columns: plot.width, rows: plot.height, symbols: symbols)
    var front = behind
    for (index, series) in chart.series.enumerated() {
      trace(series.raw, .solid, owner: UInt8(clamping: index), on: &behind)
      trace(series.samples, series.stroke, owner: UInt8(clamping: index), on: &front)
    }
    compose(behind, on: &canvas, isBehind: true)
    compose(front, on: &canvas, isBehind: false)
    for (index, series) in chart.series.enumerated() { drawGlyphs(series, index, on: &canvas) }
    for series in chart.series { drawMarks(series, on: &canvas) }
  }

  /// Copies dots to cells, coloured by height. The front curve takes whole cells, so that it stays sharp before its raw twin.
  private func compose(_ raster: DotRaster, on canvas: inout Canvas, isBehind: Bool) {
    let look = canvas.look
    for row in 0..<raster.rows {
      let share = raster.rows > 1 ? 1 - Double(row) / Double(raster.rows - 1) : 1
      let styles = chart.series.map { Self.style($0.number, share, isBehind, look) }
      for column in 0..<raster.columns {
        guard let (owner, glyph) = raster.cell(column, row) else { continue }
        let series = Int(owner)
        canvas.put(
          glyph ?? (isBehind ? "," : look.marker(chart.series[series].number)), x: plot.x + column, y: plot.y + row, styles[series])
      }
    }
  }

  /// A curve's colour at a height; behind, faded halfway into the background.
  private static func style(_ number: Int, _ share: Double, _ isBehind: Bool, _ look: Look) -> Style {
    let style = look.series(number, at: isBehind ? 0 : share)
    guard isBehind else { return style }
    guard case .rgb(let color) = style.foreground, case .rgb(let ground) = look.background else {
      // Where colours cannot be mixed, what is behind is simply grey.
      return look.depth == .palette256 ? style.adding(.dim) : look[.faint]
    }
    return Style(.rgb(ground.mixed(with: color, 0.55)))
  }

  // MARK: Tracing

  private func trace(_ samples: [ChartSample], _ stroke: Stroke, owner: UInt8, on raster: inout DotRaster) {
    guard stroke != .points else { return }
    let across = Double(raster.width - 1)
    let down = Double(raster.height - 1)
    var previous: (x: Double, low: Double, high: Double)?
    for sample in samples {
      guard sample.isFinite, let span = heights(sample, down) else {
        if !sample.isFinite { previous = nil }
        continue
      }
      let x = scales.x.share(sample.x) * across
      guard x.isFinite else { continue }
      let isVisible = x >= -0.5 && x <= across + 0.5
      if isVisible { raster.setColumn(Int(x.rounded()), from: span.top, to: span.bottom, owner: owner) }
      if let last = previous, last.x <= across, x >= 0 {
        let (from, to) = Self.joint(last, (x, span.bottom, span.top))
        line(from: (last.x, from), to: (x, to), stroke, owner: owner, on: &raster)
      }
      previous = (x, span.bottom, span.top)
      if x > across { break }
    }
  }

  /// Dot rows of a sample's extremes, downward; nil where a logarithmic axis cannot hold it.
  private func heights(_ sample: ChartSample, _ down: Double) -> (top: Double, bottom: Double)? {
    let top = (1 - scales.y.share(sample.high)) * down
    var bottom = (1 - scales.y.share(sample.low)) * down
    guard top.isFinite else { return nil }
    if !bottom.isFinite { bottom = down }
    return (top, bottom)
  }

  /// The heights at which two neighbours are joined: where they overlap level, else from the nearer ends.
  private static func joint(
    _ a: (x: Double, low: Double, high: Double), _ b: (x: Double, low: Double, high: Double)
  ) -> (Double, Double) {
    // Rows count downward: `high` is the smaller number.
    let top = max(a.high, b.high)
    let bottom = min(a.low, b.low)
    if top <= bottom { return ((top + bottom) / 2, (top + bottom) / 2) }
    return a.low < b.high ? (a.low, b.high) : (a.high, b.low)
  }

  private func line(
    from a: (x: Double, y: Double), to b: (x: Double, y: Double), _ stroke: Stroke, owner: UInt8, on raster: inout DotRaster
  ) {
    let first = max(0, Int(max(a.x, -1).rounded()))
    let last = min(raster.width - 1, Int(min(b.x, Double(raster.width)).rounded()))
    guard first <= last else { return }
    let slope = b.x > a.x ? (b.y - a.y) / (b.x - a.x) : 0
    for column in first...last {
      // A gentle slope is one dot high in every column, a steep one reaches from the middle of one gap to the next.
      let half = abs(slope) > 1 ? 0.5 : 0
      let left = max(a.x, Double(column) - half)
      let right = min(b.x, Double(column) + half)
      let (y0, y1) = b.x > a.x ? (a.y + (left - a.x) * slope, a.y + (right - a.x) * slope) : (a.y, b.y)
      // A dashed curve keeps its steep parts whole: a gap must not hide a spike.
      if abs(y1 - y0) < 2 && !Self.isOn(column, stroke, raster.across) { continue }
      raster.setColumn(column, from: y0, to: y1, owner: owner)
    }
  }

  private static func isOn(_ column: Int, _ stroke: Stroke, _ across: Int) -> Bool {
    switch stroke {
    case .solid, .points: true
    case .dashed: column % (4 * across) < 3 * across - (across > 1 ? 1 : 0)
    case .dotted: column % (2 * across) < 1
    }
  }

  // MARK: Glyphs

  private func cell(_ x: Double, _ y: Double) -> Point? {
    let (sx, sy) = (scales.x.share(x), scales.y.share(y))
    guard sx >= 0, sx <= 1, sy >= 0, sy <= 1 else { return nil }
    return Point(
      x: plot.x + Int((sx * Double(plot.width - 1)).rounded()), y: plot.y + Int(((1 - sy) * Double(plot.height - 1)).rounded()))
  }

  /// Each point of a sparse curve gets the series' glyph; of a dense one the last, and where colour tells nothing one now and then.
  private func drawGlyphs(_ series: ChartSeries, _ index: Int, on canvas: inout Canvas) {
    let look = canvas.look
    let visible = series.samples.filter { $0.isFinite && scales.x.range.contains($0.x) }
    let isSparse = series.stroke == .points || visible.count * 4 <= plot.width
    let interval = 12
    var next = plot.x + 3 + index * interval / max(1, chart.series.count)
    for (place, sample) in visible.enumerated() {
      guard let point = cell(sample.x, sample.high) else { continue }
      let isDue = look.reliesOnShape && point.x >= next
      guard isSparse || isDue || place == visible.count - 1 else { continue }
      if isDue { next = point.x + interval }
      let share = plot.height > 1 ? 1 - Double(point.y - plot.y) / Double(plot.height - 1) : 1
      canvas.put(look.marker(series.number), x: point.x, y: point.y, look.series(series.number, at: share))
    }
  }

  /// What is not finite: NaN and +Inf in the top row of their column, -Inf in the bottom row, never within the axis' range.
  private func drawMarks(_ series: ChartSeries, on canvas: inout Canvas) {
    let look = canvas.look
    let found = series.samples.filter { !$0.low.isFinite || !$0.high.isFinite }
      .map { ChartMark(x: $0.x, .init($0.high.isFinite ? $0.low : $0.high)) }
    for mark in found + series.marks {
      let share = scales.x.share(mark.x)
      guard share >= 0, share <= 1 else { continue }
      let column = plot.x + Int((share * Double(plot.width - 1)).rounded())
      switch mark.kind {
      case .nan: canvas.put(look.symbol("✖", "N"), x: column, y: plot.y, look[.bad].adding(.bold))
      case .positiveInfinity: canvas.put(look.symbol("▲", "^"), x: column, y: plot.y, look[.bad].adding(.bold))
      case .negativeInfinity: canvas.put(look.symbol("▼", "v"), x: column, y: plot.bottom - 1, look[.bad].adding(.bold))
      }
    }
  }
}
