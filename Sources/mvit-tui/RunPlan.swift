import Configuration
import Dashboard
import Foundation
import ImageData
import Kernels
import NeuralNetwork
import RunHistory
import Tensors
import Training
import VisionModels
import WeightFiles

/// What `train` is going to do: which folder, which configuration, from scratch or from a checkpoint.
struct RunPlan {
  let folder: RunFolder
  private let configuration: RunConfiguration
  private let isResuming: Bool
  /// Whether this plan made the folder, for want of `--run`.
  private let hasMadeFolder: Bool

  /// Puts flags, configuration file, an existing run and the defaults together.
  ///
  /// - Throws: `ConfigurationError`, `RunFolderError`, `FileSystemError`, `Failure` for flags that conflict with the run to be
  ///   resumed.
  init(
    _ options: TrainingOptions, models names: [String]? = nil, sweep: String? = nil, config: String?, run: String?, resume: Bool
  ) throws {
    var given = try options.settings()
    if let names { try given.set(.model, .text(names.joined(separator: ", "))) }
    if let sweep { try given.set(.sweep, .text(sweep)) }
    if let config { given = given.over(try Self.settings(readingFile: config)) }
    if resume && run == nil { throw Failure(.usage, "--resume needs the run's folder; name it with --run") }
    let models = try ModelFacts.catalogue()
    let existing = run.map(RunFolder.init).flatMap { $0.holdsRun ? $0 : nil }
    isResuming = resume
    if let existing {
      // Asked before anything is read, and again under the folder's lock.
      guard resume else { throw RunFolderError.holdsARun(existing.path) }
      let stored = try Self.settings(readingFile: existing.configurationFile)
      let original = try RunConfiguration(stored, models: models)
      let conflicts = original.conflicts(with: given)
      guard conflicts.isEmpty else { throw Self.conflict(conflicts, given, original, existing.path) }
      // Variants are called as the sweep was spelled when the run began.
      if let sweep = stored[.sweep] { try given.set(.sweep, sweep) }
      configuration = try RunConfiguration(given.over(stored), models: models).withChosenKernels()
      folder = existing
    } else {
      let weights = try given.text(.weights).map(WeightFacts.init(reading:))
      configuration = try RunConfiguration(given, models: models, weights: weights).withChosenKernels()
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

  /// Names of what is trained: models, each at every value of a sweep.
  var names: [String] { configuration.variants.map(\.name) }

  /// The same of a run that is there.
  static func names(of run: RunFolder, models: [ModelFacts]) throws -> [String] {
    try RunConfiguration(settings(readingFile: run.configurationFile), models: models).variants.map(\.name)
  }

  /// The whole configuration, for people.
  var settings: [(name: String, value: String)] {
    SettingKey.allCases.compactMap { key in configuration[key].map { (key.rawValue, $0.description) } }
  }

  /// What earlier sessions of the run logged, in pieces for each model.
  func loggedSoFar() -> [LogNews] {
    names.flatMap { model -> [LogNews] in
      let scalars = folder.scalarsFolder(of: model)
      // A model that has not begun has no log.
      guard !FileManager.default.isMissing(scalars) else { return [] }
      let watcher = LogWatcher([scalars])
      var pieces = [LogNews(name: model, problems: watcher.discover())]
      while case let news = watcher.read(atMost: 100_000), !news.isEmpty { pieces += news }
      return pieces.map {
        LogNews(name: model, isRestart: $0.isRestart, records: $0.records, resumedAt: $0.resumedAt, problems: $0.problems)
      }
    }
  }

  /// What the models made of the evaluation images in earlier sessions.
  func predictionsSoFar() -> [DashboardMessage] {
    names.compactMap { DashboardMessage(storedPredictions: folder.predictionsFile(of: $0), of: $0) }
  }

  /// What is left to do; nil if the run is finished.
  func start() throws -> Start? {
    let isFinished = try names.allSatisfy { model in
      let checkpoints = folder.checkpoints(of: model)
      guard let step = checkpoints.resumeStep else { return false }
      return try Checkpoint(reading: checkpoints.path(ofStep: step)).state.isFinished
    }
    if isResuming && isFinished { return nil }
    return Start(configuration: configuration, isResuming: isResuming, limits: SystemLimits.read())
  }

  /// What to say when a model's numbers are no longer finite.
  var divergence: Failure {
    let paths = names.compactMap { model -> String? in
      let checkpoints = folder.checkpoints(of: model)
      return checkpoints.resumeStep.map(checkpoints.path(ofStep:))
    }
    let last = paths.isEmpty ? "there is no checkpoint yet" : "the last good checkpoint is \(paths.joined(separator: " and "))"
    let cure = configuration.onNaN == .stop ? "try a lower --lr, or --on-nan continue" : "try a lower --lr"
    return Failure(.internal, "the training no longer gives finite numbers; \(last); \(cure)")
  }

  private static func settings(readingFile path: String) throws -> Settings {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw Failure(.missingInput, "\(path): cannot be read; check the path and its permissions")
    }
    return try Settings(toml: String(decoding: data, as: UTF8.self), file: path)
  }

  private static func conflict(_ keys: [SettingKey], _ given: Settings, _ original: RunConfiguration, _ run: String) -> Failure {
    let list = keys.map { key in
      "\(given.place(of: key)) (\(given[key].map { "\($0)" } ?? ""), the run has \(original[key].map { "\($0)" } ?? "none"))"
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

  /// A run, ready to be set up.
  struct Start {
    fileprivate let configuration: RunConfiguration
    fileprivate let isResuming: Bool
    fileprivate let limits: SystemLimits

    private var recipe: TrainingRecipe { TrainingRecipe(configuration) }
    private var threads: Int { configuration.threads ?? limits.processors }

    /// Scans and checks the images.
    func loadData(goesOn: @escaping @Sendable () -> Bool) throws -> (TrainingData, leftOut: [ImageError]) {
      let threads = BatchLoader.standardThreads(processors: limits.processors)
      let decoding = DecodeLimits.standard(limits, threads: threads)
      let checked = try HeaderCheck(
        skipsBroken: configuration.skipBadImages, limits: decoding, threads: limits.processors, goesOn: goesOn
      ).folder(configuration.data, evaluationFraction: configuration.evalFraction, seed: UInt64(configuration.seed))
      let budget = configuration.cacheSize.map { CacheBudget(bytes: $0) } ?? .standard(limits)
      let data = TrainingData(
        checked.folder, recipe: recipe, budget: budget, limits: decoding, threads: threads, decodingBytes: checked.decodingBytes)
      return (data, checked.leftOut)
    }

    /// A warning about images that are both trained and evaluated on; nil without any.
    func sharedImages(in data: TrainingData, goesOn: @escaping @Sendable () -> Bool) -> String? {
      SharedImages(in: data.folder, threads: limits.processors, goesOn: goesOn).warning
    }

    /// Takes the run's folder and notes the configuration there.
    func open(_ folder: RunFolder) throws -> RunLock {
      let lock = try folder.open(resuming: isResuming)
      if !folder.holdsRun {
        try DurableFile.write(folder.configurationFile, bytes: Array(configuration.toml.utf8))
      }
      return lock
    }

    func job(_ data: TrainingData, _ folder: RunFolder, clock: RunClock) throws -> TrainingJob {
      let variants = try configuration.variants.map { variant in
        let one = variant.configuration
        var own = TrainingRecipe(one)
        // A checkpoint belongs to the whole run.
        own.settings = recipe.settings
        return TrainingVariant(
          name: variant.name,
          network: try Catalogue.network(variant.model, classes: data.folder.classNames.count, dropout: Float(one.dropout)),
          recipe: own, hyperparameters: one.hyperparameters)
      }
      return TrainingJob(
        variants: variants, recipe: recipe, data: data, folder: folder, threads: threads, kernels: configuration.kernels,
        writesTensorBoard: configuration.tensorboard, resumes: isResuming, clock: clock)
    }
  }
}

extension RunConfiguration {
  /// With the name of the path that `best` stands for, so that the run says what it was computed with.
  fileprivate func withChosenKernels() throws -> RunConfiguration {
    var result = self
    result.kernels = try KernelSet.chosen(kernels).name
    return result
  }
}

extension WeightFacts {
  /// - Throws: `FileSystemError`, `WeightFileError`.
  fileprivate init(reading path: String) throws {
    let file = try SafetensorsFile(weightsAt: path)
    let metadata = WeightMetadata(file.metadata)
    self.init(
      model: try metadata.model ?? WeightFileInspection(of: file).model, normalization: metadata.normalization?.rawValue)
  }
}
