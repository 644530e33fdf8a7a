import ImageData
import NeuralNetwork

/// A batch so small, of images so small, that a batch norm gets a single value of each channel: it maps that to its bias
/// whatever the value is, so nothing before it is trained, and its running variance becomes 0.
public struct SingleValueError: Error, Sendable, Hashable, CustomStringConvertible {
  public let network: String
  /// Names of the batch norms, in the network's order.
  public let layers: [String]
  /// Images of the smallest batch of an epoch.
  public let batch: Int
  public let imageSize: Int
  /// A batch size whose smallest batch is large enough; nil where there are too few images.
  public let sufficientBatchSize: Int?
  /// The next image size that is large enough.
  public let sufficientImageSize: Int

  public var description: String {
    let batches = batch == 1 ? "an epoch has a batch of one image" : "the smallest batch of an epoch has \(batch) images"
    let names = "\"\(layers[0])\"" + (layers.count > 1 ? " and \(layers.count - 1) more" : "")
    let cures = [sufficientBatchSize.map { "--batch-size \($0)" }, "--image-size \(sufficientImageSize)"].compactMap { $0 }
    return "--batch-size: \(batches), so at \(imageSize)x\(imageSize) pixels the batch norm \(names) of \(network) gets one value of "
      + "each channel and nothing can be trained; choose " + cures.joined(separator: " or ")
  }

  /// Checks every batch of an epoch.
  ///
  /// - Throws: `SingleValueError`
  static func check(_ network: Network, _ split: EpochSplit, imageSize: Int) throws {
    guard split.batches > 0 else { return }
    let layers = network.batchNormsOfOneValue(batch: split.smallest, imageSize: imageSize)
    guard !layers.isEmpty else { return }
    let largerBatch = (2...max(2, split.count)).first { size in
      size <= split.count
        && network.batchNormsOfOneValue(batch: EpochSplit(count: split.count, batchSize: size).smallest, imageSize: imageSize).isEmpty
    }
    // Sizes that halve evenly are the usual ones.
    let step = 32 % network.imageSizeMultiple == 0 ? 32 : network.imageSizeMultiple
    var size = imageSize
    repeat { size = (size / step + 1) * step } while !network.batchNormsOfOneValue(batch: split.smallest, imageSize: size).isEmpty
    throw SingleValueError(
      network: network.name, layers: layers, batch: split.smallest, imageSize: imageSize, sufficientBatchSize: largerBatch,
      sufficientImageSize: size)
  }
}
