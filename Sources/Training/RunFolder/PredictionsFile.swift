import Files
import Foundation
import SystemText
import TrainingEvents

/// What a model made of the evaluation images, as it stands in the run's folder.
public struct StoredPredictions: Codable, Sendable, Hashable {
  public var model: String
  /// The epoch after which the evaluation was made, from 0.
  public var epoch: Int
  /// Updates done by then.
  public var step: Int
  public var classes: [String]
  /// Images by actual class (row) and predicted class (column); nil where there are too many classes for a matrix.
  public var confusion: [[Int]]?
  /// In its place: how many images of each class were found, and the wrong ones as [actual, predicted, images], the most first and
  /// none without images.
  private var right: [Int]?
  private var wrong: [[Int]]?

  public init(model: String, epoch: Int, step: Int, classes: [String], counts: PredictionCounts) {
    self.model = model
    self.epoch = epoch
    self.step = step
    self.classes = classes
    confusion = counts.matrix
    guard confusion == nil else { return }
    right = counts.right
    wrong = counts.mostConfused.map { [$0.pair.label, $0.pair.predicted, $0.count] }
  }

  /// The same, counted; nil where it makes no sense: the file may be anybody's, and what is added up or drawn must be in bounds.
  public var counts: PredictionCounts? {
    let range = 0...1_000_000_000
    guard range.contains(epoch), !classes.isEmpty else { return nil }
    if let confusion {
      let isSquare = confusion.count == classes.count && confusion.allSatisfy { $0.count == classes.count }
      guard isSquare, confusion.allSatisfy({ $0.allSatisfy(range.contains) }) else { return nil }
      return PredictionCounts(matrix: confusion)
    }
    guard let right, let wrong, right.count == classes.count, right.allSatisfy(range.contains) else { return nil }
    var counts = PredictionCounts(classCount: classes.count)
    for (index, count) in right.enumerated() { counts.add(label: index, predicted: index, count: count) }
    for entry in wrong {
      guard entry.count == 3, entry[0] != entry[1], classes.indices.contains(entry[0]), classes.indices.contains(entry[1]),
        entry[2] > 0, range.contains(entry[2])
      else { return nil }
      counts.add(label: entry[0], predicted: entry[1], count: entry[2])
    }
    return counts
  }
}

/// `predictions/MODEL.json`: the last evaluation's, replaced whole by each.
public struct PredictionsFile: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  /// - Throws: `FileSystemError`, `RunFolderError`.
  public func write(_ predictions: StoredPredictions) throws {
    try RunFolder.makeFolder(FileSystem.parent(of: path))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = String(decoding: try encoder.encode(predictions), as: UTF8.self)
    try DurableFile.write(path, bytes: Array(json.printableJSON.utf8))
  }

  /// - Returns: nil if there is none.
  /// - Throws: `FileSystemError`, `PredictionsFileError`.
  public func read() throws -> StoredPredictions? {
    guard let bytes = try FileSystem.read(path, atMost: Self.longest) else { return nil }
    guard let stored = try? JSONDecoder().decode(StoredPredictions.self, from: Data(bytes)), stored.counts != nil else {
      throw PredictionsFileError(path: path)
    }
    return stored
  }

  /// Several times the longest that is written: the matrix of a thousand classes, or a million wrong pairs.
  private static let longest = 64 << 20
}

/// A file of predictions that makes no sense.
public struct PredictionsFileError: Error, Sendable, Hashable, CustomStringConvertible {
  public let path: String

  public init(path: String) { self.path = path }

  public var description: String { "\(path): holds no predictions of this program; remove it, the next evaluation writes it anew" }
}
