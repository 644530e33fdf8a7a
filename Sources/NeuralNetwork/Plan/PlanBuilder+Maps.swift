import Kernels

/// Attention and the layers that move pixels.
extension PlanBuilder {
  func attention(_ layer: Network.Layer, _ view: View, heads: Int, headChannels: Int, groups: Network.AttentionGroups) {
    guard let qkv = view.plainTensor else { preconditionFailure("attention reads a stored q, k and v") }
    _ = read(view, isForward: true)
    let size = view.size, tokens = size.pixels / 4
    precondition(size.pixels % 4 == 0, "attention needs maps whose pixels form four groups")
    let output = newTensor(size: size, channels: heads * headChannels)
    views[layer.output.index] = View(segments: [output])
    let logSums = isTraining ? memory.buffer(floats: view.images * size.pixels * heads) : nil
    // Two products of tokens x tokens x channels for each group and head.
    let flops = 4 * view.images * 4 * heads * tokens * tokens * headChannels
    let arguments: () -> Attention = { [self] in
      var arguments = Attention()
      arguments.images = Int32(view.images)
      arguments.groups = 4
      arguments.tokens = Int32(tokens)
      arguments.heads = Int32(heads)
      arguments.head_channels = Int32(headChannels)
      arguments.image_rows = Int64(size.pixels)
      switch groups {
      case .patchPositions:
        arguments.group_stride_y = Int64(size.width)
        arguments.group_stride_x = 1
        arguments.tokens_per_line = Int32(size.width / 2)
        arguments.line_stride = Int64(2 * size.width)
        arguments.token_stride = 2
      case .quarters:
        arguments.group_stride_y = Int64(2 * tokens)
        arguments.group_stride_x = Int64(tokens)
        arguments.tokens_per_line = Int32(tokens)
        arguments.line_stride = 0
        arguments.token_stride = 1
      }
      arguments.scale = 1 / Float(headChannels).squareRoot()
      arguments.qkv = UnsafePointer(memory[qkv.buffer])
      arguments.output = memory[output.buffer]
      if let logSums { arguments.log_sums = memory[logSums] }
      return arguments
    }
    emit(layer.name, .forward, buffers: [qkv.buffer, output.buffer] + (logSums.map { [$0] } ?? []), flops: flops) { [self] in
      [kernels.attentionForward(arguments())]
    }
    guard isTraining else { return }
    tape.append { [self] in
      let slot = qkv.gradient!
      precondition(slot.shares == 1 && !slot.isFilled, "attention is the only reader of its q, k and v")
      let target = memory.buffer(floats: qkv.rows * qkv.channels)
      slot.buffer = target
      slot.shares = 0
      slot.isFilled = true
      let upstream = upstreamBuffers(output)
      emit(
        layer.name, .backward, buffers: upstream + [qkv.buffer, output.buffer, logSums!, target], flops: flops / 2 * 5
      ) { [self] in
        var backward = arguments()
        backward.output_gradient = UnsafePointer(memory[upstream[0]])
        backward.qkv_gradient = memory[target]
        return [kernels.attentionBackward(backward)]
      }
    }
  }

  func resize(_ layer: Network.Layer, _ view: View) {
    let size = sizes[layer.output.index]
    guard size != view.size else {
      views[layer.output.index] = view
      return
    }
    let reading = read(view, isForward: true)
    let output = newTensor(size: size, channels: view.channels)
    views[layer.output.index] = View(segments: [output])
    let arguments: (Reading) -> Resize = { [self] reading in
      var arguments = Resize()
      arguments.images = Int32(view.images)
      arguments.height = Int32(view.size.height)
      arguments.width = Int32(view.size.width)
      arguments.output_height = Int32(size.height)
      arguments.output_width = Int32(size.width)
      arguments.source = source(reading)
      arguments.output = memory[output.buffer]
      arguments.images_per_chunk = 1
      return arguments
    }
    emit(layer.name, .forward, buffers: reading.buffers + [output.buffer], flops: 8 * output.rows * output.channels) { [self] in
      [kernels.resizeForward(arguments(reading))]
    }
    guard isTraining, view.wantsGradient else { return }
    tape.append { [self] in
      let upstream = upstreamBuffers(output), sinkPlan = sinkPlan(view, chunks: view.images), reading = read(view, isForward: false)
      emit(
        layer.name, .backward, buffers: upstream + reading.buffers + sinkPlan.buffers, flops: 8 * output.rows * output.channels
      ) { [self] in
        var backward = arguments(reading)
        backward.output_gradient = UnsafePointer(memory[upstream[0]])
        backward.sink = sink(sinkPlan)
        // The forward output is not touched on the way back, and its memory may be another's by now.
        backward.output = nil
        return [kernels.resizeBackward(backward)] + finish(sinkPlan)
      }
    }
  }

  func transposeRows(_ layer: Network.Layer, _ view: View) {
    let reading = read(view, isForward: true)
    let output = newTensor(size: view.size, channels: view.channels)
    views[layer.output.index] = View(segments: [output])
    let arguments: (Reading) -> Transpose = { [self] reading in
      var arguments = Transpose()
      arguments.images = Int32(view.images)
      arguments.height = Int32(view.size.height)
      arguments.width = Int32(view.size.width)
      arguments.source = source(reading)
      arguments.output = memory[output.buffer]
      arguments.images_per_chunk = 1
      return arguments
    }
    emit(layer.name, .forward, buffers: reading.buffers + [output.buffer]) { [self] in [kernels.transposeForward(arguments(reading))] }
    guard isTraining, view.wantsGradient else { return }
    tape.append { [self] in
      let upstream = upstreamBuffers(output), sinkPlan = sinkPlan(view, chunks: view.images), reading = read(view, isForward: false)
      emit(layer.name, .backward, buffers: upstream + reading.buffers + sinkPlan.buffers) { [self] in
        var backward = arguments(reading)
        backward.output_gradient = UnsafePointer(memory[upstream[0]])
        backward.sink = sink(sinkPlan)
        backward.output = nil
        return [kernels.transposeBackward(backward)] + finish(sinkPlan)
      }
    }
  }

  func meanPool(_ layer: Network.Layer, _ view: View, dropout: Float) {
    let reading = read(view, isForward: true)
    let output = newTensor(size: MapSize(height: 1, width: 1), channels: view.channels)
    views[layer.output.index] = View(segments: [output])
    let arguments: (Reading) -> MeanPool = { [self] reading in
      var arguments = MeanPool()
      arguments.images = Int32(view.images)
      arguments.pixels = Int32(view.size.pixels)
      arguments.source = source(reading)
      arguments.output = memory[output.buffer]
      arguments.images_per_chunk = 1
      arguments.dropout = isTraining ? dropout : 0
      return arguments
    }
    let pool = context.newPool()
    emit(layer.name, .forward, buffers: reading.buffers + [output.buffer], flops: view.rows * view.channels) { [self] in
      [kernels.meanPoolForward(context.add(arguments(reading), to: pool))]
    }
    guard isTraining, view.wantsGradient else { return }
    tape.append { [self] in
      let upstream = upstreamBuffers(output), sinkPlan = sinkPlan(view, chunks: view.images), reading = read(view, isForward: false)
      emit(layer.name, .backward, buffers: upstream + reading.buffers + sinkPlan.buffers, flops: view.rows * view.channels) { [self] in
        var backward = arguments(reading)
        backward.output_gradient = UnsafePointer(memory[upstream[0]])
        backward.sink = sink(sinkPlan)
        backward.output = nil
        return [kernels.meanPoolBackward(context.add(backward, to: pool))] + finish(sinkPlan)
      }
    }
  }
}
