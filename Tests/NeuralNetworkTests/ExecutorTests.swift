import Kernels
import NeuralNetwork
import Tensors
import Testing

@Suite struct ExecutorTests {
  /// Every parameter's gradient against a central difference of the loss along a random direction.
  @Test(arguments: [14, 12])
  func gradientsAgreeWithFiniteDifferences(size: Int) throws {
    let rig = Rig(smallNetwork(dropout: 0.3))
    _ = try rig.run(batch: 3, size: size)
    let gradients = Array(rig.store.allGradients)
    for (index, parameter) in rig.store.parameters.enumerated() where parameter.isTrainable {
      let values = rig.store.values(index), saved = Array(values)
      let random = CounterRandom(seed: 11, purpose: .test, UInt64(index))
      let direction = saved.indices.map { random.bits(UInt64($0)) & 1 == 0 ? Float(1) : -1 }
      let step = Float(2e-3)
      var losses: [Double] = []
      for sign in [step, -step] {
        for i in saved.indices { values[i] = saved[i] + sign * direction[i] / Float(saved.count).squareRoot() }
        rig.store.didChange()
        losses.append(try rig.run(batch: 3, size: size).result.loss)
      }
      for i in saved.indices { values[i] = saved[i] }
      let slope = (losses[0] - losses[1]) / Double(2 * step)
      let expected =
        zip(gradients[rig.store.range(index)], direction).reduce(0.0) { $0 + Double($1.0 * $1.1) } / Double(saved.count).squareRoot()
      #expect(abs(slope - expected) < 2e-3 + 0.02 * abs(expected), "\(parameter.name) at size \(size): \(slope) and \(expected)")
    }
  }

  /// Two micro-batches without batch statistics between them give the gradients of... themselves, added.
  @Test func microBatchesAccumulate() throws {
    let rig = Rig(smallNetwork())
    _ = try rig.run(batch: 2) { $0.normalizer = 4 }
    let first = Array(rig.store.allGradients)
    _ = try rig.run(batch: 2, firstImage: 2) { $0.normalizer = 4 }
    let second = Array(rig.store.allGradients)
    _ = try rig.run(batch: 2) { $0.normalizer = 4 }
    _ = try rig.run(batch: 2, firstImage: 2) {
      $0.normalizer = 4
      $0.accumulates = true
    }
    for (sum, (a, b)) in zip(rig.store.allGradients, zip(first, second)) { #expect(abs(sum - (a + b)) <= 1e-5 * (abs(a) + abs(b)) + 1e-7) }
  }

  @Test func dropoutIsRepeatableAndKeepsTheMean() throws {
    let rig = Rig(smallNetwork(dropout: 0.5))
    let a = try rig.run(batch: 4).result.loss
    let b = try rig.run(batch: 4).result.loss
    #expect(a == b)
    let c = try rig.run(batch: 4) { $0.dropout = CounterRandom(seed: 2, purpose: .dropout) }.result.loss
    #expect(a != c)
  }

  /// An evaluation plan folds batch norm into the weights; after enough training passes over one batch the running statistics
  /// are that batch's, and both modes agree but for the unbiased variance.
  @Test func evaluationFollowsTheRunningStatistics() throws {
    let rig = Rig(smallNetwork())
    let before = try Array(rig.run(batch: 4, mode: .evaluation).plan.logits)
    for _ in 0..<200 { _ = try rig.run(batch: 4) }
    let training = try Array(rig.run(batch: 4).plan.logits)
    let after = try Array(rig.run(batch: 4, mode: .evaluation).plan.logits)
    #expect(before != after)
    for (a, b) in zip(training, after) { #expect(abs(a - b) < 0.05 * max(1, abs(a))) }
  }

  @Test func frozenLayersKeepTheirStatisticsAndGetNoGradient() throws {
    let rig = Rig(smallNetwork())
    rig.store.allGradients.update(repeating: 0)
    let plan = try rig.executor.plan(PlanKey(batch: 2, height: 14, width: 14, mode: .training, frozen: ["stem", "stem_bn", "pro"]))
    plan.input.update(repeating: 0.5)
    [Int32](0..<2).withUnsafeBufferPointer { plan.setTargets(labels: $0) }
    rig.executor.run(plan, StepContext(dropout: CounterRandom(seed: 1, purpose: .dropout)))
    for (index, parameter) in rig.store.parameters.enumerated() {
      switch (parameter.name.hasPrefix("stem"), parameter.role) {
      case (true, .runningMean): #expect(rig.store.values(index).allSatisfy { $0 == 0 })
      case (false, .runningMean): #expect(rig.store.values(index).contains { $0 != 0 })
      case (true, .weight), (true, .normWeight): #expect(rig.store.gradients(index).allSatisfy { $0 == 0 })
      case (false, .weight): #expect(rig.store.gradients(index).contains { $0 != 0 }, "\(parameter.name)")
      default: break
      }
    }
  }

  /// A step that cannot fit is refused by what this process may hold, not by how much address space there is.
  @Test func aStepBeyondTheMachineIsRefused() throws {
    let rig = Rig(smallNetwork())
    let error = try #require(throws: PlanError.self) {
      try rig.executor.plan(PlanKey(batch: 1 << 16, height: 2048, width: 2048, mode: .training))
    }
    guard case .memory(let need, let available) = error else { return #expect(Bool(false), "\(error)") }
    #expect(need.total > available && available <= SystemLimits.read().memoryLimit)
  }

  /// What is checked is what is needed of all kinds together, against what can be had at the moment.
  @Test func memoryIsCheckedAsAWhole() throws {
    let engine = Engine(threads: 1, limits: { SystemLimits(processors: 1, memoryLimit: 8 << 30, freeMemory: 1 << 30) })
    try engine.checkMemory(MemoryNeed(numbers: 300 << 20, activations: 300 << 20, batches: 300 << 20))
    let error = try #require(throws: PlanError.self) {
      try engine.checkMemory(MemoryNeed(numbers: 800 << 20, activations: 100 << 20, batches: 50 << 20, decoding: 50 << 20))
    }
    #expect(
      "\(error)"
        == "1000 MB of memory are needed (weights, gradients and optimizer state 800 MB, activations 100 MB, batches 50 MB, "
        + "decoding 50 MB) and 976 MB can be had; use fewer classes or a smaller model, or allow this process more memory")
    #expect(throws: PlanError.self) { try engine.checkMemory(MemoryNeed(activations: .max, batches: .max)) }
    // Addresses are counted once, though they are taken before memory is touched.
    let narrow = Engine(
      threads: 1,
      limits: { SystemLimits(processors: 1, memoryLimit: 1 << 30, freeMemory: 8 << 30, availableAddressSpace: 400 << 20) })
    #expect(throws: PlanError.self) { try narrow.checkMemory(MemoryNeed(activations: 600 << 20)) }
    try narrow.checkMemory(MemoryNeed(activations: 600 << 20), mapped: 600 << 20)
  }

