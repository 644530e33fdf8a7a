import ImageData
import WeightFiles

/// The decision whether a run may train on the images of a folder, and the record of them that it keeps.
///
/// The same data are classes, images, their sizes and their sides; the place of the folder is none of it. The cases:
/// - a run that begins, or has no checkpoint yet, records what is there;
/// - the images are those that the run knows: the record stays;
/// - other classes are refused;
/// - other images are refused or, where the user accepts them, recorded as another version;
/// - a run of a version that kept no record is continued with other images only where nothing depends on which they were.
public struct DataAdmission: Sendable {
  public let record: DataRecord
  /// Whether the run's folder does not hold it yet.
  public let isNew: Bool
  /// What was accepted; nil where the images are those that the run knows.
  public let difference: DataDifference?

  /// Admits a folder's images.
  ///
  /// - Parameters:
  ///   - known: the record in the run's folder.
  ///   - states: of the checkpoints to resume from, with their weights' files, by model; none for a run that begins.
  ///   - file: that holds `known`, for errors.
  ///   - accepts: whether the user accepts other images.
  /// - Throws: `ChangedDataError`, `WeightFileError`; `DataRecordError` for a record whose images are not those of its fingerprint.
  public init(
    _ folder: ImageFolder, to known: DataRecord?, in file: String = "data.json", resuming checkpoints: [Checkpoint], recipe: TrainingRecipe,
    accepts: Bool
  ) throws {
    let states = checkpoints.map(\.state)
    if states.isEmpty {
      self.init(DataRecord(of: folder, batchSize: recipe.batchSize), isNew: true)
    } else if let known {
      try self.init(folder, to: known, accepts)
      // The visits count the images of the record, and read those of the folder.
      guard record.lists(folder) else { throw DataRecordError(path: file, reason: "its images are not those of its fingerprint") }
    } else if states.allSatisfy({ $0.dataFingerprint == folder.fingerprint }) {
      self.init(DataRecord(of: folder, batchSize: recipe.batchSize), isNew: true)
    } else {
      let record = try Self.record(of: folder, unrecorded: checkpoints)
      guard accepts else { throw ChangedDataError(folder.path, .unrecorded) }
      self.init(record, isNew: true)
    }
  }

  private init(_ record: DataRecord, isNew: Bool, difference: DataDifference? = nil) {
    self.record = record
    self.isNew = isNew
    self.difference = difference
  }

  private init(_ folder: ImageFolder, to known: DataRecord, _ accepts: Bool) throws {
    guard folder.fingerprint != known.fingerprint else {
      self.init(known, isNew: false)
      return
    }
    let difference = DataDifference(from: known, to: folder)
    if difference.changesClasses {
      throw ChangedDataError(folder.path, .classes(missing: difference.missingClasses, new: difference.newClasses))
    }
    if let path = difference.moved.first {
      let count = difference.moved.count == 1 ? "1 image" : "\(difference.moved.count) images"
      throw ChangedDataError(folder.path, .inexact(reason: "\(count) would change between training and evaluation (\(path))"))
    }
    guard accepts else { throw ChangedDataError(folder.path, .images(difference)) }
    guard !folder.evaluation.isEmpty || !known.images.contains(where: { $0.isEvaluation && $0.until == nil }) else {
      throw ChangedDataError(folder.path, .nothingToEvaluate)
    }
    self.init(known.changed(to: folder, difference), isNew: true, difference: difference)
  }

  /// The record of a run that kept none, from its next epoch on.
  private static func record(of folder: ImageFolder, unrecorded checkpoints: [Checkpoint]) throws -> DataRecord {
    func inexact(_ reason: String) -> ChangedDataError { ChangedDataError(folder.path, .inexact(reason: reason)) }
    var batches: Int?
    for checkpoint in checkpoints {
      let state = checkpoint.state
      guard let names = WeightMetadata(try SafetensorsFile(path: checkpoint.modelFile).metadata).classNames else {
        throw inexact("the run does not record its classes")
      }
      let classes = DataDifference(classNames: names, to: folder)
      if classes.changesClasses {
        throw ChangedDataError(folder.path, .classes(missing: classes.missingClasses, new: classes.newClasses))
      }
      guard state.position.image == 0 else {
        throw inexact("the run was begun by a version that did not record its images, and it is in the midst of an epoch")
      }
      let epoch = state.position.epoch
      guard epoch > 0, state.step % epoch == 0, state.step > 0, batches ?? state.step / epoch == state.step / epoch else {
        throw inexact("the number of steps of an epoch is not recorded")
      }
      batches = state.step / epoch
    }
    guard !folder.isSplit else {
      throw inexact("the run was begun by a version that did not record which images it had set aside for evaluation")
    }
    guard let batches else { preconditionFailure("a run without checkpoints begins anew") }
    return DataRecord(of: folder, after: checkpoints[0].state.dataFingerprint, batches: batches)
  }
}
