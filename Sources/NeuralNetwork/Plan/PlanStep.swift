import Kernels

/// One entry of a plan's order of work: everything that a layer does in one direction.
public struct PlanStep {
  public enum Pass: String, Sendable, Hashable {
    case forward, loss, backward, reduction
  }

  /// The layer whose weights it uses.
  public let layer: String
  public let pass: Pass
  /// Multiplications and additions, two a multiply-accumulate.
  public let flops: Int
  /// Bytes that must be read and written at least: each tensor once.
  public let bytes: Int
  let work: [Work]
}

/// Emits the steps of one plan: walks the network forward, fusing as it goes, and records for each step how to go back.
final class PlanBuilder {
  struct Draft {
    let layer: String
    let pass: PlanStep.Pass
    let flops: Int
    let bytes: Int
    let bind: () -> [Work]
  }

  let network: Network
  let store: ParameterStore
  let kernels: KernelSet
  let reduction: any Reduction
  let key: PlanKey
  let memory = PlanMemory()
  let context: PlanContext
  let census: TensorCensus
  let sizes: [MapSize]
  let isTraining: Bool

  var drafts: [Draft] = []
  /// Work that an evaluation plan repeats only when the parameters changed.
  var preparation: [() -> [Work]] = []
  /// How to go back, in forward order.
  var tape: [() -> Void] = []
  var views: [Int: View] = [:]
  /// Layers that an earlier step does on the way.
  var absorbed: Set<Int> = []
  let readers: [[Int]]

  init(network: Network, store: ParameterStore, engine: Engine, key: PlanKey, context: PlanContext) {
    self.network = network
    self.store = store
    kernels = engine.kernels
    reduction = engine.reduction
    census = engine.census
    self.key = key
    self.context = context
    sizes = network.mapSizes(MapSize(height: key.height, width: key.width))
    isTraining = key.mode == .training
    var readers = [[Int]](repeating: [], count: network.layers.count + 1)
    for (index, layer) in network.layers.enumerated() {
      for input in layer.inputs { readers[input.index].append(index) }
    }
    self.readers = readers
  }

  /// Drops what is left to do: those closures hold the builder, which would otherwise never be freed.
  func finish() {
    drafts = []
    preparation = []
    tape = []
  }

  /// Adds a step that uses `buffers`. `bind` is called once they have addresses.
  func emit(
    _ layer: String, _ pass: PlanStep.Pass, buffers: [BufferID], flops: Int = 0, bytes: Int? = nil, _ bind: @escaping () -> [Work]
  ) {
    for buffer in buffers { memory.touch(buffer, step: drafts.count) }
    let traffic = bytes ?? Set(buffers).reduce(0) { $0 + memory.bytes($1) }
    drafts.append(Draft(layer: layer, pass: pass, flops: flops, bytes: traffic, bind: bind))
  }

  func newTensor(size: MapSize, channels: Int) -> StoredTensor {
    StoredTensor(
      buffer: memory.buffer(floats: key.batch * size.pixels * channels), images: key.batch, size: size, channels: channels,
      gradient: isTraining ? GradientSlot() : nil, census: census)
  }

  func isFrozen(_ layer: String) -> Bool { key.frozen.contains { layer == $0 || layer.hasPrefix($0 + ".") } }

  func parameter(_ index: Int) -> UnsafeMutablePointer<Float> { store.values(index).baseAddress! }

  // MARK: reading a view

  /// What a kernel loads, fixed when its step is emitted.
  struct Reading {
    struct Part {
      let tensor: StoredTensor
      /// A residual sum's two sides, if this reader is the one to store the sum, or nobody does.
      let pending: (branch: StoredTensor, skip: StoredTensor)?
    }
    let parts: [Part]
    let rowNorm: RowNorm?
    let buffers: [BufferID]
  }

  /// Announces a reader of `view`. A forward reader owes a share of the gradient; the first one of a residual sum stores it, if
  /// it is to be stored.
  func read(_ view: View, isForward: Bool) -> Reading {
    var parts: [Reading.Part] = [], buffers: [BufferID] = []
    for tensor in view.segments {
      let pending = tensor.pending
      precondition(isForward || pending == nil || !tensor.isStored, "a residual sum is read backward but was never read forward")
      parts.append(.init(tensor: tensor, pending: pending))
      for side in pending.map({ [$0.branch, $0.skip] }) ?? [] { buffers += touched(side) }
      if tensor.isStored { buffers += touched(tensor) }
      if isForward {
        tensor.gradient?.shares += 1
        if tensor.isStored { tensor.pending = nil }
      }
    }
    return Reading(parts: parts, rowNorm: view.rowNorm, buffers: buffers)
  }

  private func touched(_ tensor: StoredTensor) -> [BufferID] {
    [tensor.buffer] + (tensor.norm.map { [$0.scale, $0.shift] } ?? [])
  }

  func term(_ tensor: StoredTensor) -> Term {
    var term = Term()
    term.data = UnsafePointer(memory[tensor.buffer])
    term.stride = Int64(tensor.channels)
    if let norm = tensor.norm {
      term.scale = UnsafePointer(memory[norm.scale])
      term.shift = UnsafePointer(memory[norm.shift])
    }
    term.activation = tensor.activation.rawValue
    return term
  }

  func source(_ reading: Reading) -> Source {
    var source = Source()
    source.count = Int32(reading.parts.count)
    let segments = reading.parts.map { part in
      var segment = Segment()
      segment.channels = Int32(part.tensor.channels)
      if let pending = part.pending {
        segment.term = term(pending.branch)
        segment.residual = term(pending.skip)
        if part.tensor.isStored { segment.sum = memory[part.tensor.buffer] }
      } else {
        segment.term = term(part.tensor)
      }
      return segment
    }
    source.segments.0 = segments[0]
    if segments.count > 1 { source.segments.1 = segments[1] }
    source.channels = segments.reduce(0) { $0 + $1.channels }
    if let norm = reading.rowNorm {
      source.norm_scale = UnsafePointer(parameter(norm.weight))
      source.norm_shift = UnsafePointer(parameter(norm.bias))
      source.norm_epsilon = norm.epsilon
    }
    return source
  }

  // MARK: what follows an operation

  /// Layers that follow an operation and that its step does on the way.
  struct Tail {
    var norm: Network.Layer?
    var activation: Activation = .linear
    /// The skip of a residual sum that the step's epilogue adds.
    var residual: StoredTensor?
    var final: Network.Value
  }

  /// Batch norm and activation follow their operation at once; a residual is added in the epilogue if the operation's stored
  /// output is already the branch as it is summed.
  func absorbTail(of layer: Network.Layer) -> Tail {
    var tail = Tail(final: layer.output)
    func follower() -> Int? { readers[tail.final.index].count == 1 ? readers[tail.final.index][0] : nil }
    if let next = follower(), case .batchNorm = network.layers[next].operation {
      tail.norm = network.layers[next]
      tail.final = network.layers[next].output
      absorbed.insert(next)
    }
    if let next = follower(), case .activation(let activation) = network.layers[next].operation {
      tail.activation = activation
      tail.final = network.layers[next].output
      absorbed.insert(next)
    }
    let isStoredAsRead = !isTraining || (tail.norm == nil && tail.activation == .linear)
    if isStoredAsRead, let next = follower(), case .add = network.layers[next].operation, network.layers[next].inputs[1] == tail.final,
      let skip = views[network.layers[next].inputs[0].index]?.plainTensor
    {
      tail.residual = skip
      tail.final = network.layers[next].output
      absorbed.insert(next)
    }
    return tail
  }
}
