import NumberFormats

/// How a curve is drawn, so that curves are told apart without colour too.
public enum Stroke: Hashable, Sendable {
  case solid, dashed, dotted
  /// Only the points, each with its glyph.
  case points

  /// The stroke that series `number` has of itself.
  public static func series(_ number: Int) -> Stroke { [.solid, .dashed, .dotted][((number - 1) % 3 + 3) % 3] }
}

/// One curve of a chart.
public struct ChartSeries: Hashable, Sendable {
  public var name: String
  /// From 1: which colours and which glyph.
  public var number: Int
  /// In ascending x: the curve that is read.
  public var samples: [ChartSample]
  /// In ascending x: the curve before smoothing, dim behind the other.
  public var raw: [ChartSample]
  /// What is not finite, besides samples that are not.
  public var marks: [ChartMark]
  public var stroke: Stroke
  /// For the legend.
  public var last: Double?
  public var best: Double?
  /// The value at the cursor exactly as logged; shown in the legend while the chart has a cursor.
  public var readout: String?
  /// How the legend writes `last` and `best`.
  public var format: NumberFormat

  public init(
    _ name: String, number: Int, samples: [ChartSample], raw: [ChartSample] = [], marks: [ChartMark] = [], stroke: Stroke? = nil,
    last: Double? = nil, best: Double? = nil, readout: String? = nil, format: NumberFormat = .fixed(4)
  ) {
    self.name = name
    self.number = number
    self.samples = samples
    self.raw = raw
    self.marks = marks
    self.stroke = stroke ?? .series(number)
    self.last = last
    self.best = best
    self.readout = readout
    self.format = format
  }
}

/// One axis of a chart.
public struct ChartAxis: Hashable, Sendable {
  /// What is counted along it: "step".
  public var name: String
  /// nil for what the series need.
  public var range: ClosedRange<Double>?
  public var isLogarithmic: Bool
  public var labels: AxisLabels
  /// No ticks between whole numbers.
  public var isIntegral: Bool

  public init(
    _ name: String = "", range: ClosedRange<Double>? = nil, isLogarithmic: Bool = false, labels: AxisLabels = .number,
    isIntegral: Bool = false
  ) {
    self.name = name
    self.range = range
    self.isLogarithmic = isLogarithmic
    self.labels = labels
    self.isIntegral = isIntegral
  }
}

/// A place where a run was taken up again, or anything else that happened at one x.
public struct ChartBoundary: Hashable, Sendable {
  public var x: Double
  public var label: String

  public init(x: Double, label: String = "") {
    self.x = x
    self.label = label
  }
}

/// Curves over one x axis, with ticks, legend, cursor and marks.
///
/// The vertical axis ends exactly at the highest value in view, so that a spike reaches the top row. A logarithmic axis leaves out
/// what is not positive.
public struct LineChart: Widget, Sendable {
  public var series: [ChartSeries]
  public var xAxis: ChartAxis
  public var yAxis: ChartAxis
  public var boundaries: [ChartBoundary]
  /// The x of the cursor, and its text as logged.
  public var cursor: (x: Double, text: String)?
  public var showsLegend: Bool
  /// What stands in the middle while there is nothing to draw.
  public var emptyText: String

  public init(
    _ series: [ChartSeries], xAxis: ChartAxis = ChartAxis(isIntegral: true), yAxis: ChartAxis = ChartAxis(),
    boundaries: [ChartBoundary] = [], cursor: (x: Double, text: String)? = nil, showsLegend: Bool = true,
    emptyText: String = "waiting for the first values"
  ) {
    self.series = series
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.boundaries = boundaries
    self.cursor = cursor
    self.showsLegend = showsLegend
    self.emptyText = emptyText
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty else { return }
    guard let scales = ChartScales(self) else {
      canvas.text(emptyText, in: rect.centered(Size(width: rect.width, height: 1)), canvas.look[.dim], align: .center)
      return
    }
    let legend = ChartLegend(self, width: rect.width, look: canvas.look)
    let legendRows = showsLegend ? legend.rows(inHeight: rect.height) : 0
    legend.draw(on: &canvas, in: Rect(x: rect.x, y: rect.y, width: rect.width, height: legendRows))
    let frame = ChartFrame(rect.droppingTop(legendRows), scales, self)
    frame.drawAxes(on: &canvas)
    ChartCurves(chart: self, scales: scales, plot: frame.plot).draw(on: &canvas)
    frame.drawBoundaryLabels(on: &canvas)
    frame.drawCursor(on: &canvas)
  }
}

/// Both scales of a chart, fitted to its series where it does not say.
struct ChartScales {
  let x: ChartScale
  let y: ChartScale

  /// nil where there is nothing to draw: no finite value in view.
  init?(_ chart: LineChart) {
    let xs = chart.series.flatMap { series in
      [series.samples.first?.x, series.samples.last?.x, series.raw.first?.x, series.raw.last?.x].compactMap(\.self) + series.marks.map(\.x)
    }.filter { $0.isFinite && (!chart.xAxis.isLogarithmic || $0 > 0) }
    guard let xRange = chart.xAxis.range ?? Self.range(xs), !chart.xAxis.isLogarithmic || xRange.lowerBound > 0 else { return nil }
    x = ChartScale(xRange, isLogarithmic: chart.xAxis.isLogarithmic)
    let given = chart.yAxis.range.flatMap { !chart.yAxis.isLogarithmic || $0.lowerBound > 0 ? $0 : nil }
    guard let yRange = given ?? Self.fitted(chart, x.range) else { return nil }
    y = ChartScale(yRange, isLogarithmic: chart.yAxis.isLogarithmic)
  }

  private static func range(_ values: [Double]) -> ClosedRange<Double>? {
    guard let low = values.min(), let high = values.max() else { return nil }
    return low...high
  }

  /// From the lowest to the highest finite value in view, of the raw curves too.
  private static func fitted(_ chart: LineChart, _ xRange: ClosedRange<Double>) -> ClosedRange<Double>? {
    var low = Double.infinity
    var high = -Double.infinity
    let positive = chart.yAxis.isLogarithmic
    for series in chart.series {
      for sample in series.samples where sample.isFinite && xRange.contains(sample.x) { include(sample) }
      for sample in series.raw where sample.isFinite && xRange.contains(sample.x) { include(sample) }
    }
    func include(_ sample: ChartSample) {
      if !positive || sample.low > 0 { low = min(low, sample.low) } else if sample.high > 0 { low = min(low, sample.high) }
      if !positive || sample.high > 0 { high = max(high, sample.high) }
    }
    return low <= high ? low...high : nil
  }
}
