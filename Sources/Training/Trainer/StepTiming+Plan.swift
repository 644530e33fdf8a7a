import NeuralNetwork
import TrainingEvents

extension StepTiming {
  /// A plan's steps summed by layer, in the order of their first appearance.
  static func byLayer(_ plan: Plan) -> [StepTiming] {
    var places: [String: Int] = [:]
    var timings: [StepTiming] = []
    for (step, total) in zip(plan.steps, plan.nanoseconds) {
      let place = places[step.layer] ?? timings.count
      if place == timings.count {
        places[step.layer] = place
        timings.append(StepTiming(layer: step.layer, forwardNanoseconds: 0, backwardNanoseconds: 0, operations: 0, bytes: 0))
      }
      let nanoseconds = total / UInt64(max(plan.runs, 1))
      switch step.pass {
      case .forward, .loss: timings[place].forwardNanoseconds += nanoseconds
      case .backward, .reduction: timings[place].backwardNanoseconds += nanoseconds
      }
      timings[place].operations += Double(step.flops)
      timings[place].bytes += Double(step.bytes)
    }
    return timings
  }
}
