import Configuration
import Files
import Foundation
import ImageData
import NeuralNetwork
import SystemText
import Tensors
import Training
import VisionModels
import WeightFiles

extension RunPlan {
  /// A run, ready to be set up.
  struct Start {
    private(set) var configuration: RunConfiguration
    /// The configuration in the run's folder; nil for a run that begins.
    let recorded: RunConfiguration?
    let isResuming: Bool
    let acceptsChangedData: Bool
    let limits: SystemLimits
    /// Finished models whose last evaluation is missing.
    var evaluatesAgain: Set<String> = []

    private var recipe: TrainingRecipe { TrainingRecipe(configuration) }
    private var threads: Int { configuration.threads ?? limits.processors }
    private var decodingThreads: Int { BatchLoader.standardThreads(processors: limits.processors) }
    /// Of each thread that decodes.
    private var decoding: DecodeLimits { .standard(limits, threads: decodingThreads) }

    private func request(_ run: RunFolder) -> DataRequest { DataRequest(configuration, run: run.path) }

    /// Looks through the wrapping of a folder that was moved and renamed.
    ///
    /// - Throws: `ResumedDataError`
    mutating func findMovedData(run: RunFolder) throws {
      // Under the rule `pairs` no wrapping is looked through, and outright parts are what they are named.
      guard let recorded, recorded.data != configuration.data, configuration.trainDir == nil, configuration.layout != .pairs else { return }
      do throws(ImageFolderError) {
        configuration.data = try ImageFolder.moved(to: configuration.data, from: recorded.data)
      } catch { throw ResumedDataError(error, request(run)) }
    }

    /// Scans and checks the images, and decides whether the run may train on them.
    ///
    /// - Parameter run: the run's folder, which may lie among them and is no part of them.
    func loadData(run: RunFolder, goesOn: @escaping @Sendable () -> Bool) throws -> (TrainingData, leftOut: [ImageError]) {
      let decoding = decoding
      let checkpoints = isResuming ? try checkpoints(in: run) : []
      // A run without a checkpoint begins anew, with what is there now.
      let known = checkpoints.isEmpty ? nil : try run.dataRecord.read()
      if known == nil, checkpoints.contains(where: { $0.state.epochVersions != nil }) {
        throw ChangedDataError(configuration.data, .recordMissing(file: run.dataRecord.path))
      }
      var request = request(run)
      request.known = known.flatMap { $0.current > 0 ? $0.sides : nil }
      let check = HeaderCheck(
        skipsBroken: configuration.skipBadImages, limits: decoding, threads: limits.processors, goesOn: goesOn)
      func checkedFolder() throws -> CheckedImages<ImageFolder> {
        do {
          return try check.folder(request)
        } catch let error as ImageFolderError where !checkpoints.isEmpty {
          throw ResumedDataError(error, request, classNames: known?.classNames)
        } catch var error as BrokenImagesError where !checkpoints.isEmpty {
          error.isResuming = true
          throw error
        }
      }
      var checked = try checkedFolder()
      if let known, known.current == 0, checked.folder.isSplit, checked.folder.fingerprint != known.fingerprint {
        // Images came or went: those that the run knows keep their sides.
        request.known = known.sides
        checked = try checkedFolder()
      }
      let admission = try DataAdmission(
        checked.folder, to: known, in: run.dataRecord.path, resuming: checkpoints, recipe: recipe, accepts: acceptsChangedData)
      let budget = configuration.cacheSize.map { CacheBudget(bytes: $0) } ?? .standard(limits)
      let bits = try recordedBits(in: run) ?? sampleBits(of: checked, limits: decoding, goesOn: goesOn)
      let data = try TrainingData(
        checked, recipe: recipe, sampleBits: bits, budget: budget, limits: decoding, threads: decodingThreads, admission: admission)
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
      SharedImages(in: data.folder, threads: limits.processors, limits: decoding, goesOn: goesOn).warning
    }

    /// The checkpoints to resume from, of the models that are trained on.
    private func checkpoints(in run: RunFolder) throws -> [Checkpoint] {
      try configuration.variants.compactMap { variant in
        let store = run.checkpoints(of: variant.name)
        return try store.divergence() == nil ? store.checkpointToResume() : nil
      }
    }

    /// Takes the run's folder and notes the configuration there; of a run that is resumed, where its images are now. To be called
    /// once these are known to be the run's.
    func open(_ folder: RunFolder) throws -> RunLock {
      let lock = try folder.open(resuming: isResuming)
      if try !folder.holdsRun {
        try DurableFile.write(folder.configurationFile, bytes: Array(configuration.toml.utf8))
      } else if let recorded, case let moved = recorded.moved(to: configuration), moved != recorded {
        try DurableFile.write(folder.configurationFile, bytes: Array(moved.toml.utf8))
      }
      return lock
    }

    /// What would have the run done sooner.
    func faster(given: Settings, classes: Int) throws -> FasterRun {
      try FasterRun(configuration, given: given, isRepeatable: Self.isRepeatable(given)) { model, size in
        try Catalogue.network(model, classes: classes).multiplyAccumulates(height: size, width: size)
      }
    }

    /// Whether the settings can be given again: a configuration from a pipe is read once. A hint is not worth an error, so a
    /// configuration that can no longer be examined counts as one that cannot be given.
    private static func isRepeatable(_ given: Settings) -> Bool {
      guard let config = given.config else { return true }
      do { return try FileSystem.status(config)?.kind == .file } catch { return false }
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
