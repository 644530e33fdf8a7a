import Configuration
import Dashboard
import Files
import Foundation
import ImageData
import Kernels
import NeuralNetwork
import Tensors
import Training
import VisionModels
import WeightFiles

/// What `train` is going to do: which folder, which configuration, from scratch or from a checkpoint.
struct RunPlan {
  let folder: RunFolder
  private let configuration: RunConfiguration
  /// The configuration in the run's folder; nil for a run that begins.
  private let recorded: RunConfiguration?
  private let isResuming: Bool
  /// What to report before the run begins: that there is none to resume.
  let notice: String?
  private let acceptsChangedData: Bool
  /// Whether this plan made the folder, for want of `--run`.
  private let hasMadeFolder: Bool

  /// Puts flags, configuration file, an existing run and the defaults together.
  ///
  /// - Throws: `ConfigurationError`, `RunFolderError`, `FileSystemError`, `Failure` for flags that conflict with the run to be
  ///   resumed.
  init(_ flags: Settings, models names: [String]? = nil) throws {
    let (run, resume) = (flags.run, flags.resume)
    var given = flags
    if let names { try given.set(\.models, .text(names.joined(separator: ", "))) }
    if let config = flags.config { given = given.over(try StoredRun.settings(readingFile: config)) }
    if resume && run == nil { throw Failure(.usage, "--resume needs the run's folder; name it with --run") }
    if flags.acceptChangedData && !resume {
      throw Failure(.usage, "--accept-changed-data is for a run that is resumed; add --run and --resume, or leave it out")
    }
    let models = try ModelFacts.catalogue()
    let existing = try run.map(RunFolder.init).flatMap { try $0.holdsRun ? $0 : nil }
    isResuming = resume
    acceptsChangedData = flags.acceptChangedData
    if let existing {
      // Asked before anything is read, and again under the folder's lock.
      guard resume else { throw RunFolderError.holdsARun(existing.path) }
      let stored = try StoredRun.settings(ofRun: existing.configurationFile)
      let original = try RunConfiguration(stored, models: models)
      let conflicts = original.conflicts(with: given)
      guard conflicts.isEmpty else { throw Self.conflict(conflicts, given, original, existing.path) }
      // Variants are called as the sweep was spelled when the run began.
      if let sweep = stored.value(of: SettingTable.shared.sweep) { try given.set(\.sweep, sweep) }
      try original.followMove(in: &given)
      configuration = try RunConfiguration(given.over(stored), models: models).withChosenKernels()
      recorded = original
      folder = existing
      notice = nil
    } else {
      notice = try run.flatMap { resume ? try MissingRun($0).begin(hasData: given.data != nil || given.trainDir != nil) : nil }
      let weights = try (given.weights ?? nil).map(WeightFacts.init(reading:))
      configuration = try RunConfiguration(given, models: models, weights: weights).withChosenKernels()
      recorded = nil
      folder =
        try run.map(RunFolder.init)
        ?? .new(in: "runs", date: Self.date(), model: configuration.variants.count == 1 ? configuration.models[0] : "compare")
    }
    hasMadeFolder = run == nil
  }

  /// Gives up a folder that was made for a run which never began.
  func leave() {
    if hasMadeFolder { folder.removeIfEmpty() }
  }

  /// The run as its folder holds it.
  var run: StoredRun { StoredRun(folder, configuration) }

  /// Names of what is trained: models, each at every value of a sweep.
  var names: [String] { run.names }

  /// The same of a run that exists.
  static func names(of run: RunFolder, models: [ModelFacts]) throws -> [String] {
    try RunConfiguration(StoredRun.settings(ofRun: run.configurationFile), models: models).variants.map(\.name)
  }

  /// What is left to do: training, or evaluations that are missing; nil if the run is finished.
  ///
  /// - Throws: `DivergenceError`, `CheckpointError`; `Failure` where every model diverged.
  func start() throws -> Start? {
    var start = Start(
      configuration: configuration, recorded: recorded, isResuming: isResuming, acceptsChangedData: acceptsChangedData,
      limits: SystemLimits.read())
    if isResuming, try !names.map(run.standing).contains(where: \.isUnfinished) {
      start.evaluatesAgain = try run.lackEvaluation()
      if start.evaluatesAgain.isEmpty { return nil }
    }
    try start.findMovedData(run: folder)
    return start
  }

  /// Makes the report of a finished comparison whose process ended before it did.
  ///
  /// - Returns: sentences for people.
  /// - Throws: `Failure` where every model diverged; `FileSystemError`.
  func finish() throws -> [String] {
    // Its images, wherever they may be now, were not looked at.
    let run = StoredRun(folder, recorded ?? configuration)
    var sentences = ["\(folder.path): this run is finished; there is nothing to resume"]
    if names.count > 1, try !ComparisonOutcome.isReported(run) {
      let target = PreferencesFile.load().settings.targetAccuracy
      let outcome = ComparisonOutcome(
        run, costs: try run.costs(), dropped: try run.dropped(), target: target, state: try run.state())
      sentences = ["\(folder.path): this run is finished, but its report was missing; it is in \(try outcome.writeReport())"]
    }
    if try names.allSatisfy({ try run.standing(of: $0).isDropped }) { throw try divergence() }
    return sentences
  }

  /// What to say when a model's numbers are no longer finite.
  ///
  /// - Throws: what keeps the checkpoints from being found.
  func divergence() throws -> Failure {
    let paths = try names.compactMap { model -> String? in
      let checkpoints = folder.checkpoints(of: model)
      return try checkpoints.resumeStep.map(checkpoints.path(ofStep:))
    }
    let last = paths.isEmpty ? "there is no checkpoint yet" : "the last good checkpoint is \(paths.joined(separator: " and "))"
    let another = "begin a new run with a lower --lr"
    let cure = configuration.onNaN == .stop ? "\(another), or resume this one with --on-nan continue" : another
    return Failure(.internal, "the training no longer gives finite numbers; \(last); \(cure)")
  }

  private static func conflict(_ keys: [any SettingEntry], _ given: Settings, _ original: RunConfiguration, _ run: String) -> Failure {
    let list = keys.map { key in
      "\(given.place(of: key)) (\(given.value(of: key).map { "\($0)" } ?? ""), the run has \(original[key].map { "\($0)" } ?? "none"))"
    }
    return Failure(
      .usage, "\(run) cannot be resumed with another \(list.joined(separator: ", ")); leave it out, or begin a new run with another --run")
  }

  private static func date() -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    return formatter.string(from: Date())
  }
}

extension DataRequest {
  /// The images that a configuration asks for.
  init(_ configuration: RunConfiguration, run: String? = nil) {
    self.init(
      configuration.data, trainingFolder: configuration.trainDir, evaluationFolder: configuration.evalDir, layout: configuration.layout,
      labelColumn: configuration.labelColumn, evaluationFraction: configuration.evalFraction, seed: UInt64(configuration.seed), run: run)
  }
}

extension RunConfiguration {
  /// With the name of the path that `best` stands for, so that the run says what it was computed with.
  fileprivate func withChosenKernels() throws -> RunConfiguration {
    var result = self
    result.kernels = try KernelSet.chosen(self.kernels).name
    return result
  }
}

extension WeightFacts {
  /// - Throws: `FileSystemError`, `WeightFileError`.
  init(reading path: String) throws {
    let file = try SafetensorsFile(weightsAt: path)
    let metadata = WeightMetadata(file.metadata)
    self.init(
      model: try metadata.model ?? WeightFileInspection(of: file).model, normalization: metadata.normalization?.rawValue,
      rules: try metadata.pictureRules(of: path))
  }
}
