import Foundation
import NeuralNetwork
import Testing

/// Two machines, played by two threads, whose sums meet: together they must compute what one does with both batches.
@Suite struct ReductionTests {
  /// A step of two micro-batches of four images each, on one machine and on two.
  @Test func twoMachinesComputeWhatOneDoes() throws {
    let single = Rig(smallNetwork(dropout: 0.3))
    let expected = try losses(of: single, imagesPerRun: 4, machine: 0)

    let meeting = Meeting()
    let rigs = (0..<2).map { Rig(smallNetwork(dropout: 0.3), reduction: PairReduction(meeting, machine: $0)) }
    let results = Results()
    let threads = (0..<2).map { machine in
      Thread { [self] in
        results.set(machine, Result { try losses(of: rigs[machine], imagesPerRun: 2, machine: machine) })
      }
    }
    for thread in threads { thread.start() }
    for machine in 0..<2 {
      let losses = try results.wait(machine).get()
      for (loss, wanted) in zip(losses, expected) { #expect(abs(loss - wanted) < 1e-5 * wanted, "losses of machine \(machine)") }
      #expect(distance(rigs[machine].store.allGradients, single.store.allGradients) < 1e-4, "gradients of machine \(machine)")
      for (index, parameter) in single.store.parameters.enumerated() {
        #expect(distance(rigs[machine].store.values(index), single.store.values(index)) < 1e-5, "\(parameter.name)")
        guard parameter.isTrainable else { continue }
        let pair = (rigs[machine].store.gradients(index), single.store.gradients(index))
        #expect(distance(pair.0, pair.1) < 1e-3, "gradient of \(parameter.name) on machine \(machine)")
      }
    }
  }

  /// Machine m of n takes the m-th part of each micro-batch of four.
  private func losses(of rig: Rig, imagesPerRun: Int, machine: Int) throws -> [Double] {
    try (0..<2).map { part in
      try rig.run(batch: imagesPerRun, firstImage: 4 * part + machine * imagesPerRun) {
        $0.normalizer = 8
        $0.accumulates = part == 1
        $0.isLastMicroBatch = part == 1
      }.result.loss
    }
  }

  /// ||a - b|| / ||b||; absolute where b is next to nothing.
  private func distance(_ a: UnsafeMutableBufferPointer<Float>, _ b: UnsafeMutableBufferPointer<Float>) -> Double {
    let difference = zip(a, b).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    let size = b.reduce(0.0) { $0 + Double($1) * Double($1) }
    return size > 1e-10 ? (difference / size).squareRoot() : difference.squareRoot()
  }
}

/// What each of two threads came to.
private final class Results: @unchecked Sendable {  // guarded by `condition`
  private let condition = NSCondition()
  private var results: [Int: Result<[Double], any Error>] = [:]

  func set(_ machine: Int, _ result: Result<[Double], any Error>) {
    condition.withLock { results[machine] = result }
    condition.broadcast()
  }

  func wait(_ machine: Int) -> Result<[Double], any Error> {
    condition.withLock {
      while true {
        if let result = results[machine] { return result }
        condition.wait()
      }
    }
  }
}

/// Where two machines exchange arrays.
private final class Meeting: @unchecked Sendable {  // guarded by `condition`
  private let condition = NSCondition()
  private var brought: [Int: [Double]] = [:]
  private var taken = 0

  /// Both machines' arrays, the first machine's first.
  func exchange(_ machine: Int, _ values: [Double]) -> [[Double]] {
    condition.withLock {
      // The one before is over when both have taken it.
      while brought[machine] != nil { condition.wait() }
      brought[machine] = values
      condition.broadcast()
      while brought.count < 2 { condition.wait() }
      let both = [brought[0]!, brought[1]!]
      precondition(both[0].count == both[1].count, "the machines are at different places")
      taken += 1
      if taken == 2 {
        (brought, taken) = ([:], 0)
        condition.broadcast()
      } else {
        while taken == 1 { condition.wait() }
      }
      return both
    }
  }
}

private final class PairReduction: Reduction {
  private let meeting: Meeting
  private let machine: Int

  init(_ meeting: Meeting, machine: Int) {
    self.meeting = meeting
    self.machine = machine
  }

  var peers: Int { 2 }

  func moments(_ totals: UnsafeMutablePointer<Double>, channels: Int, rows: Int) {
    let both = meeting.exchange(machine, Array(UnsafeBufferPointer(start: totals, count: 2 * channels)))
    for c in 0..<channels {
      let delta = both[1][c] - both[0][c]
      totals[c] = (both[0][c] + both[1][c]) / 2
      totals[channels + c] = both[0][channels + c] + both[1][channels + c] + delta * delta * Double(rows) / 2
    }
  }

  func sum(_ totals: UnsafeMutablePointer<Double>, count: Int) {
    let both = meeting.exchange(machine, Array(UnsafeBufferPointer(start: totals, count: count)))
    for i in 0..<count { totals[i] = both[0][i] + both[1][i] }
  }

  func sum(_ gradients: UnsafeMutablePointer<Float>, count: Int) {
    let both = meeting.exchange(machine, UnsafeBufferPointer(start: gradients, count: count).map(Double.init))
    for i in 0..<count { gradients[i] = Float(both[0][i] + both[1][i]) }
  }
}
