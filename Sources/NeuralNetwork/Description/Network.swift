import Kernels

/// What to compute: layers over values, in order, with their parameters. How to compute it is a `Plan`'s matter.
///
/// A value is an activation [images, height, width, channels]; heights and widths follow from the image size and are known
/// only to a plan. Layers are built by the methods of `NetworkBuilder` in evaluation order.
public struct Network: Sendable {
  /// An activation by number; 0 is the input image.
  public struct Value: Hashable, Sendable {
    let index: Int
    public let channels: Int
  }

  public enum WeightOrder: Sendable, Hashable {
    /// [out, in], as PyTorch stores a linear layer.
    case outputFirst
    /// [in, out], as Paddle does.
    case inputFirst
  }

  /// Which rows of a map attend to each other.
  public enum AttentionGroups: Sendable, Hashable {
    /// The pixels at the same position of each 2x2 patch: four groups of (H/2)(W/2) tokens (MobileViT). Maps must be even.
    case patchPositions
    /// The map's rows in storage order, cut into four runs (the tutorial's reshape).
    case quarters
  }

  public struct Layer: Sendable {
    public enum Operation: Sendable {
      /// 3x3 with padding 1, or 1x1; weight [out, in or 1, k, k].
      case convolution(weight: Int, kernel: Int, stride: Int, isDepthwise: Bool)
      /// Over all rows of the batch, per channel.
      case batchNorm(weight: Int, bias: Int, mean: Int, variance: Int, convention: BatchNormConvention)
      case activation(Activation)
      case linear(weight: Int, bias: Int?, order: WeightOrder)
      /// Over the channels of a row.
      case layerNorm(weight: Int, bias: Int, epsilon: Float)
      /// Input [rows, 3 * heads * headChannels] (q, k, v); scores scaled by headChannels^-1/2.
      case attention(heads: Int, headChannels: Int, groups: AttentionGroups)
      case add
      /// Channels side by side.
      case concatenate
      /// Bilinear up to the next even height and width; nothing where both are even.
      case resizeToEven
      /// Bilinear back to the size of the second input.
      case resizeLike
      /// The tutorial's reshape: an image's [H, W * C] transposed to [W * C, H] and read as [H, W, C] again.
      case transposeRows
      /// Mean over the pixels of an image, then dropout while training.
      case meanPool(dropout: Float)
    }

    /// The canonical name of the module, for timings.
    public let name: String
    public let operation: Operation
    public let inputs: [Value]
    public let output: Value
  }

  /// How running statistics follow the batch's.
  public struct BatchNormConvention: Sendable, Hashable {
    public var epsilon: Float
    /// running = (1 - momentum) * running + momentum * batch
    public var momentum: Float
    /// The running variance divides by n - 1 rather than n.
    public var unbiased: Bool

    /// PyTorch's: momentum 0.1, unbiased.
    public static let pyTorch = BatchNormConvention(epsilon: 1e-5, momentum: 0.1, unbiased: true)
    /// Paddle's on the CPU: 0.9 old + 0.1 new, biased.
    public static let paddle = BatchNormConvention(epsilon: 1e-5, momentum: 0.1, unbiased: false)
  }

  public let name: String
  public let classes: Int
  public let layers: [Layer]
  public let parameters: [Parameter]
  /// Logits [images, classes].
  public let output: Value
  /// Image sizes that the layers allow: multiples of this, from `minimumImageSize` on.
  public let imageSizeMultiple: Int
  public let minimumImageSize: Int

  /// Trainable numbers.
  public var parameterCount: Int { parameters.reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) } }
}
