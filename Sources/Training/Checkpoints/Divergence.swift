import Files
import Foundation

/// Where a model of a comparison diverged and ended alone: `checkpoints/MODEL/diverged.json`.
///
/// A file of its own beside the checkpoints, as a model may diverge before its first checkpoint, and the last good checkpoint
/// stays as it is. Written after the logs are flushed: a run killed before it trains from the last checkpoint and diverges at
/// the same step again.
public struct Divergence: Codable, Sendable, Hashable {
  /// What was not a finite number.
  public enum Cause: String, Codable, Sendable { case loss, gradients, evaluation, weights }

  /// Of this file.
  public var format = 1
  /// The epoch under way, or the evaluated one, from 0.
  public var epoch: Int
  /// The step that showed it; for an evaluation the last step before it.
  public var step: Int
  public var cause: Cause

  public init(epoch: Int, step: Int, cause: Cause) {
    self.epoch = epoch
    self.step = step
    self.cause = cause
  }
}

/// A `diverged.json` that exists but cannot be used.
public struct DivergenceError: Error, Sendable, Hashable, CustomStringConvertible {
  public let path: String
  public let reason: String

  public var description: String { "\(path): cannot be read (\(reason)); remove it to train the model on from its last checkpoint" }
}

extension CheckpointStore {
  public var divergenceFile: String { folder + "/diverged.json" }

  /// Where the model diverged and ended; nil if there is no such file.
  ///
  /// - Throws: `FileSystemError` for a file that cannot be read, `DivergenceError` for one that makes no sense.
  public func divergence() throws -> Divergence? {
    guard let bytes = try FileSystem.read(divergenceFile, atMost: 1 << 16) else { return nil }
    let divergence: Divergence
    do {
      divergence = try JSONDecoder().decode(Divergence.self, from: Data(bytes))
    } catch {
      throw DivergenceError(path: divergenceFile, reason: "it does not describe a divergence")
    }
    guard divergence.format == 1 else { throw DivergenceError(path: divergenceFile, reason: "its format is \(divergence.format)") }
    guard divergence.epoch >= 0, divergence.step >= 0 else {
      throw DivergenceError(path: divergenceFile, reason: "its epoch or step is negative")
    }
    return divergence
  }

  /// - Throws: `FileSystemError`, `RunFolderError`.
  func write(_ divergence: Divergence) throws {
    try RunFolder.makeFolder(folder)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try DurableFile.write(divergenceFile, bytes: Array(try encoder.encode(divergence)) + [UInt8(ascii: "\n")])
  }
}
