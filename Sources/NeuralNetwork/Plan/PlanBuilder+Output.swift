import Kernels

extension PlanBuilder {
  /// What an operation writes: its stored tensor, and what its epilogue needs.
  struct Writing {
    let tensor: StoredTensor
    let residual: StoredTensor?
    /// Chunk statistics for the tensor's batch norm while training.
    let partials: BufferID?
    /// Applied by the epilogue (evaluation).
    let activation: Activation
    /// Scale to fold into the weights and the shift to add (evaluation).
    let folded: Norm?
    let bias: Int?
    let buffers: [BufferID]
  }

  /// Prepares the output of `layer` with all that follows it at once, and makes it known to readers.
  func write(_ layer: Network.Layer, size: MapSize, channels: Int, chunks: Int, bias: Int?) -> Writing {
    let tail = absorbTail(of: layer)
    let tensor = newTensor(size: size, channels: channels)
    var buffers = [tensor.buffer], partials: BufferID?, folded: Norm?
    if let layer = tail.norm, case .batchNorm(let weight, let bias, let mean, let variance, let convention) = layer.operation {
      let norm = Norm(
        weight: weight, bias: bias, mean: mean, variance: variance, convention: convention, isFrozen: isFrozen(layer.name),
        channels: channels, memory: memory)
      if isTraining {
        tensor.norm = norm
        tensor.gathering = .itself
        buffers += [norm.batchMean, norm.inverseDeviation, norm.scale, norm.shift, norm.totals]
        if !norm.isFrozen {
          partials = memory.buffer(floats: chunks * 3 * padded(channels))
          buffers.append(partials!)
        }
      } else {
        folded = norm
        for buffer in [norm.batchMean, norm.inverseDeviation, norm.scale, norm.shift] { memory.keep(buffer) }
        preparation.append { [self] in [normForward(norm, channels: channels, totals: nil, rows: 0)] }
      }
    }
    if isTraining { tensor.activation = tail.activation }
    if let residual = tail.residual {
      buffers.append(residual.buffer)
      if isTraining { tape.append { [self] in passOn(tensor, to: residual) } }
    }
    views[tail.final.index] = View(segments: [tensor])
    return Writing(
      tensor: tensor, residual: tail.residual, partials: partials, activation: isTraining ? .linear : tail.activation, folded: folded,
      bias: bias, buffers: buffers)
  }

  func output(_ writing: Writing) -> Output {
    var output = Output()
    output.data = memory[writing.tensor.buffer]
    output.channels = Int32(writing.tensor.channels)
    if let norm = writing.folded { output.bias = UnsafePointer(memory[norm.shift]) }
    if let bias = writing.bias { output.bias = UnsafePointer(parameter(bias)) }
    output.stream = writing.tensor.outgrowsCaches ? 1 : 0
    output.activation = writing.activation.rawValue
    if let residual = writing.residual { output.residual = UnsafePointer(memory[residual.buffer]) }
    if let partials = writing.partials {
      output.partials = memory[partials]
      output.partial_pitch = Int64(padded(writing.tensor.channels))
    }
    return output
  }

  /// What follows the kernel that wrote: the batch norm's statistics over the batch.
  func finish(_ writing: Writing, rowCounts: [Int64]) -> [Work] {
    guard let norm = writing.tensor.norm else { return [] }
    let channels = writing.tensor.channels
    guard let partials = writing.partials else { return [normForward(norm, channels: channels, totals: nil, rows: 0)] }
    let totals = memory.doubles(norm.totals), rows = writing.tensor.rows
    return [
      kernels.moments(
        Moments(
          channels: Int32(channels), chunks: Int32(rowCounts.count), partials: memory[partials], partial_pitch: Int64(padded(channels)),
          counts: context.keep(rowCounts), totals: totals)),
      Work { [reduction] in reduction.moments(totals, channels: channels, rows: rows) },
      normForward(norm, channels: channels, totals: totals, rows: rows * reduction.peers),
    ]
  }

  private func normForward(_ norm: Norm, channels: Int, totals: UnsafeMutablePointer<Double>?, rows: Int) -> Work {
    kernels.batchNormForward(
      BatchNormForward(
        channels: Int32(channels), totals: totals, rows: Int64(rows), weight: parameter(norm.weight), bias: parameter(norm.bias),
        epsilon: norm.convention.epsilon, momentum: norm.convention.momentum, unbiased: norm.convention.unbiased ? 1 : 0,
        mean: memory[norm.batchMean], inverse_deviation: memory[norm.inverseDeviation], scale: memory[norm.scale],
        shift: memory[norm.shift],
        running_mean: parameter(norm.mean), running_variance: parameter(norm.variance)))
  }

  /// Packed weights for a forward step: made in each step while training, once for all steps (with the batch norm's scale
  /// folded in) otherwise. Returns the buffer and the work to do in the step.
  func packing(floats: Int, folded: Norm?, _ pack: @escaping (UnsafeMutablePointer<Float>, UnsafePointer<Float>?) -> Work)
    -> (buffer: BufferID, inStep: () -> [Work])
  {
    let buffer = memory.buffer(floats: floats)
    let work = { [self] in [pack(memory[buffer], folded.map { UnsafePointer(memory[$0.scale]) })] }
    if isTraining { return (buffer, work) }
    memory.keep(buffer)
    preparation.append(work)
    return (buffer, { [] })
  }
}
