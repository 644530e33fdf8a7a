import Foundation
import WeightFiles

/// What a model made of the evaluation images, as it stands in the run's folder.
public struct StoredPredictions: Codable, Sendable, Hashable {
  public var model: String
  /// The epoch after which the evaluation was made, from 0.
  public var epoch: Int
  /// Updates done by then.
  public var step: Int
  public var classes: [String]
  /// Images by actual class (row) and predicted class (column).
  public var confusion: [[Int]]

  public init(model: String, epoch: Int, step: Int, classes: [String], confusion: [[Int]]) {
    self.model = model
    self.epoch = epoch
    self.step = step
    self.classes = classes
    self.confusion = confusion
  }
}

/// `predictions/MODEL.json`: the last evaluation's, replaced whole by each.
public struct PredictionsFile: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  /// - Throws: `FileSystemError`, `RunFolderError`.
  public func write(_ predictions: StoredPredictions) throws {
    try RunFolder.makeFolder((path as NSString).deletingLastPathComponent)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try DurableFile.write(path, bytes: Array(try encoder.encode(predictions)))
  }

  /// nil where there is none, or none that can be read.
  public func read() -> StoredPredictions? {
    FileManager.default.contents(atPath: path).flatMap { try? JSONDecoder().decode(StoredPredictions.self, from: $0) }
  }
}
