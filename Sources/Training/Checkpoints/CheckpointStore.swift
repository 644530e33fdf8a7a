import Foundation
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
  public var steps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), name == "step-\(step)" else { return nil }
      return step
    }.sorted()
  }

  /// The step that a link leads to, if there is such a folder.
  public func step(of link: Link) -> Int? {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + link.rawValue) else { return nil }
    return steps.first { target == "step-\($0)" }
  }

  /// Where to go on: `latest`, or the newest folder if that link was never made or leads nowhere.
  public var resumeStep: Int? { step(of: .latest) ?? steps.last }

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
    if !steps.contains(state.step) {
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
        try? FileManager.default.removeItem(atPath: temporary)
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
    try prune()
    return final
  }

  private func replaceState(_ state: CheckpointState) throws {
    let file = path(ofStep: state.step) + "/state.json"
    let bytes = try state.json()
    if let old = FileManager.default.contents(atPath: file), Array(old) == bytes { return }
    try DurableFile.write(file, bytes: bytes)
  }

  private func link(_ link: Link, to step: Int) throws {
    try beforeStage(link == .latest ? .linkLatest : .linkBest)
    guard self.step(of: link) != step else { return }
    try DurableFile.replaceSymlink(at: folder + "/" + link.rawValue, to: "step-\(step)")
  }

  /// Removes all but the last two checkpoints and `best`.
  private func prune() throws {
    let steps = steps
    var kept = Set(steps.suffix(2))
    if let best = step(of: .best) { kept.insert(best) }
    if let latest = step(of: .latest) { kept.insert(latest) }
    for step in steps where !kept.contains(step) { try remove(step) }
  }

  /// Sweeps what a killed writer left, and checkpoints past the one to go on from, which the resumed run will write anew.
  public func prepareToResume() throws {
    guard FileManager.default.fileExists(atPath: folder) else { return }
    try DurableFile.removeLeftovers(in: folder)
    if let step = resumeStep {
      for later in steps where later > step { try remove(later) }
    }
    for link in [Link.latest, .best] where self.step(of: link) == nil {
      let path = folder + "/" + link.rawValue
      guard unlink(path) == 0 || errno == ENOENT else { throw FileSystemError(.remove, path, code: errno) }
    }
  }

  /// Removes the newest checkpoint, if it is of `step`, and lets `latest` lead to the one before it; without one, to none.
  ///
  /// - Throws: `FileSystemError`
  public func withdraw(step: Int) throws {
    guard steps.last == step else { return }
    if let previous = steps.dropLast().last {
      try link(.latest, to: previous)
    } else {
      let path = folder + "/" + Link.latest.rawValue
      guard unlink(path) == 0 || errno == ENOENT else { throw FileSystemError(.remove, path, code: errno) }
    }
    try remove(step)
  }

  /// Takes a checkpoint's final name from it first, so that half a folder is never taken for a checkpoint.
  private func remove(_ step: Int) throws {
    let doomed = "\(folder)/.step-\(step).removed.partial"
    try? DurableFile.remove(doomed)
    guard rename(path(ofStep: step), doomed) == 0 else { throw FileSystemError(.remove, path(ofStep: step), code: errno) }
    do {
      try DurableFile.remove(doomed)
    } catch let error as FileSystemError {
      throw FileSystemError(.remove, path(ofStep: step), code: error.code)
    }
  }

  /// Errors name a file as it would have been called, never by its temporary folder.
  private func withFinalName(_ temporary: String, _ final: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as FileSystemError where error.path.hasPrefix(temporary) {
      throw FileSystemError(error.action, final + error.path.dropFirst(temporary.count), code: error.code)
    }
  }
}
