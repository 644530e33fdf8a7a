import Files
import SystemText
import Training

/// The weight file that a user means by a path or by a run's name.
///
/// A path is a file, a checkpoint's folder (`step-N`, or the links `best` and `latest`), a model's folder of checkpoints, or
/// a run's folder. Of several checkpoints the best is meant, without one the latest.
struct WeightLocation {
  let file: String
  /// Whether the model's name chose among the models of a run; the name then selects a member of the run and is not the name of an architecture.
  let isMemberNamed: Bool

  /// - Parameter model: as the user names it: a member of a run where `path` is a run's folder.
  /// - Throws: `Failure` that lists the models of a run with several, or reports that there is no checkpoint yet.
  init(weights path: String, model: String?) throws {
    let path = SystemPath.withoutEndingSlash(path)
    if Self.isFile(path + "/model.safetensors") {
      self.init(file: path + "/model.safetensors", isMemberNamed: false)
    } else if Self.isFolder(path + "/checkpoints") {
      try self.init(of: RunFolder(path: path), model: model)
    } else if Self.isFolder(path), let file = try Self.checkpointFile(in: CheckpointStore(folder: path)) {
      self.init(file: file, isMemberNamed: false)
    } else {
      self.init(file: path, isMemberNamed: false)
    }
  }

  /// - Parameter name: a path as above, or a run's name in `runs`.
  init(naming name: String, model: String?) throws {
    if try FileSystem.status(name) == nil, try RunFolder(path: "runs/" + name).holdsRun {
      try self.init(run: name, model: model)
    } else {
      try self.init(weights: name, model: model)
    }
  }

  /// - Parameter run: a run's folder, or its name in `runs`.
  init(run: String, model: String?) throws {
    let path = SystemPath.withoutEndingSlash(run)
    guard let folder = try [path, "runs/" + path].map(RunFolder.init).first(where: { try $0.holdsRun }) else {
      let advice = [MissingRun(path), MissingRun("runs/" + path)].map(\.advice).first { !$0.isEmpty }
      throw Failure(.missingInput, "--run \(run): there is no such run; \(advice ?? "`mvit-tui runs` lists those in runs/")")
    }
    try self.init(of: folder, model: model)
  }

  private init(of run: RunFolder, model: String?) throws {
    let found = try run.models.compactMap { name in try Self.checkpointFile(in: run.checkpoints(of: name)).map { (name: name, file: $0) } }
    guard !found.isEmpty else {
      throw Failure(.missingInput, "\(run.path): has no checkpoint yet; train it further with --run \(run.path) --resume")
    }
    let names = found.map(\.name).joined(separator: ", ")
    if let model {
      guard let member = found.first(where: { $0.name == model }) else {
        throw Failure(.usage, "--model \(model): \(run.path) holds no checkpoint of it; choose one of \(names)")
      }
      self.init(file: member.file, isMemberNamed: true)
    } else {
      guard found.count == 1 else {
        throw Failure(.usage, "\(run.path): holds checkpoints of several models; choose one with --model: \(names)")
      }
      self.init(file: found[0].file, isMemberNamed: false)
    }
  }

  private init(file: String, isMemberNamed: Bool) {
    self.file = file
    self.isMemberNamed = isMemberNamed
  }

  private static func checkpointFile(in store: CheckpointStore) throws -> String? {
    try (store.step(of: .best) ?? store.resumeStep).map { store.path(ofStep: $0) + "/model.safetensors" }
  }

  private static func isFile(_ path: String) -> Bool { kind(path) == .file }
  private static func isFolder(_ path: String) -> Bool { kind(path) == .folder }

  /// The kind of what a path leads to; nil where it cannot be examined; reading the weights then reports why.
  private static func kind(_ path: String) -> FileSystem.Kind? { ((try? FileSystem.status(path)) ?? nil)?.kind }
}
