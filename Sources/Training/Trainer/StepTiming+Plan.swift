import NeuralNetwork
import TrainingEvents

extension StepTiming {
  /// The steps of plans of one network summed by layer, in the order of their first appearance: means over all runs.
  static func byLayer(_ plans: [Plan]) -> [StepTiming] {
    var places: [String: Int] = [:]
    var timings: [StepTiming] = []
    let runs = max(plans.reduce(0) { $0 + $1.runs }, 1)
    for plan in plans {
      let share = Double(plan.runs) / Double(runs)
      for (step, nanoseconds) in zip(plan.steps, plan.nanoseconds) {
        let place = places[step.layer] ?? timings.count
        if place == timings.count {
          places[step.layer] = place
          timings.append(StepTiming(layer: step.layer, forwardNanoseconds: 0, backwardNanoseconds: 0, operations: 0, bytes: 0))
        }
        switch step.pass {
        case .forward, .loss: timings[place].forwardNanoseconds += nanoseconds
        case .backward, .reduction: timings[place].backwardNanoseconds += nanoseconds
        }
        timings[place].operations += Double(step.flops) * share
        timings[place].bytes += Double(step.bytes) * share
      }
    }
    for place in timings.indices {
      timings[place].forwardNanoseconds /= UInt64(runs)
      timings[place].backwardNanoseconds /= UInt64(runs)
    }
    return timings
  }
}
