import Kernels

extension PlanBuilder {
  /// A 3x3 convolution, dense or depthwise.
  func spatial(_ layer: Network.Layer, _ view: View, weight: Int, stride: Int, isDepthwise: Bool) {
    let inputs = view.channels, outputs = layer.output.channels, size = sizes[layer.output.index]
    let tiles =
      isDepthwise || stride != 1 ? nil : Chunking.tileRows(images: view.images, size: size, inputs: inputs, outputs: outputs)
    let cut =
      tiles
      ?? Chunking.bands(
        images: view.images, input: view.size, output: size, stride: stride,
        floatsPerOutputRow: isDepthwise ? 0 : stride * (view.size.width + 2) * inputs)
    let reading = read(view, isForward: true)
    let writing = write(layer, size: size, channels: outputs, chunks: cut.chunks, bias: nil)
    let packed = packing(
      floats: isDepthwise ? 9 * padded(inputs) : packedSize(depth: inputs, columns: outputs, isTiled: tiles != nil), folded: writing.folded
    ) { [self] target, scale in
      if isDepthwise { return kernels.packDepthwise(weights: parameter(weight), scale: scale, channels: inputs, into: target) }
      let pack = kernel(weight, inputs: inputs, outputs: outputs, isRotated: false, scale: scale, into: target)
      return tiles != nil ? kernels.winogradPack(pack) : kernels.pack(pack)
    }
    // As many as are done: 36 for the 144 of a whole tile.
    let products =
      tiles.map { $0.winogradTiles * 36 * inputs * outputs } ?? view.images * size.pixels * outputs * 9 * (isDepthwise ? 1 : inputs)
    emit(layer.name, .forward, buffers: reading.buffers + writing.buffers + [packed.buffer], flops: 2 * products) { [self] in
      let source = source(reading), output = output(writing), weights = UnsafePointer(memory[packed.buffer])
      let dense = DenseForward(bands: cut, source: source, packed: weights, output: output)
      return packed.inStep() + [
        isDepthwise
          ? kernels.depthwiseForward(DepthwiseForward(bands: cut, source: source, packed: weights, output: output))
          : tiles != nil ? kernels.winogradForward(dense) : kernels.denseForward(dense)
      ] + finish(writing, rowCounts: cut.rowCounts)
    }
    guard isTraining else { return }
    tape.append { [self] in
      if isDepthwise {
        depthwiseBackward(layer, view, writing.tensor, weight: weight, stride: stride, products: products)
      } else {
        denseBackward(layer, view, writing.tensor, weight: weight, stride: stride, products: products)
      }
    }
  }

  private func depthwiseBackward(
    _ layer: Network.Layer, _ view: View, _ tensor: StoredTensor, weight: Int, stride: Int, products: Int
  ) {
    let channels = view.channels, pitch = padded(channels), trains = !isFrozen(layer.name)
    let cut = Chunking.bands(
      images: view.images, input: view.size, output: tensor.size, stride: stride, floatsPerOutputRow: 0, partialFloats: 9 * pitch)
    let upstreamBuffers = upstreamBuffers(tensor)
    let reading = read(view, isForward: false), sinkPlan = sinkPlan(view, chunks: cut.chunks)
    let packed = memory.buffer(floats: 9 * pitch), partials = memory.buffer(floats: cut.chunks * 9 * pitch)
    emit(
      layer.name, .backward, buffers: upstreamBuffers + reading.buffers + sinkPlan.buffers + [packed, partials], flops: 4 * products
    ) { [self] in
      var work = [
        kernels.packDepthwise(weights: parameter(weight), scale: nil, channels: channels, into: memory[packed]),
        kernels.depthwiseBackward(
          DepthwiseBackward(
            bands: cut, source: source(reading), upstream: upstream(tensor), packed: memory[packed], sink: sink(sinkPlan),
            weight_partials: memory[partials], weight_pitch: Int64(9 * pitch))),
      ]
      if trains {
        work.append(
          reduce(
            Reduce(
              partials: memory[partials], pitch: Int64(9 * pitch), chunks: Int32(cut.chunks), outer: Int32(channels), inner: 1, taps: 9,
              outer_stride: 9, inner_stride: 0, partial_outer: 1, partial_inner: 0, partial_line: Int64(3 * pitch),
              partial_tap: Int64(pitch),
              gradient: store.gradients(weight).baseAddress, accumulate: 0, outer_per_chunk: Int32(channels))))
      }
      return work + finish(sinkPlan)
    }
  }

