import Configuration
import Dashboard
import Files
import Foundation
import RunHistory
import SystemText
import Training
import TrainingEvents
import VisionModels
import WeightFiles

/// A run as its folder holds it, whichever process writes it and however it ended.
struct StoredRun {
  let folder: RunFolder
  let configuration: RunConfiguration

  init(_ folder: RunFolder, _ configuration: RunConfiguration) {
    self.folder = folder
    self.configuration = configuration
  }

  /// Reads the configuration of the run in the folder `path`.
  ///
  /// - Throws: `Failure` where there is no run; `ConfigurationError`.
  init(reading path: String) throws {
    let folder = RunFolder(path: SystemPath.withoutEndingSlash(path))
    func cure() -> String {
      let advice = MissingRun(folder.path).advice
      return advice.isEmpty ? "name a run's folder, such as those that `mvit-tui runs` lists" : advice
    }
    guard let status = try FileSystem.status(folder.path) else {
      throw Failure(.missingInput, "\(path): there is no such folder; \(cure())")
    }
    guard status.kind == .folder, try folder.holdsRun else {
      throw Failure(.missingInput, "\(path): is no run, as it has no config.toml; \(cure())")
    }
    self.folder = folder
    configuration = try RunConfiguration(Self.settings(ofRun: folder.configurationFile), models: ModelFacts.catalogue())
  }

  /// The settings of a file that the user names, who may name a pipe.
  ///
  /// - Throws: `Failure` for a file that cannot be read, `ConfigurationError` for one that makes no sense.
  static func settings(readingFile path: String) throws -> Settings {
    // The shell keeps its pipes in a folder where no data lie.
    let isPipe = try FileSystem.status(path)?.kind == .pipe
    return try Settings(
      toml: TextFile.read(path, "the configuration", takesPipes: true), file: path, folder: isPipe ? SystemPath.currentFolder : nil)
  }

  /// The settings that a run began with. A key that they lack is younger than the run.
  ///
  /// - Throws: `FileSystemError`, `ConfigurationError`.
  static func settings(ofRun path: String) throws -> Settings {
    // A bound far above what the reader of configurations accepts, for its own error.
    guard let bytes = try FileSystem.read(path, atMost: 1 << 20) else { throw FileSystemError(.read, path, code: ENOENT) }
    var settings = try Settings(toml: TextFile.text(bytes, of: path), file: path)
    settings.isOfARun = true
    return settings
  }

  /// Names of what is trained: models, each at every value of a sweep.
  var names: [String] { configuration.variants.map(\.name) }

  /// The configuration, for a page that is passed on.
  var settings: [(name: String, value: String)] {
    SettingTable.shown.compactMap { entry in configuration[entry].map { (entry.name, $0.description) } }
  }

  /// What was logged so far, a piece for each model; a log that cannot be read to its end comes with the problem.
  func loggedSoFar() -> [LogNews] {
    names.flatMap { model -> [LogNews] in
      let scalars = folder.scalarsFolder(of: model)
      // A model that has not begun has no log.
      guard !FileSystem.isMissing(scalars) else { return [] }
      let watcher = LogWatcher([scalars])
      var pieces = [LogNews(name: model, problems: watcher.discover())]
      while case let news = watcher.read(atMost: 100_000), !news.isEmpty { pieces += news }
      return pieces.map {
        LogNews(name: model, isRestart: $0.isRestart, records: $0.records, resumedAt: $0.resumedAt, problems: $0.problems)
      }
    }
  }

  /// What the models made of the evaluation images, last.
  func predictionsSoFar() -> [DashboardMessage] {
    names.compactMap { DashboardMessage(storedPredictions: folder.predictionsFile(of: $0), of: $0) }
  }

  // MARK: Standing

  /// How far a model is.
  enum Standing: Equatable {
    /// Not at its end; nil without a checkpoint.
    case unfinished(step: Int?)
    case finished(step: Int)
    /// Diverged and ended while the others were trained on.
    case dropped(epoch: Int, step: Int)

    var isUnfinished: Bool { if case .unfinished = self { true } else { false } }
    var isDropped: Bool { if case .dropped = self { true } else { false } }
  }

