/// The batch that was trained on last, as the network saw it after augmentation.
public struct BatchPreview: Sendable, Hashable {
  public struct Item: Sendable, Hashable {
    public var picture: Thumbnail
    /// Index of the class.
    public var label: Int

    public init(picture: Thumbnail, label: Int) {
      self.picture = picture
      self.label = label
    }
  }

  public var model: String
  public var epoch: Int
  public var step: Int
  /// The batch's first images.
  public var items: [Item]
  /// Images in the whole batch.
  public var batchSize: Int
  /// Pixels a side that the network sees; the pictures may have fewer.
  public var imageSize: Int

  public init(model: String, epoch: Int, step: Int, items: [Item], batchSize: Int, imageSize: Int) {
    self.model = model
    self.epoch = epoch
    self.step = step
    self.items = items
    self.batchSize = batchSize
    self.imageSize = imageSize
  }
}