  private func denseBackward(
    _ layer: Network.Layer, _ view: View, _ tensor: StoredTensor, weight: Int, stride: Int, products: Int
  ) {
    let inputs = view.channels, outputs = tensor.channels
    let trains = !isFrozen(layer.name), propagates = view.wantsGradient
    guard trains || propagates else { return }
    let partialFloats = 9 * inputs * outputs
    let tiles =
      stride != 1
      ? nil : Chunking.tileRows(images: view.images, size: view.size, inputs: inputs, outputs: outputs, partialFloats: partialFloats)
    let cut =
      tiles
      ?? Chunking.bands(
        images: view.images, input: view.size, output: tensor.size, stride: stride,
        floatsPerOutputRow: stride * (view.size.width + 2) * (inputs + outputs), partialFloats: partialFloats)
    let upstreamBuffers = upstreamBuffers(tensor)
    let reading = read(view, isForward: false)
    let sinkPlan = propagates ? sinkPlan(view, chunks: cut.chunks) : nil
    let packed = propagates ? memory.buffer(floats: packedSize(depth: outputs, columns: inputs, isTiled: tiles != nil)) : nil
    let partials = trains ? memory.buffer(floats: cut.chunks * partialFloats) : nil
    emit(
      layer.name, .backward,
      buffers: upstreamBuffers + reading.buffers + (sinkPlan?.buffers ?? []) + [packed, partials].compactMap { $0 },
      flops: ((trains ? 2 : 0) + (propagates ? 2 : 0)) * products
    ) { [self] in
      var work: [Work] = []
      var arguments = DenseBackward()
      arguments.bands = cut
      arguments.source = source(reading)
      arguments.upstream = upstream(tensor)
      if let packed, let sinkPlan {
        let pack = kernel(weight, inputs: inputs, outputs: outputs, isRotated: true, scale: nil, into: memory[packed])
        work.append(tiles != nil ? kernels.winogradPack(pack) : kernels.pack(pack))
        arguments.packed = UnsafePointer(memory[packed])
        arguments.sink = sink(sinkPlan)
      }
      if let partials {
        arguments.weight_partials = memory[partials]
        arguments.weight_pitch = Int64(partialFloats)
      }
      work.append(tiles != nil ? kernels.winogradBackward(arguments) : kernels.denseBackward(arguments))
      if let partials {
        work.append(reduce(kernelReduction(memory[partials], weight, inputs, outputs, stride: stride, chunks: cut.chunks)))
      }
      return work + (sinkPlan.map(finish) ?? [])
    }
  }

  private func packedSize(depth: Int, columns: Int, isTiled: Bool) -> Int {
    isTiled ? kernels.winogradPackedSize(depth: depth, columns: columns) : kernels.packedSize(depth: 9 * depth, columns: columns)
  }

  /// From the layouts that `ck_dense_backward` documents to [out, in, 3, 3].
  private func kernelReduction(
    _ partials: UnsafeMutablePointer<Float>, _ weight: Int, _ inputs: Int, _ outputs: Int, stride: Int, chunks: Int
  ) -> Reduce {
    var reduce = Reduce()
    reduce.pitch = Int64(9 * inputs * outputs)
    reduce.chunks = Int32(chunks)
    reduce.outer = Int32(outputs)
    reduce.inner = Int32(inputs)
    reduce.taps = 9
    reduce.outer_stride = Int64(9 * inputs)
    reduce.inner_stride = 9
    if stride == 1 {
      let line = 3 * inputs * outputs
      reduce.partials = UnsafePointer(partials + 2 * line + 2 * outputs)
      reduce.partial_outer = 1
      reduce.partial_inner = Int64(3 * outputs)
      reduce.partial_line = Int64(-line)
      reduce.partial_tap = Int64(-outputs)
    } else {
      reduce.partials = UnsafePointer(partials)
      reduce.partial_outer = Int64(9 * inputs)
      reduce.partial_inner = 1
      reduce.partial_line = Int64(3 * inputs)
      reduce.partial_tap = Int64(inputs)
    }
    reduce.gradient = store.gradients(weight).baseAddress
    reduce.outer_per_chunk = Int32(max(1, 16384 / (9 * inputs)))
    return reduce
  }

  /// Weights [out, in, 3, 3] as a matrix: (ky, kx, in) x out, or rotated by half a turn: (ky, kx, out) x in.
  private func kernel(
    _ weight: Int, inputs: Int, outputs: Int, isRotated: Bool, scale: UnsafePointer<Float>?, into target: UnsafeMutablePointer<Float>
  ) -> Pack {
    var pack = matrix(
      weight, depth: isRotated ? outputs : inputs, columns: isRotated ? inputs : outputs, depthStride: isRotated ? 9 * inputs : 9,
      columnStride: isRotated ? 9 : 9 * inputs, scale: scale, into: target)
    pack.taps = 9
    withUnsafeMutableBytes(of: &pack.tap_offsets) { bytes in
      let offsets = bytes.bindMemory(to: Int64.self)
      for tap in 0..<9 { offsets[tap] = Int64(isRotated ? 8 - tap : tap) }
    }
    return pack
  }
}
