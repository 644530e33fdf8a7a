/// A small picture, for a screen of coloured half blocks.
public struct Thumbnail: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// Red, green, blue, row by row from the top: `width * height * 3` bytes.
  public let pixels: [UInt8]

  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height * 3, "a thumbnail has three bytes a pixel")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The pixel's red, green and blue.
  public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    let place = (y * width + x) * 3
    return (pixels[place], pixels[place + 1], pixels[place + 2])
  }
}

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

  public init(model: String, epoch: Int, step: Int, items: [Item], batchSize: Int) {
    self.model = model
    self.epoch = epoch
    self.step = step
    self.items = items
    self.batchSize = batchSize
  }
}

/// What a model made of the evaluation images.
public struct PredictionReport: Sendable, Hashable {
  /// An image that the model was most sure about, and wrong.
  public struct Mistake: Sendable, Hashable {
    public var picture: Thumbnail
    public var path: String
    public var label: Int
    public var predicted: Int
    /// What the model gave the class that it chose, 0 to 1.
    public var probability: Float

    public init(picture: Thumbnail, path: String, label: Int, predicted: Int, probability: Float) {
      self.picture = picture
      self.path = path
      self.label = label
      self.predicted = predicted
      self.probability = probability
    }
  }

  public var model: String
  /// The epoch after which the evaluation was made, from 0.
  public var epoch: Int
  public var classCount: Int
  /// Images by actual class (row) and predicted class (column): `classCount * classCount` numbers.
  public var confusion: [Int]
  /// The worst first.
  public var mistakes: [Mistake]

  public init(model: String, epoch: Int, classCount: Int, confusion: [Int], mistakes: [Mistake]) {
    precondition(confusion.count == classCount * classCount, "a confusion matrix is square")
    self.model = model
    self.epoch = epoch
    self.classCount = classCount
    self.confusion = confusion
    self.mistakes = mistakes
  }
}