  @Test func numbersAreCountedBeforeTheyAreTaken() {
    let network = smallNetwork()
    let weights = ParameterStore.byteCount(network, trainedBy: nil)
    let sgd = ParameterStore.byteCount(network, trainedBy: .sgd(momentum: 0.9, decay: 0))
    let adam = ParameterStore.byteCount(network, trainedBy: .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0))
    #expect(weights >= network.parameters.reduce(0) { $0 + $1.count } * 4)
    #expect(sgd - weights >= 2 * network.parameterCount * 4 && adam - weights == (sgd - weights) / 2 * 3)
  }

  /// Plans, stores and engines go with their last user: a process may train many models one after the other.
  @Test func nothingOutlivesItsExecutor() throws {
    weak var store: ParameterStore?
    weak var engine: Engine?
    weak var plan: Plan?
    try {
      let rig = Rig(smallNetwork())
      (plan, store, engine) = (try rig.run(batch: 2).plan, rig.store, rig.engine)
      _ = try rig.run(batch: 2, mode: .evaluation)
    }()
    #expect(plan == nil && store == nil && engine == nil)
  }

  /// Tail batches, evaluations and models in turn make plans as long as a run lasts. What describes a plan while it is made goes
  /// when it is done, also where the plan does not fit.
  @Test func plansLeaveNoTensorsBehind() throws {
    let engine = Engine(threads: 1, limits: { SystemLimits(processors: 1, memoryLimit: 1 << 28, freeMemory: 1 << 30) })
    for model in 0..<10 {
      let network = smallNetwork(dropout: model % 2 == 0 ? 0 : 0.2)
      let store = ParameterStore(network)
      let executor = Executor(network: network, store: store, engine: engine)
      for batch in 1...5 {
        _ = try executor.plan(PlanKey(batch: batch, height: 14, width: 14, mode: .training, frozen: batch == 5 ? ["stem"] : []))
        _ = try executor.plan(PlanKey(batch: batch, height: 15, width: 14, mode: .evaluation))
      }
      #expect(throws: PlanError.self) {
        try executor.plan(PlanKey(batch: 64, height: 1024, width: 1024, mode: .training))
      }
    }
    #expect(engine.census.count == 0)
  }

  /// One image whose last maps are a single pixel: no division by zero.
  @Test func aSinglePixelBatchStaysFinite() throws {
    var build = NetworkBuilder()
    var x = build.convolution("a", build.input, outputChannels: 4, kernel: 3, stride: 2, initializer: .normal(deviation: 1))
    x = build.batchNorm("bn", x, convention: .pyTorch, statistics: ("running_mean", "running_var"))
    x = build.linear("fc", build.meanPool("pool", x, dropout: 0), outputChannels: 2, hasBias: true, initializer: .normal(deviation: 1))
    let rig = Rig(build.build(name: "pixel", classes: 2, output: x, minimumImageSize: 1))
    let plan = try rig.executor.plan(PlanKey(batch: 1, height: 2, width: 2, mode: .training))
    plan.input.update(repeating: 1)
    plan.targets[0] = 1
    plan.targets[1] = 0
    let result = rig.executor.run(plan, StepContext(dropout: CounterRandom(seed: 1, purpose: .dropout)))
    #expect(result.loss.isFinite)
    #expect(rig.store.allGradients.allSatisfy { $0.isFinite })
    #expect(rig.store.allTrainable.allSatisfy { $0.isFinite })
  }

  @Test func truncatedNormalStaysWithinTwoDeviations() {
    var build = NetworkBuilder()
    let pooled = build.meanPool("pool", build.input, dropout: 0)
    let x = build.linear("fc", pooled, outputChannels: 20_000, hasBias: false, initializer: .truncatedNormal(deviation: 0.02))
    let store = ParameterStore(build.build(name: "wide", classes: 20_000, output: x))
    store.initialize(seed: 3)
    let values = store.values(0)
    let deviation = (values.reduce(0.0) { $0 + Double($1 * $1) } / Double(values.count)).squareRoot()
    #expect(values.allSatisfy { abs($0) <= 0.04 })
    // The deviation of a normal cut at two: 0.8796 of the uncut.
    #expect(abs(deviation / 0.02 - 0.8796) < 0.01)
  }
}
