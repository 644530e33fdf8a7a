import Kernels
import Synchronization

/// A raw tensor that a step writes, and how its readers see it: through its batch norm, then its activation.
final class StoredTensor {
  let buffer: BufferID
  let images: Int
  let size: MapSize
  let channels: Int
  /// Applied by readers as they load; nil where the tensor is stored as it is.
  var norm: Norm?
  var activation: Activation = .linear
  /// A residual sum that no reader has stored yet.
  var pending: (branch: StoredTensor, skip: StoredTensor)?
  /// Whether its first reader stores a residual sum. With one reader it is not worth its memory: it is formed anew on the way
  /// back.
  var isStored = true
  /// Whose batch norm the completed gradient feeds.
  var gathering = Gathering.none
  /// nil where no gradient is wanted (the image; every tensor of an evaluation).
  var gradient: GradientSlot?

  private let census: TensorCensus

  /// Whose batch norm a completed gradient feeds. A tensor that fed its own by a reference to itself would never be freed.
  enum Gathering {
    case none
    case itself
    /// The branch of a residual sum.
    case branch(StoredTensor)
  }

  /// The tensor whose batch norm the completed gradient feeds, if any.
  var gathers: StoredTensor? {
    switch gathering {
    case .none: nil
    case .itself: self
    case .branch(let branch): branch
    }
  }

  var rows: Int { images * size.pixels }

  /// Whether the tensor will have left the caches before its reader comes, so that it is written past them: memory then need
  /// not be read before it is overwritten. Rows must be whole vectors.
  var outgrowsCaches: Bool { rows * channels * MemoryLayout<Float>.stride >= 16 << 20 && channels % channelPadding == 0 }

  init(buffer: BufferID, images: Int, size: MapSize, channels: Int, gradient: GradientSlot?, census: TensorCensus) {
    self.buffer = buffer
    self.images = images
    self.size = size
    self.channels = channels
    self.gradient = gradient
    self.census = census
    census.live.wrappingAdd(1, ordering: .relaxed)
  }

  deinit { census.live.wrappingSubtract(1, ordering: .relaxed) }
}

/// Counts the tensors of an engine's plans. They describe a plan while it is made; none outlives that.
package final class TensorCensus: Sendable {
  let live = Atomic<Int>(0)

  /// Tensors that exist now.
  package var count: Int { live.load(ordering: .relaxed) }
}

/// The gradient of a stored tensor on its way through the backward pass. Readers of the tensor give their shares in the
/// reverse of the order they read in; the first writes, later ones add, the last completes.
final class GradientSlot {
  var buffer: BufferID?
  /// Readers that have not given their share.
  var shares = 0
  /// Something stands in the buffer.
  var isFilled = false

  /// The skip of a residual goes on in the memory of the sum's gradient, which is its first share.
  func begin(with sum: GradientSlot) {
    precondition(buffer == nil && sum.shares == 0, "a skip must not be read after its residual sum")
    buffer = sum.buffer
    isFilled = true
  }
}

/// A batch norm between a convolution and its readers.
final class Norm {
  let weight: Int
  let bias: Int
  let mean: Int
  let variance: Int
  let convention: Network.BatchNormConvention
  let isFrozen: Bool
  // Per channel: what readers apply, and what backward needs.
  let batchMean: BufferID
  let inverseDeviation: BufferID
  let scale: BufferID
  let shift: BufferID
  let totals: BufferID
  /// dz = a * dy + b * z + c
  let a: BufferID
  let b: BufferID
  let c: BufferID

  init(
    weight: Int, bias: Int, mean: Int, variance: Int, convention: Network.BatchNormConvention, isFrozen: Bool, channels: Int,
    memory: PlanMemory
  ) {
    self.weight = weight
    self.bias = bias
    self.mean = mean
    self.variance = variance
    self.convention = convention
    self.isFrozen = isFrozen
    let floats = padded(channels)
    batchMean = memory.buffer(floats: floats)
    inverseDeviation = memory.buffer(floats: floats)
    scale = memory.buffer(floats: floats)
    shift = memory.buffer(floats: floats)
    totals = memory.buffer(floats: 4 * floats)
    a = memory.buffer(floats: floats)
    b = memory.buffer(floats: floats)
    c = memory.buffer(floats: floats)
  }
}

/// A layer norm between a stored tensor and its reader.
struct RowNorm {
  let weight: Int
  let bias: Int
  let epsilon: Float
  let isFrozen: Bool
}

/// A value of the network as a reader finds it: channel segments, then a layer norm of the row.
struct View {
  var segments: [StoredTensor]
  var rowNorm: RowNorm?

  var channels: Int { segments.reduce(0) { $0 + $1.channels } }
  var images: Int { segments[0].images }
  var size: MapSize { segments[0].size }
  var rows: Int { segments[0].rows }
  var wantsGradient: Bool { segments.contains { $0.gradient != nil } }

  /// The tensor, if the view is one stored as it is read.
  var plainTensor: StoredTensor? {
    guard segments.count == 1, rowNorm == nil, let tensor = segments.first, tensor.norm == nil, tensor.activation == .linear,
      tensor.pending == nil
    else { return nil }
    return tensor
  }
}
