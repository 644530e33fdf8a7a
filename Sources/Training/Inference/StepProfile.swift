import Foundation
import Kernels
import NeuralNetwork
import TrainingEvents

/// Where the time of a training step goes, layer by layer, against what the machine allows.
public struct StepProfile: Sendable {
  public struct Row: Sendable {
    /// The layer whose weights the work uses; "update" for the optimizer, "other" for what no layer accounts for.
    public let layer: String
    public let forwardSeconds: Double
    public let backwardSeconds: Double
    public let flops: Double
    /// Bytes that must move at least.
    public let bytes: Double

    public var seconds: Double { forwardSeconds + backwardSeconds }
    public var flopsPerSecond: Double { seconds > 0 ? flops / seconds : 0 }
    public var bytesPerSecond: Double { seconds > 0 ? bytes / seconds : 0 }

    /// The part of the time that the machine's limits make unavoidable, in 0 ... 1.
    public func shareOfLimit(_ limits: MachineLimits) -> Double {
      seconds > 0 ? limits.leastSeconds(flops: flops, bytes: bytes) / seconds : 0
    }
  }

  /// In the network's order, then "update" and "other".
  public let rows: [Row]
  /// Mean of a whole step.
  public let stepSeconds: Double
  public let limits: MachineLimits

  /// All rows together.
  public var whole: Row {
    Row(
      layer: "step", forwardSeconds: rows.reduce(0) { $0 + $1.forwardSeconds }, backwardSeconds: rows.reduce(0) { $0 + $1.backwardSeconds },
      flops: rows.reduce(0) { $0 + $1.flops }, bytes: rows.reduce(0) { $0 + $1.bytes })
  }

  /// Measures `steps` steps of one batch, after two to warm up.
  ///
  /// - Throws: `PlanError`
  public init(_ network: Network, store: ParameterStore, engine: Engine, batch: StepBenchmark.Batch, imageSize: Int, steps: Int) throws {
    try engine.checkMemory(MemoryNeed(batches: MachineLimits.byteCount))
    limits = MachineLimits(engine.pool, engine.kernels)
    let executor = Executor(network: network, store: store, engine: engine)
    let optimizer = Optimizer(.sgd(momentum: 0.9, decay: 1e-4), store: store, engine: engine)
    let plan = try executor.plan(PlanKey(batch: batch.labels.count, height: imageSize, width: imageSize, mode: .training))
    var whole: UInt64 = 0, updates: UInt64 = 0
    for step in 0..<steps + 2 {
      plan.fill(batch)
      if step == 2 { plan.resetTimings() }
      let begin = DispatchTime.now().uptimeNanoseconds
      executor.run(plan, StepContext(seed: 0, step: step))
      let afterRun = DispatchTime.now().uptimeNanoseconds
      optimizer.step(learningRate: 0.01)
      let end = DispatchTime.now().uptimeNanoseconds
      if step >= 2 {
        whole += end - begin
        updates += end - afterRun
      }
    }
    let seconds = { (nanoseconds: UInt64) in Double(nanoseconds) * 1e-9 / Double(steps) }
    var rows = StepTiming.byLayer([plan]).map { timing in
      Row(
        layer: timing.layer, forwardSeconds: Double(timing.forwardNanoseconds) * 1e-9,
        backwardSeconds: Double(timing.backwardNanoseconds) * 1e-9, flops: timing.operations, bytes: timing.bytes)
    }
    // Reads gradient, value and velocity, writes the last two.
    let parameters = Double(network.parameterCount)
    rows.append(
      Row(layer: "update", forwardSeconds: 0, backwardSeconds: seconds(updates), flops: 6 * parameters, bytes: 20 * parameters))
    stepSeconds = seconds(whole)
    let accounted = rows.reduce(0) { $0 + $1.seconds }
    rows.append(Row(layer: "other", forwardSeconds: max(0, stepSeconds - accounted), backwardSeconds: 0, flops: 0, bytes: 0))
    self.rows = rows
  }
}
