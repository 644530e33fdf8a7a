import Dispatch
import Kernels
import Tensors

/// What all plans of a process share: the threads, the memory, the loops.
public final class Engine: @unchecked Sendable {
  public let pool: WorkerPool
  public let arena: Arena
  public let kernels: KernelSet
  public let reduction: any Reduction
  package let census = TensorCensus()
  let limits: @Sendable () -> SystemLimits
  /// The plan whose buffers stand in the arena.
  weak var resident: Plan?

  /// - Parameters:
  ///   - threads: threads that compute, the caller's included; `pool` has fewer where the system allows no more.
  ///   - limits: what this process may use at the moment.
  public init(
    threads: Int, kernels: KernelSet = .best, reduction: any Reduction = LocalReduction(),
    limits: @escaping @Sendable () -> SystemLimits = { .read() }
  ) {
    let now = limits()
    pool = WorkerPool(threads: threads, limits: now)
    arena = Arena(now)
    self.kernels = kernels
    self.reduction = reduction
    self.limits = limits
  }
}

/// The outcome of one batch.
public struct BatchResult: Sendable {
  /// Sum of the images' weighted losses.
  public let lossSum: Double
  /// Sum divided by the step's normalizer.
  public let loss: Double
}

/// Runs one network on an engine, with one parameter store. Not to be used from two threads at once, nor while another
/// executor of the same engine runs.
public final class Executor: @unchecked Sendable {
  public let network: Network
  public let store: ParameterStore
  public let engine: Engine
  /// Called before each step with its index in the plan, so that tests may spoil memory that the step has no claim to.
  package var beforeStep: ((Plan, Int) -> Void)?
  private var plans: [PlanKey: Plan] = [:]

  public init(network: Network, store: ParameterStore, engine: Engine) {
    precondition(store.parameters == network.parameters, "the parameter store belongs to another network")
    self.network = network
    self.store = store
    self.engine = engine
  }

  /// The plan for `key`, made at its first use.
  /// - Throws: `PlanError`
  public func plan(_ key: PlanKey) throws -> Plan {
    if let plan = plans[key] { return plan }
    let plan = try Plan(key: key, network: network, store: store, engine: engine)
    plans[key] = plan
    return plan
  }

  /// Forward and loss; while training also backward, which leaves the gradients in the store and updates the running
  /// statistics. The plan's inputs must have been filled since another plan ran.
  @discardableResult
  public func run(_ plan: Plan, _ step: StepContext) -> BatchResult {
    let pool = engine.pool
    let normalizer = step.normalizer ?? Float(plan.key.batch * engine.reduction.peers)
    plan.context.apply(step, normalizer: normalizer)
    if plan.preparedVersion != store.version || engine.resident !== plan {
      for work in plan.preparation { pool.run(chunks: work.chunks, work.body) }
      plan.preparedVersion = store.version
      engine.resident = plan
    }
    for index in plan.steps.indices {
      beforeStep?(plan, index)
      let begin = DispatchTime.now().uptimeNanoseconds
      for work in plan.steps[index].work { pool.run(chunks: work.chunks, work.body) }
      plan.nanoseconds[index] += DispatchTime.now().uptimeNanoseconds - begin
    }
    plan.runs += 1
    // Running statistics have moved.
    if plan.key.mode == .training { store.didChange() }
    var sum = plan.losses.reduce(0.0) { $0 + Double($1) }
    engine.reduction.sum(&sum, count: 1)
    return BatchResult(lossSum: sum, loss: sum / Double(normalizer))
  }
}
