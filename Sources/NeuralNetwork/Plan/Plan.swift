import Kernels
import Tensors

/// How a network is computed for one key: steps in order, their buffers placed in the engine's arena by liveness.
///
/// `input` and `targets` are in the arena and do not outlive a run: they are to be filled before each, after any run of
/// another plan. `logits` hold until another plan runs; `losses`, `predictions` and `sampleWeights` until this one does.
public final class Plan: @unchecked Sendable {
  public let key: PlanKey
  public let steps: [PlanStep]
  /// Bytes of the arena that the plan uses.
  public let arenaBytes: Int
  /// [batch, height, width, 3]
  public let input: UnsafeMutableBufferPointer<Float>
  /// [batch, classes], rows sum to one.
  public let targets: UnsafeMutableBufferPointer<Float>
  /// [batch]; ones until set, and then what was set.
  public let sampleWeights: UnsafeMutableBufferPointer<Float>
  /// [batch, classes]
  public let logits: UnsafeMutableBufferPointer<Float>
  /// [batch] weighted losses, not divided by anything.
  public let losses: UnsafeMutableBufferPointer<Float>
  /// [batch] the likeliest class.
  public let predictions: UnsafeMutableBufferPointer<Int32>
  /// Time spent in each step since the plan was made or `resetTimings`, in nanoseconds.
  public internal(set) var nanoseconds: [UInt64]
  /// Runs counted in `nanoseconds`.
  public internal(set) var runs = 0

  /// Every buffer of the plan.
  package let placements: [BufferPlacement]
  package var arenaBase: UnsafeMutableRawPointer { arena.base }
  /// Floats of scratch memory that a worker needs.
  package let scratch: Int

  private let scratchBytes: Int
  /// What a run of the plan holds beside the numbers of the model.
  public var memoryNeed: MemoryNeed { MemoryNeed(activations: arenaBytes + scratchBytes) }

  // The steps point into them.
  private let arena: MappedMemory
  private let store: ParameterStore
  private let engine: Engine
  let context: PlanContext
  let preparation: [Work]
  var preparedVersion = -1

  /// - Throws: `PlanError`
  init(key: PlanKey, network: Network, store: ParameterStore, engine: Engine) throws {
    try network.checkImageSize(height: key.height, width: key.width)
    precondition(key.batch > 0, "a batch has at least one image")
    let pixels = key.batch * key.height * key.width
    // Sizes of layers are not computed for what the input rules out: their products could exceed an integer.
    try engine.checkMemory(MemoryNeed(activations: pixels * 3 * MemoryLayout<Float>.stride))
    guard pixels <= Int(Int32.max) else { throw PlanError.pixels(batch: key.batch, height: key.height, width: key.width) }
    let context = PlanContext()
    let builder = PlanBuilder(network: network, store: store, engine: engine, key: key, context: context)
    // Also where there is no room for the plan.
    defer { builder.finish() }
    let memory = builder.memory, batch = key.batch, classes = network.classes
    let image = StoredTensor(
      buffer: memory.buffer(floats: batch * key.height * key.width * 3), images: batch,
      size: MapSize(height: key.height, width: key.width), channels: 3, gradient: nil,
      census: engine.census)
    let targets = memory.buffer(floats: batch * classes)
    let weights = context.keep([Float](repeating: 1, count: batch))
    let losses = context.keep([Float](repeating: 0, count: batch)), predictions = context.keep([Int32](repeating: 0, count: batch))

    let logits = builder.walk(input: image)
    var lossBuffers = [logits.buffer, targets]
    if let slot = logits.gradient {
      slot.buffer = memory.buffer(floats: batch * classes)
      slot.isFilled = true
      lossBuffers.append(slot.buffer!)
    }
    builder.emit("loss", .loss, buffers: lossBuffers, flops: 10 * batch * classes) {
      var arguments = CrossEntropy()
      arguments.images = Int32(batch)
      arguments.classes = Int32(classes)
      arguments.logits = UnsafePointer(memory[logits.buffer])
      arguments.targets = UnsafePointer(memory[targets])
      arguments.weights = UnsafePointer(weights)
      arguments.losses = losses
      arguments.predictions = predictions
      if let slot = logits.gradient { arguments.gradient = memory[slot.buffer!] }
      let box = ArgumentBox(arguments)
      context.losses.append(box)
      return [engine.kernels.crossEntropy(box)]
    }
    for entry in builder.tape.reversed() { entry() }
    if builder.isTraining {
      let gradients = store.allGradients
      builder.emit("reduction", .reduction, buffers: [], bytes: 0) {
        [Work { if context.isLastMicroBatch { engine.reduction.sum(gradients.baseAddress!, count: gradients.count) } }]
      }
    }
    // Inputs are written before the first step, results read after the last.
    for buffer in [image.buffer, targets] { memory.provide(buffer) }
    memory.touch(logits.buffer, step: builder.drafts.count - 1)

    (arenaBytes, arena, placements) = try memory.layOut(in: engine.arena, steps: builder.drafts.count)
    steps = builder.drafts.map { PlanStep(layer: $0.layer, pass: $0.pass, flops: $0.flops, bytes: $0.bytes, work: $0.bind()) }
    preparation = builder.preparation.flatMap { $0() }
    scratch = (preparation + steps.flatMap(\.work)).reduce(0) { max($0, $1.scratch) }
    scratchBytes = engine.pool.scratchBytes(floats: scratch)
    guard engine.pool.reserveScratch(floats: scratch) else {
      throw PlanError.memory(MemoryNeed(activations: arenaBytes + scratchBytes), available: engine.availableMemory())
    }
    nanoseconds = [UInt64](repeating: 0, count: steps.count)
    self.key = key
    self.store = store
    self.engine = engine
    self.context = context
    func array(_ buffer: BufferID, _ count: Int) -> UnsafeMutableBufferPointer<Float> { .init(start: memory[buffer], count: count) }
    input = array(image.buffer, batch * key.height * key.width * 3)
    self.targets = array(targets, batch * classes)
    self.logits = array(logits.buffer, batch * classes)
    sampleWeights = .init(start: weights, count: batch)
    self.losses = .init(start: losses, count: batch)
    self.predictions = .init(start: predictions, count: batch)
  }

  public func resetTimings() {
    for index in nanoseconds.indices { nanoseconds[index] = 0 }
    runs = 0
  }

  /// Fills `targets` with one-hot rows, smoothed: (1 - smoothing) at the label plus smoothing / classes everywhere.
  public func setTargets(labels: UnsafeBufferPointer<Int32>, smoothing: Float = 0) {
    let classes = targets.count / key.batch
    precondition(labels.count == key.batch, "a batch of \(key.batch) images has as many labels")
    targets.update(repeating: smoothing / Float(classes))
    for (image, label) in labels.enumerated() { targets[image * classes + Int(label)] += 1 - smoothing }
  }
}
