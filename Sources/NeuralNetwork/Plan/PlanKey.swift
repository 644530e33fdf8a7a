/// What a plan is made for; plans are cached by it.
public struct PlanKey: Hashable, Sendable {
  public enum Mode: Hashable, Sendable {
    /// Forward with batch statistics, loss, backward.
    case training
    /// Forward with running statistics folded into the weights, loss.
    case evaluation
  }

  public var batch: Int
  public var height: Int
  public var width: Int
  public var mode: Mode
  /// Modules that do not train, with all within them ("features.1", but not "features.10"): they leave their gradients in
  /// the store as they are, so an optimizer must pass their ranges over, and their batch norms use and keep their running
  /// statistics.
  public var frozen: Set<String>

  public init(batch: Int, height: Int, width: Int, mode: Mode, frozen: Set<String> = []) {
    self.batch = batch
    self.height = height
    self.width = width
    self.mode = mode
    self.frozen = frozen
  }
}

/// A plan that cannot be made.
public enum PlanError: Error, CustomStringConvertible {
  case imageSize(network: String, height: Int, width: Int, minimum: Int, multiple: Int)
  case memory(MemoryNeed, available: Int)
  /// The loops count pixels in 32 bits.
  case pixels(batch: Int, height: Int, width: Int)

  public var description: String {
    switch self {
    case .imageSize(let network, let height, let width, let minimum, let multiple):
      "\(network) cannot take images of \(width)x\(height): sizes start at \(minimum)"
        + (multiple > 1 ? " and are multiples of \(multiple)" : "") + "; set --image-size accordingly"
    case .memory(let need, let available):
      "\(max(1, need.total >> 20)) MB of memory are needed (\(need.parts)) and \(available >> 20) MB can be had; \(need.cure)"
    case .pixels(let batch, let height, let width):
      "\(batch) images of \(width)x\(height) are too many pixels for a step; choose a smaller --batch-size or --image-size"
    }
  }
}

/// Height and width of an activation.
struct MapSize: Hashable {
  var height: Int
  var width: Int
  var pixels: Int { height * width }
}

extension Network {
  /// The size of every value, for images of `size`; index by `Value.index`.
  func mapSizes(_ size: MapSize) -> [MapSize] {
    var sizes = [MapSize](repeating: size, count: layers.count + 1)
    for layer in layers {
      let input = sizes[layer.inputs[0].index]
      sizes[layer.output.index] =
        switch layer.operation {
        case .convolution(_, _, let stride, _):
          MapSize(height: (input.height + stride - 1) / stride, width: (input.width + stride - 1) / stride)
        case .resizeToEven: MapSize(height: (input.height + 1) / 2 * 2, width: (input.width + 1) / 2 * 2)
        case .resizeLike: sizes[layer.inputs[1].index]
        case .meanPool: MapSize(height: 1, width: 1)
        default: input
        }
    }
    return sizes
  }

  /// Names of the batch norms over a single value of each channel, for a batch of square images.
  public func batchNormsOfOneValue(batch: Int, imageSize: Int) -> [String] {
    let sizes = mapSizes(MapSize(height: imageSize, width: imageSize))
    return layers.filter { layer in
      guard case .batchNorm = layer.operation else { return false }
      return batch * sizes[layer.output.index].pixels == 1
    }.map(\.name)
  }

  /// - Throws: `PlanError.imageSize`
  public func checkImageSize(height: Int, width: Int) throws {
    for side in [height, width] where side < minimumImageSize || side % imageSizeMultiple != 0 {
      throw PlanError.imageSize(network: name, height: height, width: width, minimum: minimumImageSize, multiple: imageSizeMultiple)
    }
  }

  /// Multiply-accumulates of one image's forward pass: convolutions, linear layers and both attention products.
  public func multiplyAccumulates(height: Int, width: Int) throws -> Int {
    try checkImageSize(height: height, width: width)
    let sizes = mapSizes(MapSize(height: height, width: width))
    return layers.reduce(0) { total, layer in
      let pixels = sizes[layer.output.index].pixels
      switch layer.operation {
      case .convolution(let weight, _, _, _), .linear(let weight, _, _): return total + parameters[weight].count * pixels
      case .attention(let heads, let channels, _): return total + 2 * heads * channels * pixels * pixels / 4
      default: return total
      }
    }
  }
}
