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
  public let counts: PredictionCounts
  /// `counts.matrix`, made once for all who draw it.
  public let matrix: [[Int]]?
  /// The pairs that were confused most and the classes that did worst, as far as anybody reads on.
  public let confused: [PredictionCounts.Confusion]
  public let worstClasses: [Int]
  /// The worst first.
  public var mistakes: [Mistake]

  private static let mostListed = 100

  public init(model: String, epoch: Int, counts: PredictionCounts, mistakes: [Mistake]) {
    self.model = model
    self.epoch = epoch
    self.counts = counts
    matrix = counts.matrix
    confused = Array(counts.mostConfused.prefix(Self.mostListed))
    worstClasses = Array(counts.worstClasses.prefix(Self.mostListed))
    self.mistakes = mistakes
  }
}
