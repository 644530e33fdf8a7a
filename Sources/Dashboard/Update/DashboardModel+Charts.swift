import RunHistory
import Terminal

extension DashboardModel {
  /// Moves cursor and window of the charts.
  mutating func navigate(_ action: DashboardAction) {
    guard let extent else { return }
    // Ten points of a sparse curve are as far as it is worth going in.
    let least = axis == .step ? 4.0 : (extent.upperBound - extent.lowerBound) / 1e6
    switch action {
    case .zoomIn: window.zoom(by: 0.5, around: cursor, in: extent, least: least)
    case .zoomOut: window.zoom(by: 2, around: cursor, in: extent, least: least)
    case .panLeft: window.pan(by: -0.25, in: extent)
    case .panRight: window.pan(by: 0.25, in: extent)
    case .whole: window = .whole
    case .follow:
      window.follow()
      cursor = nil
    case .moveCursor(let direction): moveCursor(direction, in: extent, byPoint: false)
    case .moveCursorByPoint(let direction): moveCursor(direction, in: extent, byPoint: true)
    default: break
    }
    if window == .whole, case .panLeft = action { say("all is in view; + zooms in", .dim) }
  }

  /// Moves the cursor by a column of the chart, but always to another point of the curve that it rides on.
  private mutating func moveCursor(_ direction: Int, in extent: ClosedRange<Double>, byPoint: Bool) {
    guard let (curve, stepsPerEpoch) = leadingCurve, !curve.isEmpty else { return }
    let range = window.range(in: extent)
    guard let from = cursor, let place = curve.nearestIndex(to: from, on: axis, stepsPerEpoch: stepsPerEpoch) else {
      // The first stroke puts it on the newest point in view.
      let place = max(0, curve.firstIndex(from: range.upperBound.nextUp, on: axis, stepsPerEpoch: stepsPerEpoch) - 1)
      cursor = curve.position(place, on: axis, stepsPerEpoch: stepsPerEpoch)
      return
    }
    let column = (range.upperBound - range.lowerBound) / Double(max(10, chartColumns))
    let wanted = from + Double(direction) * column
    var next = byPoint ? place + direction : curve.nearestIndex(to: wanted, on: axis, stepsPerEpoch: stepsPerEpoch) ?? place
    if next == place || (next - place) * direction < 0 { next = place + direction }
    next = min(max(0, next), curve.count - 1)
    let x = curve.position(next, on: axis, stepsPerEpoch: stepsPerEpoch)
    cursor = x
    window.show(x, in: extent)
  }

  /// The curve that the cursor rides on: the training loss, or what there is.
  private var leadingCurve: (Curve, stepsPerEpoch: Double)? {
    for place in chartModels {
      let model = history.models[place]
      let evaluationFirst = screen == .comparison && !comparisonCharts.contains(.trainingLoss)
      let loss = model.curve(.loss, evaluationFirst ? .evaluation : .training)
      let curve = loss ?? model.entries.max { $0.curve.count < $1.curve.count }?.curve
      if let curve { return (curve, model.stepsPerEpoch ?? 1) }
    }
    return nil
  }

  /// Columns of a chart on the present screen, nearly.
  private var chartColumns: Int {
    let isSingle = screen == .comparison ? comparisonCharts.count == 1 : enlarged != nil || size.width < 76
    return isSingle ? size.width - 12 : size.width / 2 - 12
  }
}
