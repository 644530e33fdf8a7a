/// Which classes images are of and which a model took them for.
///
/// What was right is counted by class and what was wrong by pairs that occurred, never more than there are images: a matrix of
/// ten thousand classes would be 100 million numbers.
public struct PredictionCounts: Sendable, Hashable {
  /// A class and what it was taken for.
  public struct Pair: Sendable, Hashable {
    public var label: Int
    public var predicted: Int

    public init(label: Int, predicted: Int) {
      self.label = label
      self.predicted = predicted
    }
  }

  /// How often that happened.
  public struct Confusion: Sendable, Hashable {
    public var pair: Pair
    public var count: Int
  }

  /// Images of each class.
  public private(set) var images: [Int]
  /// How many of them were found.
  public private(set) var right: [Int]
  /// Images that were taken for each class, rightly or not.
  public private(set) var predicted: [Int]
  /// Images by wrong pair.
  public private(set) var wrong: [Pair: Int] = [:]

  /// The most classes of which a matrix is made: nobody reads one of a thousand.
  public static let mostClassesOfMatrix = 1000

  public init(classCount: Int) {
    images = [Int](repeating: 0, count: classCount)
    right = images
    predicted = images
  }

  /// - Parameter matrix: images by actual (row) and predicted class (column), as many columns as rows.
  public init(matrix: [[Int]]) {
    self.init(classCount: matrix.count)
    for (label, row) in matrix.enumerated() {
      precondition(row.count == matrix.count, "a confusion matrix is square")
      for (predicted, count) in row.enumerated() where count > 0 { add(label: label, predicted: predicted, count: count) }
    }
  }

  public mutating func add(label: Int, predicted: Int, count: Int = 1) {
    images[label] += count
    self.predicted[predicted] += count
    if label == predicted { right[label] += count } else { wrong[Pair(label: label, predicted: predicted), default: 0] += count }
  }

  public var classCount: Int { images.count }
  public var imageCount: Int { images.reduce(0, +) }
  public var rightCount: Int { right.reduce(0, +) }

  /// Whether there are few enough classes for a matrix.
  public var fitsMatrix: Bool { classCount <= Self.mostClassesOfMatrix }

  /// Images by actual (row) and predicted class (column); nil for too many classes.
  public var matrix: [[Int]]? {
    guard fitsMatrix else { return nil }
    var matrix = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: classCount)
    for index in 0..<classCount { matrix[index][index] = right[index] }
    for (pair, count) in wrong { matrix[pair.label][pair.predicted] = count }
    return matrix
  }

  // MARK: What went wrong

  /// The wrong pairs, the most frequent first; of equals in the order of the classes.
  public var mostConfused: [Confusion] {
    wrong.sorted { a, b in
      (-a.value, a.key.label, a.key.predicted) < (-b.value, b.key.label, b.key.predicted)
    }.map { Confusion(pair: $0.key, count: $0.value) }
  }

  /// Classes that have images, the one of which the least share was found first; of equals the one with the most images.
  public var worstClasses: [Int] {
    images.indices.filter { images[$0] > 0 }.sorted { a, b in
      let (x, y) = (Double(right[a]) / Double(images[a]), Double(right[b]) / Double(images[b]))
      return (x, -images[a], a) < (y, -images[b], b)
    }
  }
}
