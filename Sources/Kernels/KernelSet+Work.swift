import CKernels

// The C argument structs under Swift names; their fields are documented in CKernels.h.
public typealias Term = ck_term
public typealias Segment = ck_segment
public typealias Source = ck_source
public typealias Upstream = ck_upstream
public typealias SinkSegment = ck_sink_segment
public typealias Sink = ck_sink
public typealias Output = ck_output
public typealias Rows = ck_rows
public typealias Bands = ck_bands
public typealias Pack = ck_pack
public typealias PointwiseForward = ck_pointwise_forward
public typealias PointwiseBackward = ck_pointwise_backward
public typealias DenseForward = ck_dense_forward
public typealias DenseBackward = ck_dense_backward
public typealias DepthwiseForward = ck_depthwise_forward
public typealias DepthwiseBackward = ck_depthwise_backward
public typealias Moments = ck_moments
public typealias Sums = ck_sums
public typealias BatchNormForward = ck_batch_norm_forward
public typealias BatchNormBackward = ck_batch_norm_backward
public typealias Attention = ck_attention
public typealias Resize = ck_resize
public typealias Transpose = ck_transpose
public typealias MeanPool = ck_mean_pool
public typealias CrossEntropy = ck_cross_entropy
public typealias SGD = ck_sgd
public typealias AdamW = ck_adamw
public typealias Reduce = ck_reduce

/// Activations that a reader or an epilogue applies.
public enum Activation: Int32, Sendable, Hashable {
  case linear = 0
  case silu = 1
  case relu6 = 2
}

/// Channels are padded to this many floats in packed weights, scratch and partial sums.
public let channelPadding = Int(CK_PADDING)

/// `channels` rounded up to whole vectors of any path.
public func padded(_ channels: Int) -> Int { (channels + channelPadding - 1) / channelPadding * channelPadding }

extension Rows {
  public var chunks: Int { Int((rows + rows_per_chunk - 1) / rows_per_chunk) }
}

extension Bands {
  public var chunks: Int { Int((Int64(images) * Int64(bands_per_image) + Int64(bands_per_chunk) - 1) / Int64(bands_per_chunk)) }
}

extension KernelSet {
  /// Floats that a packed [depth] x [columns] matrix takes.
  public func packedSize(depth: Int, columns: Int) -> Int { Int(table.pointee.packed_size(Int32(depth), Int32(columns))) }

  public func pack(_ arguments: Pack) -> Work {
    let box = ArgumentBox(arguments), function = table.pointee.pack!
    return Work(chunks: Int(table.pointee.pack_chunks(box.pointer))) { chunk, _ in function(box.pointer, Int64(chunk)) }
  }

  /// Floats of `winogradPack`'s result.
  public func winogradPackedSize(depth: Int, columns: Int) -> Int { 36 * packedSize(depth: depth, columns: columns) }

  /// Weights of 9 taps for `winogradForward` and `winogradBackward`.
  public func winogradPack(_ arguments: Pack) -> Work {
    let box = ArgumentBox(arguments), function = table.pointee.winograd_pack!
    return Work(chunks: Int(table.pointee.pack_chunks(box.pointer))) { chunk, _ in function(box.pointer, Int64(chunk)) }
  }

  public func packDepthwise(
    weights: UnsafePointer<Float>, scale: UnsafePointer<Float>?, channels: Int, into packed: UnsafeMutablePointer<Float>
  )
    -> Work
  {
    let function = table.pointee.pack_depthwise!
    return Work { function(weights, scale, Int32(channels), packed) }
  }

  public func pointwiseForward(_ arguments: PointwiseForward) -> Work {
    chunked(arguments, arguments.rows.chunks, table.pointee.pointwise_forward_scratch, table.pointee.pointwise_forward)
  }
  public func pointwiseBackward(_ arguments: PointwiseBackward) -> Work {
    chunked(arguments, arguments.rows.chunks, table.pointee.pointwise_backward_scratch, table.pointee.pointwise_backward)
  }
  public func denseForward(_ arguments: DenseForward) -> Work {
    chunked(arguments, arguments.bands.chunks, table.pointee.dense_forward_scratch, table.pointee.dense_forward)
  }
  public func denseBackward(_ arguments: DenseBackward) -> Work {
    chunked(arguments, arguments.bands.chunks, table.pointee.dense_backward_scratch, table.pointee.dense_backward)
  }
  public func winogradForward(_ arguments: DenseForward) -> Work {
    chunked(arguments, arguments.bands.chunks, table.pointee.winograd_forward_scratch, table.pointee.winograd_forward)
  }
  public func winogradBackward(_ arguments: DenseBackward) -> Work {
    chunked(arguments, arguments.bands.chunks, table.pointee.winograd_backward_scratch, table.pointee.winograd_backward)
  }
  public func depthwiseForward(_ arguments: DepthwiseForward) -> Work {
    chunked(arguments, arguments.bands.chunks, table.pointee.depthwise_forward_scratch, table.pointee.depthwise_forward)
  }
  public func depthwiseBackward(_ arguments: DepthwiseBackward) -> Work {
    chunked(arguments, arguments.bands.chunks, table.pointee.depthwise_backward_scratch, table.pointee.depthwise_backward)
  }

