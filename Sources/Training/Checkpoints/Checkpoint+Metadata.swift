import Foundation
import ImageData
import SystemText
import WeightFiles

/// What a checkpoint's weights record about themselves, so that evaluation and prediction need nothing else.
public struct WeightMetadata: Sendable, Hashable {
  public let model: String?
  public let imageSize: Int?
  public let normalization: Normalization?
  public let classNames: [String]?
  private let preprocessing: String?
  /// nil for weights from elsewhere and from versions that did not record it.
  public let split: RecordedSplit?

  public init(_ metadata: [String: String]) {
    model = metadata["model"]
    imageSize = metadata["image_size"].flatMap { Int($0) }
    normalization = metadata["normalization"].flatMap(Normalization.init(rawValue:))
    // A file of another program may use the key for something else: its classes are then called by index.
    classNames = metadata["class_names"].flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }
    preprocessing = metadata["preprocessing"]
    split = Self.split(metadata)
  }

  /// The rules under which pictures were read in training; nil for weights from elsewhere.
  ///
  /// Checkpoints of versions that did not record them were trained on pictures as stored.
  /// - Throws: `WeightFileError` about `file` where they are recorded and make no sense.
  public func pictureRules(of file: String) throws(WeightFileError) -> PictureRules? {
    guard let preprocessing else { return normalization == nil || imageSize == nil ? nil : .asStored }
    do {
      return try JSONDecoder().decode(PictureRules.self, from: Data(preprocessing.utf8))
    } catch {
      throw WeightFileError(file, .badMetadata(key: "preprocessing", reason: Self.reason(error)))
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .dataCorrupted(let context): context.debugDescription
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context):
      context.codingPath.map(\.stringValue).joined(separator: ".") + ": " + context.debugDescription
    default: "\(error)"
    }
  }

  private static func split(_ metadata: [String: String]) -> RecordedSplit? {
    guard let seed = metadata["split_seed"].flatMap({ UInt64($0) }), let fraction = fraction(metadata["split_fraction"]),
      let fingerprint = metadata["data_fingerprint"]
    else { return nil }
    // Without a readable sample the split still holds; only images that lie elsewhere are not recognised.
    let sample = metadata["training_sample"].flatMap { TrainingSample(text: $0) } ?? TrainingSample()
    let layout = metadata["data_layout"].flatMap(LayoutRule.init(rawValue:)) ?? .pairs
    return RecordedSplit(
      seed: seed, evaluationFraction: fraction, fingerprint: fingerprint, layout: layout, labelColumn: metadata["label_column"],
      trainingSample: sample)
  }

  /// A share that a data set can be divided by.
  fileprivate static func fraction(_ text: String?) -> Double? {
    text.flatMap { Double($0) }.flatMap { (0..<1).contains($0) ? $0 : nil }
  }
}

extension RecordedSplit {
  /// The sides of images that came or went, from the record of the run that a checkpoint's weights lie in; nil where no change was
  /// accepted there, and for weights elsewhere.
  ///
  /// - Parameter folder: the folder that a relative path starts from.
  /// - Throws: `FileSystemError`, `DataRecordError`.
  public static func changedSides(
    besideWeights file: String, relativeTo folder: String = SystemPath.currentFolder
  ) throws -> KnownSides? {
    // RUN/checkpoints/MODEL/step-N/model.safetensors, or a link in place of step-N.
    guard let checkpoint = checkpoint(ofWeights: file, folder) else { return nil }
    let checkpoints = SystemPath.parent(of: SystemPath.parent(of: checkpoint))
    guard SystemPath.name(of: checkpoints) == "checkpoints" else { return nil }
    let record = try RunFolder(path: SystemPath.parent(of: checkpoints)).dataRecord.read()
    return record.flatMap { $0.current > 0 ? $0.sides : nil }
  }

  /// The split in the state beside a checkpoint's weights, where versions that did not record it in the weights kept it.
  ///
  /// nil where there is no state or none that tells; the caller then reports that the split is not known.
  /// - Parameter folder: the folder that a relative path starts from.
  public init?(besideWeights file: String, relativeTo folder: String = SystemPath.currentFolder) {
    guard let checkpoint = Self.checkpoint(ofWeights: file, folder), let state = try? Checkpoint(reading: checkpoint).state,
      let seed = state.settings["seed"].flatMap({ UInt64($0) }), let fraction = WeightMetadata.fraction(state.settings["eval-fraction"])
    else { return nil }
    self.init(seed: seed, evaluationFraction: fraction, fingerprint: state.dataFingerprint, layout: .pairs)
  }

  /// The checkpoint's folder that weights lie in, absolute; nil where they do not have the name of a checkpoint's.
  private static func checkpoint(ofWeights file: String, _ folder: String) -> String? {
    let path = SystemPath.absolute(file, from: folder)
    return SystemPath.name(of: path).utf8.elementsEqual("model.safetensors".utf8) ? SystemPath.parent(of: path) : nil
  }
}

extension Checkpoint {
  /// The metadata of `model.safetensors`.
  ///
  /// It holds no path, time, host or thread count: the same run gives the same bytes.
  static func metadata(
    model: String, preprocessing: Preprocessing, classNames: [String], split: RecordedSplit
  ) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    let names = String(decoding: try encoder.encode(classNames), as: UTF8.self)
    var metadata = [
      // What PyTorch's loaders ask for.
      "format": "pt", "model": model, "image_size": String(preprocessing.imageSize),
      "normalization": preprocessing.normalization.rawValue,
      "preprocessing": String(decoding: try encoder.encode(preprocessing), as: UTF8.self),
      "classes": String(classNames.count), "class_names": names, "split_seed": String(split.seed),
      "split_fraction": String(split.evaluationFraction), "data_fingerprint": split.fingerprint,
      "data_layout": split.layout.rawValue,
      "training_sample": split.trainingSample.text,
    ]
    metadata["label_column"] = split.labelColumn
    return metadata
  }
}
