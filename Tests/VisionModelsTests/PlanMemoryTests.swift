import Glibc
import Kernels
import NeuralNetwork
import Tensors
import Testing
import VisionModels

/// A step may touch only buffers that it announced: what others hold may be anything by then.
@Suite struct PlanMemoryTests {
  private static let cases: [(model: String, size: Int)] = [
    ("mobilevit_xxs", 48), ("mobilenet_v2", 33), ("tutorial_mobilevit_xxs", 64),
  ]

  /// Before each step, all of the arena that holds no content for it, and all scratch, become NaN: down to the slack behind
  /// each buffer and the buffers that the step is the first to write. Every bit of the outcome must stay the same.
  @Test(arguments: cases, [PlanKey.Mode.training, .evaluation])
  func stepsReadNothingButWhatIsLeftForThem(_ subject: (model: String, size: Int), mode: PlanKey.Mode) throws {
    for kernels in KernelSet.available {
      let plain = try outcome(subject.model, subject.size, mode, kernels, isSpoilt: false)
      let spoilt = try outcome(subject.model, subject.size, mode, kernels, isSpoilt: true)
      #expect(plain == spoilt, "\(subject.model) on \(kernels)")
      #expect(plain.loss.isFinite)
    }
  }

  private struct Outcome: Equatable {
    let loss: Double
    let logits: [Float]
    let gradients: [Float]
    let parameters: [Float]
  }

  private func outcome(_ model: String, _ size: Int, _ mode: PlanKey.Mode, _ kernels: String, isSpoilt: Bool) throws -> Outcome {
    let network = try Catalogue.network(model, classes: 5, dropout: 0.3)
    let store = ParameterStore(network)
    store.initialize(seed: 4)
    let engine = try Engine(threads: 1, kernelsNamed: kernels)
    let executor = Executor(network: network, store: store, engine: engine)
    let plan = try executor.plan(PlanKey(batch: 3, height: size, width: size, mode: mode))
    if isSpoilt { executor.beforeStep = { spoil($0, before: $1, engine) } }
    let random = CounterRandom(seed: 3, purpose: .test)
    var loss = 0.0
    // Twice: what the first run leaves must not matter to the second.
    for step in 0..<2 {
      for i in plan.input.indices { plan.input[i] = 2 * random.uniform(UInt64(i)) - 1 }
      [Int32](0..<3).withUnsafeBufferPointer { plan.setTargets(labels: $0, smoothing: 0.1) }
      loss = executor.run(plan, StepContext(seed: 1, step: step)).loss
    }
    let parameters = store.parameters.indices.flatMap { Array(store.values($0)) }
    return Outcome(loss: loss, logits: Array(plan.logits), gradients: Array(store.allGradients), parameters: parameters)
  }

  private func spoil(_ plan: Plan, before step: Int, _ engine: Engine) {
    // All bits set is a NaN.
    engine.pool.run(chunks: 1) { _, scratch in memset(scratch, 0xFF, plan.scratch * MemoryLayout<Float>.stride) }
    let held = plan.placements.filter { $0.holdsContent(before: step) }.map(\.bytes).sorted { $0.lowerBound < $1.lowerBound }
    var end = 0
    for bytes in held {
      precondition(bytes.lowerBound >= end, "two live buffers overlap")
      memset(plan.arenaBase + end, 0xFF, bytes.lowerBound - end)
      end = bytes.upperBound
    }
    memset(plan.arenaBase + end, 0xFF, plan.arenaBytes - end)
  }
}
