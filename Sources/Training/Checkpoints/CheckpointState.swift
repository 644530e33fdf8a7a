import Foundation
import ImageData
import SystemText

/// All of a checkpoint that is not a tensor: `state.json`.
///
/// It holds no time, path, host or thread count: the same run gives the same bytes.
public struct CheckpointState: Codable, Sendable, Equatable {
  /// Sums over the batches of the epoch under way, each taken before its update.
  public struct EpochSums: Codable, Sendable, Equatable {
    /// Sum of the images' losses.
    public var loss: Double = 0
    public var correct = 0
    public var images = 0

    public init() {}
  }

  public struct Best: Codable, Sendable, Equatable {
    public var accuracy: Float
    public var epoch: Int
    public var step: Int

    public init(accuracy: Float, epoch: Int, step: Int) {
      self.accuracy = accuracy
      self.epoch = epoch
      self.step = step
    }
  }

  /// Of this file.
  public var format = 1
  public var model: String
  /// Updates done.
  public var step = 0
  /// Updates done by the optimizer: fewer than `step` where losses that were not finite were passed over.
  public var optimizerSteps = 0
  /// Where the next batch begins.
  public var position = DataPosition()
  public var epochSums = EpochSums()
  /// The epoch before `position` is trained but not yet evaluated.
  public var evaluationPending = false
  public var best: Best?
  /// The run is over when `position` is at its end and no evaluation is pending.
  public var epochs: Int
  public var dataFingerprint: String
  /// The versions of the run's images that the epoch at `position` is made of; nil until a change of the images was accepted.
  public var epochVersions: EpochVersions?
  /// The settings that decide what a run computes, by name.
  public var settings: [String: String]
  /// The kernel path, on which the last bits depend.
  public var kernels: String

  public init(model: String, epochs: Int, dataFingerprint: String, settings: [String: String], kernels: String) {
    self.model = model
    self.epochs = epochs
    self.dataFingerprint = dataFingerprint
    self.settings = settings
    self.kernels = kernels
  }

  public var isFinished: Bool { position.epoch >= epochs && !evaluationPending }

  /// The epoch of the last evaluation that was, or would have been, made; -1 before the first epoch's end.
  public var lastCompletedEpoch: Int { evaluationPending ? position.epoch - 2 : position.epoch - 1 }

  /// The version of the run's images that it was trained on last.
  public var dataVersion: Int { epochVersions?.current ?? 0 }

  /// Pretty JSON with sorted keys; sums that are not finite become words.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let json = String(decoding: try encoder.encode(self), as: UTF8.self)
    return Array(json.printableJSON.utf8) + [UInt8(ascii: "\n")]
  }

  init(json: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    self = try decoder.decode(CheckpointState.self, from: json)
  }
}
