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
  private let isResuming: Bool
  /// What to report before the run begins: that there is none to resume.
  let notice: String?
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
    let models = try ModelFacts.catalogue()
    let existing = try run.map(RunFolder.init).flatMap { try $0.holdsRun ? $0 : nil }
    isResuming = resume
    if let existing {
      // Asked before anything is read, and again under the folder's lock.
      guard resume else { throw RunFolderError.holdsARun(existing.path) }
      let stored = try StoredRun.settings(ofRun: existing.configurationFile)
      let original = try RunConfiguration(stored, models: models)
      let conflicts = original.conflicts(with: given)
      guard conflicts.isEmpty else { throw Self.conflict(conflicts, given, original, existing.path) }
      // Variants are called as the sweep was spelled when the run began.
      if let sweep = stored.value(of: SettingTable.shared.sweep) { try given.set(\.sweep, sweep) }
      configuration = try RunConfiguration(given.over(stored), models: models).withChosenKernels()
      folder = existing
      notice = nil
    } else {
      notice = try run.flatMap { resume ? try MissingRun($0).begin(hasData: given.data != nil || given.trainDir != nil) : nil }
      let weights = try (given.weights ?? nil).map(WeightFacts.init(reading:))
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
    guard isResuming else { return Start(configuration: configuration, isResuming: false, limits: SystemLimits.read()) }
    let standings = try names.map(run.standing)
    if standings.contains(where: \.isUnfinished) {
      return Start(configuration: configuration, isResuming: true, limits: SystemLimits.read())
    }
    let lacking = try run.lackEvaluation()
    return lacking.isEmpty
      ? nil : Start(configuration: configuration, isResuming: true, limits: SystemLimits.read(), evaluatesAgain: lacking)
  }

  /// Makes the report of a finished comparison whose process ended before it did.
  ///
  /// - Returns: sentences for people.
  /// - Throws: `Failure` where every model diverged; `FileSystemError`.
  func finish() throws -> [String] {
    let run = run
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

  /// A run, ready to be set up.
  struct Start {
    fileprivate let configuration: RunConfiguration
    fileprivate let isResuming: Bool
    fileprivate let limits: SystemLimits
    /// Finished models whose last evaluation is missing.
    fileprivate var evaluatesAgain: Set<String> = []

    private var recipe: TrainingRecipe { TrainingRecipe(configuration) }
    private var threads: Int { configuration.threads ?? limits.processors }

    /// Scans and checks the images.
    ///
    /// - Parameter run: the run's folder, which may lie among them and is no part of them.
    func loadData(run: RunFolder, goesOn: @escaping @Sendable () -> Bool) throws -> (TrainingData, leftOut: [ImageError]) {
      let threads = BatchLoader.standardThreads(processors: limits.processors)
      let decoding = DecodeLimits.standard(limits, threads: threads)
      let checked = try HeaderCheck(
        skipsBroken: configuration.skipBadImages, limits: decoding, threads: limits.processors, goesOn: goesOn
      ).folder(
        DataRequest(
          configuration.data, trainingFolder: configuration.trainDir, evaluationFolder: configuration.evalDir,
          layout: configuration.layout, labelColumn: configuration.labelColumn, evaluationFraction: configuration.evalFraction,
          seed: UInt64(configuration.seed), run: run.path))
      let budget = configuration.cacheSize.map { CacheBudget(bytes: $0) } ?? .standard(limits)
      let bits = try recordedBits(in: run) ?? sampleBits(of: checked, limits: decoding, goesOn: goesOn)
      let data = TrainingData(checked, recipe: recipe, sampleBits: bits, budget: budget, limits: decoding, threads: threads)
      return (data, checked.leftOut)
    }

    /// Bits of 16-bit samples that count: as given, else as many as the training images use.
    ///
    /// - Throws: `CancellationError`.
    private func sampleBits(
      of images: CheckedImages<ImageFolder>, limits: DecodeLimits, goesOn: @escaping @Sendable () -> Bool
    ) throws -> SampleBits {
      if let given = recipe.sampleBits { return given }
      guard images.counts.deep > 0 else { return .sixteen }
      let bits = SampleBits(usedBy: images.folder.training.map(\.location), limits: limits, threads: self.limits.processors, goesOn: goesOn)
      guard goesOn() else { throw CancellationError() }
      return bits
    }

    /// The bits in a checkpoint of the run; nil without one. The images may have been changed since.
    ///
    /// - Throws: `CheckpointError`, `WeightFileError`.
    private func recordedBits(in run: RunFolder) throws -> SampleBits? {
      guard isResuming else { return nil }
      for name in configuration.variants.map(\.name) {
        let checkpoints = run.checkpoints(of: name)
        guard let step = try checkpoints.resumeStep else { continue }
        return try checkpoints.reading(step) {
          let file = try SafetensorsFile(path: checkpoints.path(ofStep: step) + "/model.safetensors")
          return try WeightMetadata(file.metadata).pictureRules(of: file.path)?.sampleBits
        }
      }
      return nil
    }

    /// A warning about images that are both trained and evaluated on; nil without any.
    func sharedImages(in data: TrainingData, goesOn: @escaping @Sendable () -> Bool) -> String? {
      SharedImages(in: data.folder, threads: limits.processors, goesOn: goesOn).warning
    }

    /// Takes the run's folder and notes the configuration there.
    func open(_ folder: RunFolder) throws -> RunLock {
      let lock = try folder.open(resuming: isResuming)
      if try !folder.holdsRun {
        try DurableFile.write(folder.configurationFile, bytes: Array(configuration.toml.utf8))
      }
      return lock
    }

    func job(_ data: TrainingData, _ folder: RunFolder, lock: RunLock, clock: RunClock) throws -> TrainingJob {
      let variants = try configuration.variants.map { variant in
        let one = variant.configuration
        var own = TrainingRecipe(one)
        // A checkpoint belongs to the whole run.
        own.settings = recipe.settings
        return TrainingVariant(
          name: variant.name,
          network: try Catalogue.network(variant.model, classes: data.folder.classNames.count, dropout: Float(one.dropouts[0])),
          recipe: own, hyperparameters: one.hyperparameters)
      }
      return TrainingJob(
        variants: variants, recipe: recipe, data: data, folder: folder, lock: lock, threads: threads, kernels: configuration.kernels,
        writesTensorBoard: configuration.tensorboard, resumes: isResuming, evaluatesAgain: evaluatesAgain, clock: clock)
    }
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
  fileprivate init(reading path: String) throws {
    let file = try SafetensorsFile(weightsAt: path)
    let metadata = WeightMetadata(file.metadata)
    self.init(
      model: try metadata.model ?? WeightFileInspection(of: file).model, normalization: metadata.normalization?.rawValue,
      rules: try metadata.pictureRules(of: path))
  }
}
