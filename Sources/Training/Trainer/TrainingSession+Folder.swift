import Files
import Foundation
import ScalarLogs
import TrainingEvents
import WeightFiles

/// What a session does when its folder is no longer where it was.
extension TrainingSession {
  /// Looks after the run's folder: restores what is missing, and reports it.
  ///
  /// - Parameter event: sent in between, so that a checkpoint saved here is not ahead of the logs.
  /// - Throws: `RunFolderLoss` where the folder is lost; all errors of a checkpoint.
  func keepFolder(sending event: TrainingEvent? = nil) throws {
    let finding = folderGuard.check()
    // Another process writes to the files.
    if case .lost(let loss) = finding, case .taken = loss.cause { bus.remove { $0 is any RunFolderSink } }
    if let event { try bus.send(event) }
    let path = folderGuard.folder.path
    switch finding {
    case .intact: return
    case .lost(let loss): throw loss
    case .restored(let names):
      try bus.send(.warning("\(names.joined(separator: ", ")): removed, moved or replaced while the run was trained; made anew, whole"))
    case .remade:
      try bus.send(
        .warning(
          "\(path): removed while the run was trained; made anew with configuration, curves and a checkpoint of each model, but without "
            + "the checkpoints before"))
      for model in models { try saveAnew(model) }
    }
  }

  /// Saves a model into a folder that lost all it held.
  private func saveAnew(_ model: ModelTraining) throws {
    try model.forgetLostBest()
    if let divergence = model.divergence { return try model.end(divergence) }
    try model.writePredictionsAnew()
    try write(model, isBest: model.state.best != nil)
  }

  /// Saves the model at once if its newest checkpoint vanished.
  func keepCheckpoint(of model: ModelTraining) throws {
    guard let path = lastSaved[model.name], FileSystem.Lookup(path) == .missing else { return }
    // The whole folder may be gone, or another's may be in its place.
    try keepFolder()
    guard FileSystem.Lookup(path) == .missing, lastSaved[model.name] == path else { return }
    try bus.send(.warning("\(path): removed while the run was trained; the checkpoint is saved anew"))
    try model.forgetLostBest()
    try write(model, isBest: false)
  }

  /// Saves all models where a lost run can be resumed.
  func rescued(_ loss: RunFolderLoss) -> RunFolderLoss {
    var loss = loss
    do {
      if case .moved(let path) = loss.cause {
        try bus.flush(durably: true)
        let folder = RunFolder(path: path)
        loss.rescue = RunFolderLoss.Rescue(folder: path, step: try save(into: folder, keepingBest: true))
        return loss
      }
      bus.remove { $0 is any RunFolderSink }
      var isTaken = false
      if case .taken = loss.cause { isTaken = true }
      let (folder, step) = try folderGuard.rescue(copiesFiles: !isTaken) { try save(into: $0, keepingBest: false) }
      loss.rescue = RunFolderLoss.Rescue(folder: folder.path, step: step)
    } catch {
      loss.failure = "\(error)"
    }
    return loss
  }

  /// - Returns: the greatest step that was saved; nil if there was none.
  private func save(into folder: RunFolder, keepingBest: Bool) throws -> Int? {
    var last: Int?
    for model in models {
      if try model.save(into: folder.checkpoints(of: model.name), keepingBest: keepingBest) { last = max(last ?? 0, model.state.step) }
    }
    return last
  }

  /// The loss of the folder that an error of the file system means: one that no other file of the same folder would be spared.
  func loss(behind error: any Error) -> RunFolderLoss? {
    let (path, code): (String, Int32)
    switch error {
    // Other problems, such as a link that leads nowhere, are those of one file.
    case let error as FileSystemError:
      guard case .system(let number) = error.problem else { return nil }
      (path, code) = (error.path, number)
    case let error as ScalarLogError:
      guard case .system(_, let number) = error.problem else { return nil }
      (path, code) = (error.file, number)
    default: return nil
    }
    let folder = folderGuard.folder.path
    guard path.utf8.elementsEqual(folder.utf8) || path.utf8.starts(with: (folder + "/").utf8),
      [EROFS, EIO, ESTALE, ENODEV, ENXIO, ENOTCONN, ENOENT, ENOTDIR].contains(code)
    else {
      return nil
    }
    return RunFolderLoss(folder, .unusable("\(error)"))
  }
}
