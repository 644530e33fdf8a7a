import Files
import Glibc
import WeightFiles

/// The checkpoints of one model of a run: immutable folders `step-N`, the links `latest` and `best`.
///
/// A step's folder is filled under a temporary name, flushed and renamed; then `latest` is replaced in one step; only then
/// are old folders removed. Whenever the process dies, `latest` leads to a whole checkpoint or does not exist yet. The one
/// file ever replaced within a finished folder is `state.json`, in one step, once the evaluation that was pending there is
/// done: the tensors are the same before and after it.
public struct CheckpointStore: Sendable {
  public let folder: String
  /// Called before each stage of `save`; tests end the process's work there.
  package var beforeStage: @Sendable (Stage) throws -> Void = { _ in }

  package enum Stage: String, CaseIterable, Sendable {
    case makeFolder, writeModel, writeOptimizer, writeState, publish, linkLatest, linkBest, prune
  }

  /// Which link a checkpoint is found by.
  public enum Link: String, Sendable { case latest, best }

  public init(folder: String) { self.folder = folder }

  public func path(ofStep step: Int) -> String { folder + "/step-\(step)" }

  /// The steps that have a whole folder here, rising.
  ///
  /// - Throws: `FileSystemError` when the folder cannot be listed, `CheckpointError` when something else has a checkpoint's name.
  public var steps: [Int] {
    get throws {
      guard let names = try FileSystem.listIfPresent(folder) else { return [] }
      return try names.compactMap(Self.step).filter { step in
        // Gone since it was listed: pruned by its writer.
        guard let kind = try FileSystem.status(path(ofStep: step))?.kind else { return false }
        guard kind == .folder else { throw CheckpointError(path(ofStep: step), .notAFolder) }
        return true
      }.sorted()
    }
  }

