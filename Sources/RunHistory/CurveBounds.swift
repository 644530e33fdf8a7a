/// From where to where the curves of a model reach, on the axes that need no more than the points.
struct CurveBounds: Sendable {
  private var steps: (low: Int, high: Int)?
  private var times: (low: Double, high: Double)?

  mutating func include(_ curve: Curve) {
    guard let last = curve.last else { return }
    let first = curve[0]
    steps = (min(first.step, steps?.low ?? .max), max(last.step, steps?.high ?? .min))
    times = (min(first.activeSeconds, times?.low ?? .infinity), max(last.activeSeconds, times?.high ?? -.infinity))
  }

  func range(on axis: CurveAxis, stepsPerEpoch: Double) -> ClosedRange<Double>? {
    guard let steps, let times else { return nil }
    switch axis {
    case .step: return Double(steps.low)...Double(steps.high)
    case .epoch: return Double(steps.low) / stepsPerEpoch...Double(steps.high) / stepsPerEpoch
    case .time: return times.low...times.high
    }
  }
}
