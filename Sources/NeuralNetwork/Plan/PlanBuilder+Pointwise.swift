import Kernels

extension PlanBuilder {
  /// A 1x1 convolution or a linear layer: rows times weights.
  func pointwise(_ layer: Network.Layer, _ view: View, weight: Int, bias: Int?, order: Network.WeightOrder) {
    let inputs = view.channels, outputs = layer.output.channels, rows = view.rows
    let cut = Chunking.rows(rows, floatsPerRow: padded(inputs) + padded(outputs))
    let reading = read(view, isForward: true)
    let writing = write(layer, size: view.size, channels: outputs, chunks: cut.chunks, bias: bias)
    // Element (in, out) of the weights.
    let (inStride, outStride) = order == .outputFirst ? (1, inputs) : (outputs, 1)
    let packed = packing(floats: kernels.packedSize(depth: inputs, columns: outputs), folded: writing.folded) { [self] target, scale in
      kernels.pack(
        matrix(weight, depth: inputs, columns: outputs, depthStride: inStride, columnStride: outStride, scale: scale, into: target))
    }
    emit(
      layer.name, .forward, buffers: reading.buffers + writing.buffers + [packed.buffer], flops: 2 * rows * inputs * outputs
    ) { [self] in
      packed.inStep() + [
        kernels.pointwiseForward(
          PointwiseForward(rows: cut, source: source(reading), packed: memory[packed.buffer], output: output(writing)))
      ] + finish(writing, rowCounts: cut.rowCounts)
    }
    guard isTraining else { return }
    tape.append { [self] in
      pointwiseBackward(layer, view, writing.tensor, weight: weight, bias: bias, inStride: inStride, outStride: outStride)
    }
  }

  private func pointwiseBackward(
    _ layer: Network.Layer, _ view: View, _ tensor: StoredTensor, weight: Int, bias: Int?, inStride: Int, outStride: Int
  ) {
    let inputs = view.channels, outputs = tensor.channels
    let trains = !isFrozen(layer.name), propagates = view.wantsGradient
    guard trains || propagates else { return }
    let cut = Chunking.rows(view.rows, floatsPerRow: 2 * padded(inputs) + padded(outputs), partialFloats: inputs * outputs)
    let upstreamBuffers = upstreamBuffers(tensor)
    let reading = read(view, isForward: false)
    let sinkPlan = propagates ? sinkPlan(view, chunks: cut.chunks) : nil
    let packed = propagates ? memory.buffer(floats: kernels.packedSize(depth: outputs, columns: inputs)) : nil
    let weightPartials = trains ? memory.buffer(floats: cut.chunks * inputs * outputs) : nil
    let biasPartials = trains && bias != nil ? memory.buffer(floats: cut.chunks * padded(outputs)) : nil
    let own = [packed, weightPartials, biasPartials].compactMap { $0 }
    emit(
      layer.name, .backward, buffers: upstreamBuffers + reading.buffers + (sinkPlan?.buffers ?? []) + own,
      flops: ((trains ? 2 : 0) + (propagates ? 2 : 0)) * view.rows * inputs * outputs
    ) { [self] in
      var work: [Work] = []
      var arguments = PointwiseBackward()
      arguments.rows = cut
      arguments.source = source(reading)
      arguments.upstream = upstream(tensor)
      if let packed, let sinkPlan {
        work.append(
          kernels.pack(
            matrix(
              weight, depth: outputs, columns: inputs, depthStride: outStride, columnStride: inStride, scale: nil, into: memory[packed])))
        arguments.packed = UnsafePointer(memory[packed])
        arguments.sink = sink(sinkPlan)
      }
      if let weightPartials {
        arguments.weight_partials = memory[weightPartials]
        arguments.weight_pitch = Int64(inputs * outputs)
      }
      if let biasPartials {
        arguments.bias_partials = memory[biasPartials]
        arguments.bias_pitch = Int64(padded(outputs))
      }
      work.append(kernels.pointwiseBackward(arguments))
      if let weightPartials {
        work.append(
          reduce(
            Reduce(
              partials: memory[weightPartials], pitch: Int64(inputs * outputs), chunks: Int32(cut.chunks), outer: Int32(outputs),
              inner: Int32(inputs), taps: 1, outer_stride: Int64(outStride), inner_stride: Int64(inStride), partial_outer: Int64(inputs),
              partial_inner: 1, partial_line: 0, partial_tap: 0, gradient: store.gradients(weight).baseAddress, accumulate: 0,
              outer_per_chunk: Int32(max(1, 16384 / inputs)))))
      }
      if let biasPartials, let bias {
        work.append(reduceVector(memory[biasPartials], pitch: padded(outputs), chunks: cut.chunks, count: outputs, into: bias))
      }
      return work + (sinkPlan.map(finish) ?? [])
    }
  }

  func matrix(
    _ weight: Int, depth: Int, columns: Int, depthStride: Int, columnStride: Int, scale: UnsafePointer<Float>?,
    into target: UnsafeMutablePointer<Float>
  ) -> Pack {
    var pack = Pack()
    pack.weights = UnsafePointer(parameter(weight))
    pack.depth = Int32(depth)
    pack.columns = Int32(columns)
    pack.depth_stride = Int64(depthStride)
    pack.column_stride = Int64(columnStride)
    pack.taps = 1
    pack.column_scale = scale
    pack.packed = target
    return pack
  }
}