  public func moments(_ arguments: Moments) -> Work { single(arguments, table.pointee.moments) }
  public func sums(_ arguments: Sums) -> Work { single(arguments, table.pointee.sums) }
  public func batchNormForward(_ arguments: BatchNormForward) -> Work { single(arguments, table.pointee.batch_norm_forward) }
  /// `accumulate` is asked before each run: whether the gradient adds to what is there.
  public func batchNormBackward(_ arguments: BatchNormBackward, accumulate: @escaping () -> Bool) -> Work {
    let box = ArgumentBox(arguments), function = table.pointee.batch_norm_backward!
    return Work {
      box.pointer.pointee.accumulate = accumulate() ? 1 : 0
      function(box.pointer)
    }
  }

  public func attentionForward(_ arguments: Attention) -> Work {
    chunked(arguments, arguments.chunks, table.pointee.attention_scratch, table.pointee.attention_forward)
  }
  public func attentionBackward(_ arguments: Attention) -> Work {
    chunked(arguments, arguments.chunks, table.pointee.attention_scratch, table.pointee.attention_backward)
  }
  public func resizeForward(_ arguments: Resize) -> Work {
    chunked(arguments, arguments.chunks, table.pointee.resize_scratch, table.pointee.resize_forward)
  }
  public func resizeBackward(_ arguments: Resize) -> Work {
    chunked(arguments, arguments.chunks, table.pointee.resize_scratch, table.pointee.resize_backward)
  }
  public func transposeForward(_ arguments: Transpose) -> Work {
    chunked(arguments, arguments.chunks, table.pointee.transpose_scratch, table.pointee.transpose_forward)
  }
  public func transposeBackward(_ arguments: Transpose) -> Work {
    chunked(arguments, arguments.chunks, table.pointee.transpose_scratch, table.pointee.transpose_backward)
  }
  /// The box lets the caller set the dropout key and the image base of a step.
  public func meanPoolForward(_ box: ArgumentBox<MeanPool>) -> Work {
    chunked(box, box.pointer.pointee.chunks, table.pointee.mean_pool_scratch, table.pointee.mean_pool_forward)
  }
  public func meanPoolBackward(_ box: ArgumentBox<MeanPool>) -> Work {
    chunked(box, box.pointer.pointee.chunks, table.pointee.mean_pool_scratch, table.pointee.mean_pool_backward)
  }

  /// One chunk an image. The box lets the caller set the normalizer.
  public func crossEntropy(_ box: ArgumentBox<CrossEntropy>) -> Work {
    let function = table.pointee.cross_entropy!
    return Work(chunks: Int(box.pointer.pointee.images)) { image, _ in function(box.pointer, Int64(image)) }
  }

  /// `accumulate` is asked before each run: whether the gradient adds to what is there.
  public func reduce(_ arguments: Reduce) -> (box: ArgumentBox<Reduce>, work: Work) {
    let box = ArgumentBox(arguments), function = table.pointee.reduce!
    let chunks = Int((arguments.outer + arguments.outer_per_chunk - 1) / arguments.outer_per_chunk)
    return (box, Work(chunks: chunks) { chunk, _ in function(box.pointer, Int64(chunk)) })
  }

  public func sgd(_ arguments: SGD) { withUnsafePointer(to: arguments) { table.pointee.sgd($0) } }
  public func adamW(_ arguments: AdamW) { withUnsafePointer(to: arguments) { table.pointee.adamw($0) } }

  private func single<Arguments>(_ arguments: Arguments, _ function: ((UnsafePointer<Arguments>?) -> Void)?) -> Work {
    let box = ArgumentBox(arguments)
    return Work { function!(box.pointer) }
  }

  private func chunked<Arguments>(
    _ arguments: Arguments, _ chunks: Int, _ scratch: ((UnsafePointer<Arguments>?) -> Int64)?,
    _ function: ((UnsafePointer<Arguments>?, Int64, UnsafeMutablePointer<Float>?) -> Void)?
  ) -> Work {
    chunked(ArgumentBox(arguments), chunks, scratch, function)
  }

  private func chunked<Arguments>(
    _ box: ArgumentBox<Arguments>, _ chunks: Int, _ scratch: ((UnsafePointer<Arguments>?) -> Int64)?,
    _ function: ((UnsafePointer<Arguments>?, Int64, UnsafeMutablePointer<Float>?) -> Void)?
  ) -> Work {
    let function = function!
    return Work(chunks: chunks, scratch: Int(scratch!(box.pointer))) { chunk, scratch in function(box.pointer, Int64(chunk), scratch) }
  }
}

extension Attention {
  public var chunks: Int { Int(images) * Int(groups) * Int(heads) }
}
extension Resize {
  public var chunks: Int { Int((images + images_per_chunk - 1) / images_per_chunk) }
}
extension Transpose {
  public var chunks: Int { Int((images + images_per_chunk - 1) / images_per_chunk) }
}
extension MeanPool {
  public var chunks: Int { Int((images + images_per_chunk - 1) / images_per_chunk) }
}
