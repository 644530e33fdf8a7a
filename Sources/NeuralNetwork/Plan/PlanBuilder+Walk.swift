import Kernels

extension PlanBuilder {
  /// Emits all steps; returns the logits.
  func walk(input: StoredTensor) -> StoredTensor {
    views[network.layers.first!.inputs[0].index] = View(segments: [input])
    for (index, layer) in network.layers.enumerated() where !absorbed.contains(index) {
      let view = views[layer.inputs[0].index]!
      switch layer.operation {
      case .convolution(let weight, let kernel, let stride, let isDepthwise):
        if kernel == 1 {
          pointwise(layer, view, weight: weight, bias: nil, order: .outputFirst)
        } else {
          spatial(layer, view, weight: weight, stride: stride, isDepthwise: isDepthwise)
        }
      case .linear(let weight, let bias, let order): pointwise(layer, view, weight: weight, bias: bias, order: order)
      case .layerNorm(let weight, let bias, let epsilon):
        precondition(
          view.plainTensor?.gathers == nil && view.plainTensor != nil && readers[layer.output.index].count == 1,
          "a layer norm stands between a stored tensor and one reader")
        views[layer.output.index] = View(
          segments: view.segments, rowNorm: RowNorm(weight: weight, bias: bias, epsilon: epsilon, isFrozen: isFrozen(layer.name)))
      case .attention(let heads, let headChannels, let groups):
        attention(layer, view, heads: heads, headChannels: headChannels, groups: groups)
      case .add: residualSum(layer, skip: view, branch: views[layer.inputs[1].index]!)
      case .concatenate:
        let second = views[layer.inputs[1].index]!
        precondition(
          view.rowNorm == nil && second.rowNorm == nil && view.segments.count == 1 && second.segments.count == 1,
          "a concatenation has two plain sides")
        views[layer.output.index] = View(segments: view.segments + second.segments)
      case .resizeToEven, .resizeLike: resize(layer, view)
      case .transposeRows: transposeRows(layer, view)
      case .meanPool(let dropout): meanPool(layer, view, dropout: dropout)
      case .batchNorm, .activation: preconditionFailure("\(layer.name) must follow a convolution or a linear layer that nobody else reads")
      }
    }
    let logits = views[network.output.index]!.plainTensor
    precondition(logits != nil && logits?.size.pixels == 1, "a network ends in a linear layer over pooled channels")
    return logits!
  }

  /// A sum that the branch's step could not add because the branch is stored before its batch norm: its first reader adds it.
  private func residualSum(_ layer: Network.Layer, skip: View, branch: View) {
    precondition(
      skip.segments.count == 1 && branch.segments.count == 1 && skip.rowNorm == nil && branch.rowNorm == nil
        && skip.segments[0].pending == nil,
      "a residual sums two stored tensors")
    let (skip, branch) = (skip.segments[0], branch.segments[0])
    precondition(branch.activation == .linear, "a residual's branch ends without an activation")
    let sum = newTensor(size: branch.size, channels: branch.channels)
    sum.pending = (branch, skip)
    sum.isStored = !isReadOnceByProduct(layer.output)
    if branch.norm != nil { sum.gathering = .branch(branch) }
    if isTraining {
      branch.gradient = sum.gradient
      tape.append { [self] in passOn(sum, to: skip) }
    }
    views[layer.output.index] = View(segments: [sum])
  }

  /// Whether one convolution or linear layer is all that reads a value, and not through a layer that passes it on.
  private func isReadOnceByProduct(_ value: Network.Value) -> Bool {
    guard readers[value.index].count == 1 else { return false }
    switch network.layers[readers[value.index][0]].operation {
    case .convolution, .linear: return true
    default: return false
    }
  }

  /// The gradient of a residual sum is also its skip's.
  func passOn(_ sum: StoredTensor, to skip: StoredTensor) {
    guard let slot = sum.gradient, let next = skip.gradient else { return }
    next.begin(with: slot)
  }

