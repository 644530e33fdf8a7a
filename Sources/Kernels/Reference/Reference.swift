/// Naive oracles for every kernel: plain arrays of Double and loops that read like the formula.
///
/// Forward and backward stand side by side and are checked against each other by finite differences; the C kernels are
/// checked against both. Not for use outside tests: nothing here is fast.
///
/// Activations are NHWC: a matrix of rows (n, y, x) by channels. Weights are laid out as PyTorch's.
public enum Reference {
  /// The rows of a batch of images.
  public struct Grid: Sendable, Hashable {
    public var images: Int
    public var height: Int
    public var width: Int

    public init(images: Int, height: Int, width: Int) {
      self.images = images
      self.height = height
      self.width = width
    }

    public var pixels: Int { height * width }
    public var rows: Int { images * pixels }
    /// The row of pixel (`y`, `x`) of image `n`.
    public func row(_ n: Int, _ y: Int, _ x: Int) -> Int { (n * height + y) * width + x }
  }
}
