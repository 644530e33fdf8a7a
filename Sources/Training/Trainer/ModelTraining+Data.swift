import ImageData
import NeuralNetwork
import TrainingEvents

/// What a model makes of images that are not those that its run began with.
extension ModelTraining {
  /// Plans the visits from a checkpoint's place on, with the images that are there. To be called before anything is laid out.
  ///
  /// - Parameter isOver: whether the model is neither trained nor evaluated any more: its images then matter no longer.
  /// - Throws: `CheckpointError`
  func plan(from checkpoint: Checkpoint, isOver: Bool) throws {
    isResumed = true
    let before = checkpoint.state
    guard let record = data.record else {
      guard before.dataFingerprint == state.dataFingerprint else { throw CheckpointError(checkpoint.folder, .otherData) }
      return
    }
    guard record.versions.indices.contains(before.dataVersion), before.dataFingerprint == record.versions[before.dataVersion].fingerprint
    else { throw CheckpointError(checkpoint.folder, .otherData) }
    if isOver { return }
    var versions = before.epochVersions ?? EpochVersions()
    if before.dataVersion < record.current {
      versionBefore = before.dataVersion
      versions = versions.changed(to: record.current, at: before.position.image)
    }
    guard record.current > 0 else { return }
    guard follow(versions, of: record, epoch: before.position.epoch) else {
      throw CheckpointError(checkpoint.stateFile, .badState(reason: "\"epoch_versions\" are those of no run"))
    }
  }

  /// - Returns: false for versions that no run can have come by.
  @discardableResult
  func follow(_ versions: EpochVersions, of record: DataRecord, epoch: Int = 0) -> Bool {
    // Two images are two values of each channel, however small they are.
    let smallest = network.batchNormsOfOneValue(batch: 1, imageSize: recipe.imageSize).isEmpty ? 1 : 2
    let rule = DataRecord.BatchRule(
      batchSize: recipe.batchSize, smallest: smallest, shuffleSeed: recipe.shuffles ? recipe.seed : nil)
    guard let plan = record.plan(versions, epoch: epoch, rule) else { return false }
    self.plan = plan
    state.epochVersions = versions
    return true
  }

  /// The change of the images that this session has to mark and to save; nil without any.
  var pendingChange: DataChangeEvent? {
    guard versionBefore != nil, let record = data.record else { return nil }
    let change = record.versions[record.current].change
    return DataChangeEvent(
      model: name, epoch: state.position.epoch, step: state.step, change: record.current, missing: change?.missing, added: change?.added,
      resized: change?.resized, relabelled: change.flatMap { $0.relabelled > 0 ? $0.relabelled : nil })
  }
}