  // MARK: the way back

  /// What a backward kernel is given for a tensor: dz formed on load from the completed gradient.
  func upstream(_ tensor: StoredTensor) -> Upstream {
    let slot = tensor.gradient!
    precondition(slot.shares == 0 && slot.isFilled, "a gradient is used before all readers gave their share")
    var upstream = Upstream()
    upstream.gradient = UnsafePointer(memory[slot.buffer!])
    upstream.channels = Int32(tensor.channels)
    if let norm = tensor.norm {
      upstream.raw = UnsafePointer(memory[tensor.buffer])
      upstream.a = UnsafePointer(memory[norm.a])
      upstream.b = UnsafePointer(memory[norm.b])
      upstream.c = UnsafePointer(memory[norm.c])
    }
    return upstream
  }

  func upstreamBuffers(_ tensor: StoredTensor) -> [BufferID] {
    let slot = tensor.gradient!
    precondition(slot.shares == 0 && slot.isFilled, "\(slot.shares) readers of a tensor have not given their share of its gradient")
    return [slot.buffer!] + (tensor.norm.map { [tensor.buffer, $0.a, $0.b, $0.c] } ?? [])
  }

  /// Where a backward step puts the gradient of what it read: fixed when the step is emitted.
  struct SinkPlan {
    struct Part {
      let tensor: StoredTensor
      let gradient: BufferID?
      let accumulates: Bool
      let completes: Bool
      /// Chunk sums for the batch norm of `tensor.gathers`.
      let partials: BufferID?
    }
    let parts: [Part]
    let rowNorm: RowNorm?
    let rowNormPartials: BufferID?
    let chunks: Int
    let buffers: [BufferID]
  }

  /// Announces the shares of a step with `chunks` chunks for all tensors of `view`.
  func sinkPlan(_ view: View, chunks: Int) -> SinkPlan {
    var parts: [SinkPlan.Part] = [], buffers: [BufferID] = []
    for tensor in view.segments {
      guard let slot = tensor.gradient else {
        parts.append(.init(tensor: tensor, gradient: nil, accumulates: false, completes: false, partials: nil))
        continue
      }
      if slot.buffer == nil { slot.buffer = memory.buffer(floats: tensor.rows * tensor.channels) }
      let completes = slot.shares == 1
      var partials: BufferID?
      if completes, let gathers = tensor.gathers, let norm = gathers.norm {
        partials = memory.buffer(floats: chunks * 2 * padded(tensor.channels))
        buffers += [
          partials!, gathers.buffer, norm.batchMean, norm.scale, norm.shift, norm.inverseDeviation, norm.totals, norm.a, norm.b, norm.c,
        ]
      }
      buffers += [slot.buffer!]
      if completes && tensor.activation != .linear || view.rowNorm != nil { buffers.append(tensor.buffer) }
      parts.append(.init(tensor: tensor, gradient: slot.buffer, accumulates: slot.isFilled, completes: completes, partials: partials))
      slot.shares -= 1
      slot.isFilled = true
    }
    var rowNormPartials: BufferID?
    if let rowNorm = view.rowNorm, !rowNorm.isFrozen {
      rowNormPartials = memory.buffer(floats: chunks * 2 * padded(view.channels))
      buffers.append(rowNormPartials!)
    }
    return SinkPlan(parts: parts, rowNorm: view.rowNorm, rowNormPartials: rowNormPartials, chunks: chunks, buffers: buffers)
  }

