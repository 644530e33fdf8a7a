import Kernels
import NeuralNetwork
import Tensors

/// A small network with everything that plans treat specially: a residual over a deferred skip, a concatenation, attention on
/// an odd map, a layer norm, pooling with dropout.
func smallNetwork(dropout: Float = 0) -> Network {
  var build = NetworkBuilder()
  let normal = Parameter.Initializer.normal(deviation: 0.3)
  func norm(_ name: String, _ x: Network.Value) -> Network.Value {
    build.batchNorm(name, x, convention: .pyTorch, statistics: ("running_mean", "running_var"))
  }
  var x = build.convolution("stem", build.input, outputChannels: 8, kernel: 3, stride: 2, initializer: normal)
  x = build.activation(.silu, norm("stem_bn", x))
  let skip = x
  x = build.activation(.relu6, norm("expand_bn", build.convolution("expand", x, outputChannels: 20, kernel: 1, initializer: normal)))
  x = build.convolution("depth", x, outputChannels: 20, kernel: 3, isDepthwise: true, initializer: normal)
  x = build.activation(.silu, norm("depth_bn", x))
  x = norm("project_bn", build.convolution("project", x, outputChannels: 8, kernel: 1, initializer: normal))
  x = build.add(skip: skip, branch: x)
  x = norm("down_bn", build.convolution("down", x, outputChannels: 16, kernel: 1, initializer: normal))
  let local = build.convolution("local", x, outputChannels: 12, kernel: 1, initializer: normal)
  var t = build.resizeToEven("unfold", local)
  let input = t
  t = build.linear("qkv", build.layerNorm("norm1", t), outputChannels: 36, hasBias: true, initializer: normal)
  t = build.attention("attention", t, heads: 2, groups: .patchPositions)
  t = build.add(skip: input, branch: build.linear("proj", t, outputChannels: 12, hasBias: true, initializer: normal))
  t = build.resize("fold", build.layerNorm("norm2", t), like: local)
  t = build.activation(.silu, norm("back_bn", build.convolution("back", t, outputChannels: 16, kernel: 1, initializer: normal)))
  t = build.convolution("fusion", build.concatenate(x, t), outputChannels: 8, kernel: 3, initializer: normal)
  t = build.meanPool("pool", build.activation(.silu, norm("fusion_bn", t)), dropout: dropout)
  t = build.linear("head", t, outputChannels: 3, hasBias: true, initializer: normal)
  return build.build(name: "small", classes: 3, output: t, minimumImageSize: 2)
}

struct Rig {
  let store: ParameterStore
  let engine: Engine
  let executor: Executor

  init(_ network: Network, threads: Int = 1, reduction: any Reduction = LocalReduction()) {
    store = ParameterStore(network)
    store.initialize(seed: 5)
    engine = Engine(threads: threads, reduction: reduction)
    executor = Executor(network: network, store: store, engine: engine)
  }

  func run(
    batch: Int, size: Int = 14, mode: PlanKey.Mode = .training, firstImage: Int = 0, _ change: (inout StepContext) -> Void = { _ in }
  )
    throws -> (plan: Plan, result: BatchResult)
  {
    let plan = try executor.plan(PlanKey(batch: batch, height: size, width: size, mode: mode))
    let random = CounterRandom(seed: 9, purpose: .test)
    let start = UInt64(firstImage * size * size * 3)
    for i in plan.input.indices { plan.input[i] = 2 * random.uniform(start + UInt64(i)) - 1 }
    (0..<batch).map { Int32((firstImage + $0) % 3) }.withUnsafeBufferPointer { plan.setTargets(labels: $0, smoothing: 0.1) }
    var context = StepContext(dropout: CounterRandom(seed: 1, purpose: .dropout), firstImage: firstImage)
    change(&context)
    return (plan, executor.run(plan, context))
  }
}