  /// - Throws: `DivergenceError`, `CheckpointError`.
  func standing(of model: String) throws -> Standing {
    let checkpoints = folder.checkpoints(of: model)
    if let divergence = try checkpoints.divergence() { return .dropped(epoch: divergence.epoch, step: divergence.step) }
    guard let state = try checkpoints.checkpointToResume()?.state else { return .unfinished(step: nil) }
    return state.isFinished ? .finished(step: state.step) : .unfinished(step: state.step)
  }

  /// What a report of the run as it is now was made of. A report that carries another mark was made earlier: its process may have
  /// been killed before it wrote the last one.
  ///
  /// - Throws: `DivergenceError`, `CheckpointError`.
  func mark() throws -> String {
    try names.map { name in
      switch try standing(of: name) {
      case .unfinished(let step): "\(name) \(step ?? 0)"
      case .finished(let step): "\(name) finished \(step)"
      case .dropped(_, let step): "\(name) diverged \(step)"
      }
    }.joined(separator: ", ")
  }

  /// How the run stands, in words.
  ///
  /// - Throws: `DivergenceError`, `CheckpointError`.
  func state() throws -> String {
    if try folder.isBeingWritten { return "still running" }
    guard try names.contains(where: { try standing(of: $0).isUnfinished }) else { return "all epochs done" }
    let states = RunSummary.of(folder).filter { $0.droppedAt == nil && $0.state != .finished }.map(\.state)
    return "ended early: \((states.first ?? .interrupted).rawValue)"
  }

  // MARK: Evaluations

  /// Finished models whose last evaluation is not in the log or whose predictions are missing, though they were evaluated.
  ///
  /// - Throws: `DivergenceError`, `CheckpointError`.
  func lackEvaluation() throws -> Set<String> {
    let logged = Dictionary(grouping: loggedSoFar(), by: \.name)
    var lacking: Set<String> = []
    for name in names {
      guard case .finished(let step) = try standing(of: name) else { continue }
      let checkpoints = folder.checkpoints(of: name)
      let last = try Checkpoint(reading: checkpoints.path(ofStep: step)).state.epochs - 1
      let epochs = (logged[name] ?? []).flatMap(\.records).filter { $0.tag == "eval/acc" }.map(\.step)
      // Without any there are no images to evaluate, or none of the curves is left.
      guard !epochs.isEmpty else { continue }
      let predictions: StoredPredictions?
      do {
        predictions = try PredictionsFile(path: folder.predictionsFile(of: name)).read()
      } catch is PredictionsFileError {
        // Damaged ones are made anew; those that cannot be read are not replaced.
        predictions = nil
      }
      if epochs.max() != last || predictions?.counts == nil || predictions?.epoch != last { lacking.insert(name) }
    }
    return lacking
  }

  // MARK: Costs

  /// Parameters and multiply-accumulates of the networks. The memory of a training is known only to the process that trains.
  ///
  /// A model without a checkpoint, or with a damaged one, has none: the number of its classes is unknown. Damage is reported.
  /// - Throws: `FileSystemError`, `CheckpointError`.
  func costs() throws -> [ModelCosts] {
    try configuration.variants.compactMap { variant in
      let checkpoints = folder.checkpoints(of: variant.name)
      guard let step = try checkpoints.resumeStep else { return nil }
      let weights: SafetensorsFile
      do {
        weights = try SafetensorsFile(path: checkpoints.path(ofStep: step) + "/model.safetensors")
      } catch let error as WeightFileError {
        StandardStreams.complain("the report has no parameters and multiply-accumulates of \(variant.name): \(error.file) \(error.reason)")
        return nil
      }
      guard let classes = weights.metadata["classes"].flatMap({ Int($0) }), classes > 0 else { return nil }
      let network = try Catalogue.network(variant.model, classes: classes)
      let size = configuration.imageSize
      return ModelCosts(
        model: variant.name, parameters: network.parameterCount, macs: try network.multiplyAccumulates(height: size, width: size),
        batchSize: configuration.batchSize, memoryBytes: nil)
    }
  }
}