  /// The step of a checkpoint's name.
  private static func step(named name: String) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), name == "step-\(step)" else { return nil }
    return step
  }

  /// The step that a link leads to, if there is such a folder.
  ///
  /// - Throws: `FileSystemError`, `CheckpointError`: a link that cannot be read, or leads elsewhere, is not a link that is missing.
  public func step(of link: Link) throws -> Int? {
    let path = path(of: link)
    switch try FileSystem.linkTarget(path) {
    case .missing: return nil
    case .noLink(let kind): throw CheckpointError(path, .notALink(kind.label))
    case .path(let target):
      guard let step = Self.step(named: target) else { throw CheckpointError(path, .foreignLink(target: target)) }
      return try steps.contains(step) ? step : nil
    }
  }

  private func path(of link: Link) -> String { folder + "/" + link.rawValue }

  /// Where to resume: `latest`, or the newest folder if that link was never made or its folder was removed.
  ///
  /// - Throws: `FileSystemError`, `CheckpointError`.
  public var resumeStep: Int? { get throws { try step(of: .latest) ?? steps.last } }

  /// Writes a checkpoint and lets `latest` lead to it.
  ///
  /// If the step is there already, its tensors are these, and only its state is replaced.
  /// - Parameters:
  ///   - model: tensors and metadata of `model.safetensors`.
  ///   - optimizer: tensors of `optimizer.safetensors`.
  ///   - isBest: whether `best` shall lead to it too.
  /// - Returns: the checkpoint's folder.
  /// - Throws: `FileSystemError` naming the file by its final name; earlier checkpoints and links are as they were.
  @discardableResult
  public func save(
    model: [TensorToWrite], metadata: [String: String], optimizer: [TensorToWrite], state: CheckpointState, isBest: Bool
  ) throws -> String {
    let final = path(ofStep: state.step)
    if try !steps.contains(state.step) {
      try beforeStage(.makeFolder)
      try RunFolder.makeFolder(folder)
      let temporary = try DurableFile.makeTemporaryFolder(for: final)
      do {
        try withFinalName(temporary, final) {
          try beforeStage(.writeModel)
          try SafetensorsWriter.write(model, metadata: metadata, to: temporary + "/model.safetensors")
          try beforeStage(.writeOptimizer)
          try SafetensorsWriter.write(optimizer, to: temporary + "/optimizer.safetensors")
          try beforeStage(.writeState)
          try DurableFile.write(temporary + "/state.json", bytes: state.json())
        }
        try beforeStage(.publish)
        try DurableFile.publishFolder(temporary, as: final)
      } catch {
        DurableFile.discard(temporary)
        throw error
      }
      try link(.latest, to: state.step)
      if isBest { try link(.best, to: state.step) }
    } else {
      // `best` comes before the state that says so: killed in between, the resumed run evaluates again and finds the same
      // best; the other way about the link would stay behind for good.
      if isBest { try link(.best, to: state.step) }
      try beforeStage(.writeState)
      try replaceState(state)
      try link(.latest, to: state.step)
    }
    try beforeStage(.prune)
    try prune(best: state.best?.step)
    return final
  }

  private func replaceState(_ state: CheckpointState) throws {
    let file = path(ofStep: state.step) + "/state.json"
    let bytes = try state.json()
    if try FileSystem.read(file, atMost: Checkpoint.longestState) == bytes { return }
    try DurableFile.write(file, bytes: bytes)
  }

  private func link(_ link: Link, to step: Int) throws {
    try beforeStage(link == .latest ? .linkLatest : .linkBest)
    guard try self.step(of: link) != step else { return }
    try DurableFile.replaceSymlink(at: path(of: link), to: "step-\(step)")
  }

  /// Removes all but the last two checkpoints and `best`.
  ///
  /// Everything is known before anything goes: a listing or a link that cannot be read is an error.
  /// - Parameter best: the step that the newest state names as the best, whatever the link says.
  private func prune(best: Int?) throws {
    let steps = try steps
    let kept = Set(steps.suffix(2) + [best, try step(of: .best), try step(of: .latest)].compactMap { $0 })
    for step in steps where !kept.contains(step) { try remove(step) }
  }

  /// Removes what a killed writer left half written, in the folder and in its checkpoints.
  ///
  /// - Throws: `FileSystemError`, `CheckpointError`.
  public func sweepLeftovers() throws {
    guard try FileSystem.status(folder) != nil else { return }
    try DurableFile.removeLeftovers(in: folder)
    for step in try steps { try DurableFile.removeLeftovers(in: path(ofStep: step)) }
  }

  /// Makes the folder ready for a resumed run: removes leftovers, checkpoints past the one to resume from, which the run writes
  /// anew, and links whose checkpoint is gone. To be called once that checkpoint has been read.
  ///
  /// - Parameter best: of the state that is resumed.
  /// - Returns: a warning where the best checkpoint is gone.
  /// - Throws: `FileSystemError`, `CheckpointError`; nothing is removed unless all that is here could be examined.
  @discardableResult
  public func prepareToResume(best: CheckpointState.Best? = nil) throws -> String? {
    guard try FileSystem.status(folder) != nil else { return nil }
    let steps = try steps
    let linked = try [Link.latest, .best].map { (link: $0, step: try step(of: $0)) }
    let resumed = try resumeStep
    try sweepLeftovers()
    if let resumed {
      for later in steps where later > resumed { try remove(later) }
    }
    for (link, step) in linked where step == nil { try FileSystem.removeFile(path(of: link)) }
    // A link that is ahead of the state is of an evaluation that will be made again.
    guard let best, try step(of: .best) ?? -1 < best.step else { return nil }
    guard steps.contains(best.step) else {
      return "\(folder): the best checkpoint, step-\(best.step), is missing; only an evaluation better than that one replaces it"
    }
    try link(.best, to: best.step)
    return nil
  }

  /// Removes the newest checkpoint, if it is of `step`, and lets `latest` lead to the one before it; without one, to none.
  ///
  /// - Throws: `FileSystemError`
  public func withdraw(step: Int) throws {
    let steps = try steps
    guard steps.last == step else { return }
    if let previous = steps.dropLast().last {
      try link(.latest, to: previous)
    } else {
      try FileSystem.removeFile(path(of: .latest))
    }
    try remove(step)
  }

  /// Takes a checkpoint's final name from it first, so that half a folder is never taken for a checkpoint.
  private func remove(_ step: Int) throws {
    let doomed = "\(folder)/.step-\(step).removed.partial"
    do {
      if try FileSystem.status(doomed) != nil { try FileSystem.removeAll(doomed) }
      try FileSystem.rename(path(ofStep: step), to: doomed)
      try FileSystem.removeAll(doomed)
    } catch let error as FileSystemError where error.problem == .system(code: ENOENT) {
      // Someone else removed it: that is what was wanted.
    } catch let error as FileSystemError {
      throw FileSystemError(.remove, path(ofStep: step), error.problem)
    }
  }

  /// Errors name a file as it would have been called, never by its temporary folder.
  private func withFinalName(_ temporary: String, _ final: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as FileSystemError where error.path.hasPrefix(temporary) {
      throw FileSystemError(error.action, final + error.path.dropFirst(temporary.count), error.problem)
    }
  }
}