  func sink(_ plan: SinkPlan) -> Sink {
    var sink = Sink()
    let segments = plan.parts.map { part in
      var segment = SinkSegment()
      segment.channels = Int32(part.tensor.channels)
      guard let gradient = part.gradient else { return segment }
      segment.gradient = memory[gradient]
      segment.accumulate = part.accumulates ? 1 : 0
      segment.complete = part.completes ? 1 : 0
      segment.stream = part.tensor.outgrowsCaches && !part.accumulates ? 1 : 0
      if part.tensor.isStored { segment.term = term(part.tensor) }
      if let partials = part.partials, let gathers = part.tensor.gathers, let norm = gathers.norm {
        // A residual sum gathers for its branch; it is linear, as the branch is.
        segment.term = term(gathers)
        segment.centre = UnsafePointer(memory[norm.batchMean])
        segment.partials = memory[partials]
        segment.partial_pitch = Int64(padded(part.tensor.channels))
      }
      return segment
    }
    guard plan.parts.contains(where: { $0.gradient != nil }) else { return sink }
    sink.count = Int32(segments.count)
    sink.segments.0 = segments[0]
    if segments.count > 1 { sink.segments.1 = segments[1] }
    sink.channels = segments.reduce(0) { $0 + $1.channels }
    if let rowNorm = plan.rowNorm {
      sink.norm_scale = UnsafePointer(parameter(rowNorm.weight))
      sink.norm_epsilon = rowNorm.epsilon
      if let partials = plan.rowNormPartials {
        sink.norm_partials = memory[partials]
        sink.norm_pitch = Int64(padded(plan.parts[0].tensor.channels))
      }
    }
    return sink
  }

  /// What follows the kernel that a sink belongs to: batch norms whose gradient is complete, gradients of a layer norm.
  func finish(_ plan: SinkPlan) -> [Work] {
    var work: [Work] = []
    for part in plan.parts {
      guard let partials = part.partials, let gathers = part.tensor.gathers, let norm = gathers.norm else { continue }
      let channels = gathers.channels, totals = memory.doubles(norm.totals)
      work.append(
        kernels.sums(
          Sums(
            channels: Int32(channels), chunks: Int32(plan.chunks), partials: memory[partials], partial_pitch: Int64(padded(channels)),
            totals: totals)))
      work.append(Work { [reduction] in reduction.sum(totals, count: 2 * channels) })
      work.append(
        kernels.batchNormBackward(
          BatchNormBackward(
            channels: Int32(channels), totals: totals, rows: Int64(gathers.rows * reduction.peers), mean: memory[norm.batchMean],
            inverse_deviation: memory[norm.inverseDeviation], weight: parameter(norm.weight), frozen: norm.isFrozen ? 1 : 0,
            // The totals are those of all machines already, and the gradients are added once more.
            gradient_share: 1 / Double(reduction.peers),
            a: memory[norm.a], b: memory[norm.b], c: memory[norm.c],
            weight_gradient: norm.isFrozen ? nil : store.gradients(norm.weight).baseAddress,
            bias_gradient: norm.isFrozen ? nil : store.gradients(norm.bias).baseAddress, accumulate: 0),
          accumulate: { [context] in context.accumulates }))
    }
    if let rowNorm = plan.rowNorm, let partials = plan.rowNormPartials {
      let channels = plan.parts[0].tensor.channels, pitch = padded(channels)
      work.append(reduceVector(memory[partials], pitch: 2 * pitch, chunks: plan.chunks, count: channels, into: rowNorm.weight))
      work.append(reduceVector(memory[partials] + pitch, pitch: 2 * pitch, chunks: plan.chunks, count: channels, into: rowNorm.bias))
    }
    return work
  }

  func reduceVector(_ partials: UnsafeMutablePointer<Float>, pitch: Int, chunks: Int, count: Int, into parameter: Int) -> Work {
    reduce(
      Reduce(
        partials: partials, pitch: Int64(pitch), chunks: Int32(chunks), outer: 1, inner: Int32(count), taps: 1, outer_stride: 0,
        inner_stride: 1, partial_outer: 0, partial_inner: 1, partial_line: 0, partial_tap: 0,
        gradient: store.gradients(parameter).baseAddress, accumulate: 0, outer_per_chunk: 1))
  }

  /// The reduction, told before each run whether gradients accumulate.
  func reduce(_ arguments: Reduce) -> Work {
    let (box, work) = kernels.reduce(arguments)
    context.reductions.append(box)
    return work
  }
}
