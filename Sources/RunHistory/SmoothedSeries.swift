import Foundation

/// A curve's exponential moving average, computed point by point and so the same at every zoom.
///
/// Debiased (Kingma and Ba, "Adam", section 3): each average is divided by the weight that the points so far have, so that
/// the first point is its own average and a constant stays constant. A point that is no finite number is passed over: its
/// place repeats the average before it, and is not finite if there is none.
struct SmoothedSeries: Sendable {
  /// How much of the average is kept at each point, from 0 to below 1.
  let weight: Double
  private(set) var pyramid = MinMaxPyramid()
  /// The averages in full precision, from any of which a truncated curve goes on.
  private var averages: ContiguousArray<Double> = []
  private var finitePoints = 0

  init(weight: Double) {
    precondition(weight > 0 && weight < 1, "a smoothing weight lies between 0 and 1")
    self.weight = weight
  }

  /// Takes in the values that were appended since.
  mutating func extend(over values: ContiguousArray<Float>) {
    var average = averages.last ?? .nan
    // From here on the divisor is 1 in double precision.
    let settled = Int(-40 / log(weight))
    var points = finitePoints
    for index in pyramid.count..<max(pyramid.count, values.count) {
      let value = Double(values[index])
      if value.isFinite {
        // The debiased average's own recurrence: the new point has the share (1 - w) / (1 - w^n), which is 1 for the first.
        points += 1
        let share = points < settled ? (1 - weight) / (1 - pow(weight, Double(points))) : 1 - weight
        average = points == 1 ? value : average + (value - average) * share
      }
      averages.append(average)
      pyramid.append(Float(average))
    }
    finitePoints = points
  }

  /// Forgets what belongs to values from `count` on.
  mutating func truncate(to count: Int, of values: ContiguousArray<Float>) {
    guard count < pyramid.count else { return }
    for index in count..<pyramid.count where values[index].isFinite { finitePoints -= 1 }
    averages.removeLast(averages.count - count)
    pyramid.truncate(to: count)
  }
}
