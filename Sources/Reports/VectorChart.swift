import NumberFormats
import Terminal

/// One curve of a chart in the report.
struct VectorSeries {
  /// From 1: colour and marker.
  var number: Int
  var name: String
  var points: [(x: Double, y: Double)]
  /// What the curve was averaged of: extremes, column by column.
  var band: [(x: Double, low: Double, high: Double)] = []
  /// Whether each point has a marker.
  var hasMarkers = true
  var hasLine = true
}

/// A chart as SVG: curves, axes with round ticks, no script.
struct VectorChart {
  var title: String
  var xName: String
  var series: [VectorSeries]
  var xLabels = AxisLabels.number
  var yLabels = AxisLabels.number
  var isIntegral = false
  /// Names in place of the numbers 1, 2, 3... of the horizontal axis.
  var xNames: [String] = []
  /// Whether the horizontal axis begins at zero.
  var startsAtZero = false
  var valueFormat = NumberFormat.fixed(4)
  /// Places where something happened, each a line over the whole height with its name.
  var boundaries: [ChartBoundary] = []

  private static let size = (width: 620.0, height: 300.0)
  private static let plot = (left: 56.0, top: 12.0, right: 604.0, bottom: 262.0)

  /// nil where there is nothing to draw.
  var svg: String? {
    let xs = series.flatMap { $0.points.map(\.x) }.filter(\.isFinite)
    var ys = series.flatMap { $0.points.map(\.y) }.filter(\.isFinite)
    for item in series { ys += item.band.flatMap { [$0.low, $0.high] }.filter(\.isFinite) }
    guard let left = xs.min(), let right = xs.max(), let low = ys.min(), let high = ys.max() else { return nil }
    let margin = max((high - low) * 0.06, abs(high) * 1e-3, 1e-6)
    let y = ChartScale(low - margin...high + margin)
    let x = xScale(left, right)
    let body =
      grid(x, y) + boundaries.filter { x.range.contains($0.x) }.map { draw($0, x, y) }.joined() + series.map { draw($0, x, y) }.joined()
    return
      "<svg viewBox=\"0 0 \(Markup.number(Self.size.width)) \(Markup.number(Self.size.height))\" role=\"img\" aria-label=\"\(Markup.escaped(title))\">\(body)</svg>"
  }

  private func xScale(_ left: Double, _ right: Double) -> ChartScale {
    if !xNames.isEmpty { return ChartScale(0.5...Double(xNames.count) + 0.5) }
    if startsAtZero { return ChartScale(0...max(right * 1.15, 1e-9)) }
    return ChartScale(left < right ? left...right : left - 0.5...left + 0.5)
  }

  private func place(_ x: Double, _ y: Double, _ xScale: ChartScale, _ yScale: ChartScale) -> (x: Double, y: Double) {
    let plot = Self.plot
    return (
      plot.left + xScale.share(x) * (plot.right - plot.left), plot.bottom - yScale.share(y) * (plot.bottom - plot.top)
    )
  }

  private func grid(_ x: ChartScale, _ y: ChartScale) -> String {
    let plot = Self.plot
    var text = ""
    for tick in AxisTicks(y, atMost: 6, labels: yLabels).ticks {
      let row = Markup.number(place(x.range.lowerBound, tick.value, x, y).y)
      text += "<path class=\"grid\" d=\"M\(Markup.number(plot.left)) \(row)H\(Markup.number(plot.right))\"/>"
      text += "<text class=\"tick\" x=\"\(Markup.number(plot.left - 8))\" y=\"\(row)\" dy=\"4\" text-anchor=\"end\">\(tick.label)</text>"
    }
    let ticks =
      xNames.isEmpty
      ? AxisTicks(x, atMost: 9, labels: xLabels, isIntegral: isIntegral).ticks.map { ($0.value, $0.label) }
      : xNames.enumerated().map { (Double($0 + 1), $1) }
    for (value, label) in ticks {
      let column = Markup.number(place(value, y.range.lowerBound, x, y).x)
      text += "<path class=\"axis\" d=\"M\(column) \(Markup.number(plot.bottom))v5\"/>"
      text +=
        "<text class=\"tick\" x=\"\(column)\" y=\"\(Markup.number(plot.bottom + 18))\" text-anchor=\"middle\">\(Markup.escaped(label))</text>"
    }
    text += "<path class=\"axis\" d=\"M\(Markup.number(plot.left)) \(Markup.number(plot.bottom))H\(Markup.number(plot.right))\"/>"
    return text
      + "<text class=\"tick\" x=\"\(Markup.number(plot.right))\" y=\"\(Markup.number(plot.bottom + 34))\" text-anchor=\"end\">\(Markup.escaped(xName))</text>"
  }

  private func draw(_ boundary: ChartBoundary, _ x: ChartScale, _ y: ChartScale) -> String {
    let plot = Self.plot
    let column = place(boundary.x, y.range.lowerBound, x, y).x
    // Beside the line, on the side with more room.
    let isLeft = column > (plot.left + plot.right) / 2
    return "<path class=\"boundary\" d=\"M\(Markup.number(column)) \(Markup.number(plot.top))V\(Markup.number(plot.bottom))\"/>"
      + "<text class=\"tick\" x=\"\(Markup.number(column + (isLeft ? -4 : 4)))\" y=\"\(Markup.number(plot.top + 10))\" "
      + "text-anchor=\"\(isLeft ? "end" : "start")\">\(Markup.escaped(boundary.label))</text>"
  }

  private func draw(_ item: VectorSeries, _ x: ChartScale, _ y: ChartScale) -> String {
    let color = "s\((item.number - 1) % 8 + 1)"
    var text = ""
    let band = item.band.filter { $0.low.isFinite && $0.high.isFinite }
    if band.count > 1 {
      let edge = band.map { place($0.x, $0.high, x, y) } + band.reversed().map { place($0.x, $0.low, x, y) }
      text += "<polygon class=\"band \(color)\" points=\"\(Markup.points(edge))\"/>"
    }
    let points = item.points.filter { $0.x.isFinite && $0.y.isFinite }
    if item.hasLine && points.count > 1 {
      text += "<polyline class=\"line \(color)\" points=\"\(Markup.points(points.map { place($0.x, $0.y, x, y) }))\"/>"
    }
    guard item.hasMarkers || points.count == 1 else { return text }
    for point in points {
      let at = place(point.x, point.y, x, y)
      text += Markup.marker(item.number, x: at.x, y: at.y, title: "\(item.name): \(valueFormat.text(point.y))")
      if !item.hasLine {
        text += "<text class=\"tick\" x=\"\(Markup.number(at.x + 9))\" y=\"\(Markup.number(at.y + 4))\">\(Markup.escaped(item.name))</text>"
      }
    }
    return text
  }
}
