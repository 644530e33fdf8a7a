import Files
import NeuralNetwork
import WeightFiles

/// A safetensors file with `images` [N, S, S, 3] and `labels` [N] to measure with. Its shapes are checked when it is opened, its
/// numbers when they are read.
public struct BenchmarkBatchFile {
  /// Images of the batch.
  public let count: Int
  /// Pixels a side.
  public let imageSize: Int
  private let file: SafetensorsFile

  /// - Throws: `WeightFileError`, `FileSystemError`, `BenchmarkBatchError`.
  public init(path: String) throws {
    file = try SafetensorsFile(path: path)
    guard let images = file["images"] else { throw WeightFileError(path, .noSuchTensor("images")) }
    guard let labels = file["labels"] else { throw WeightFileError(path, .noSuchTensor("labels")) }
    let shape = images.shape
    guard shape.count == 4, (1...65_536).contains(shape[0]), shape[1] == shape[2], shape[3] == 3 else {
      throw BenchmarkBatchError(path: path, problem: .images(shape))
    }
    guard labels.shape == [shape[0]] else {
      throw BenchmarkBatchError(path: path, problem: .labels(labels.shape, images: shape[0]))
    }
    (count, imageSize) = (shape[0], shape[1])
  }

  /// Bytes of the images in memory.
  public var byteCount: Int { count * imageSize * imageSize * 3 * MemoryLayout<Float>.stride }

  /// Reads the batch.
  ///
  /// - Throws: as `init`.
  public func read(classes: Int) throws -> StepBenchmark.Batch {
    let labels = try file.integers("labels")
    if let place = labels.firstIndex(where: { !(0..<Int64(classes)).contains($0) }) {
      throw BenchmarkBatchError(path: file.path, problem: .label(labels[place], image: place, classes: classes))
    }
    let images = try file.floats("images")
    if let place = images.firstIndex(where: { !$0.isFinite }) {
      throw BenchmarkBatchError(path: file.path, problem: .notFinite(image: place / (imageSize * imageSize * 3)))
    }
    return StepBenchmark.Batch(images: images, labels: labels.map(Int32.init))
  }
}

/// A batch file that cannot be measured with.
public struct BenchmarkBatchError: Error, Sendable, CustomStringConvertible {
  public enum Problem: Sendable, Hashable {
    /// The shape of `images`.
    case images([Int])
    /// The shape of `labels`.
    case labels([Int], images: Int)
    case label(Int64, image: Int, classes: Int)
    case notFinite(image: Int)
  }

  public let path: String
  public let problem: Problem

  public var description: String {
    switch problem {
    case .images(let shape): "\(path): \"images\" has the shape \(shape); make it [N, S, S, 3] with N from 1 to 65536"
    case .labels(let shape, let images):
      "\(path): \"labels\" has the shape \(shape) and there are \(images) images; make it [\(images)]"
    case .label(let label, let image, let classes):
      "\(path): the label of image \(image) is \(label), outside 0 ..< \(classes); give the right number with --classes"
    case .notFinite(let image): "\(path): image \(image) holds numbers that are not finite; write it anew"
    }
  }
}
