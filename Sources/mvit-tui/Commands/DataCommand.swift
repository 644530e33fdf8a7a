import ArgumentParser
import Configuration
import ImageData
import Kernels
import NeuralNetwork
import SystemText
import Tensors
import Training
import VisionModels

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Show what training would make of a folder of images.",
    discussion: """
      Parts, classes with their images, sizes, formats, duplicates, images that cannot be used, files that are not used, and an \
      estimate of memory and time. Takes the flags of train that decide over pictures, model, batches and their number. Exits as \
      train's check would: 65 for data that it refuses, 66 for a folder that is missing.

        mvit-tui data photos
        mvit-tui data photos --model mobilevit_xxs --image-size 128 --json
      """)

  @Argument(help: ArgumentHelp("The folder of images. (not with --train-dir)", valueName: "dir"))
  var folder: String?

  @Option(help: ArgumentHelp("How many images or files of a kind to name.", valueName: "n"))
  var examples = 10

  @Flag(help: "Leave out the estimate of memory and time, which trains a few steps.")
  var noEstimate = false

  @Flag(help: "Write one JSON object to standard output.")
  var json = false

  @OptionGroup(title: SettingGroup.data.rawValue) private var data: SettingFlags<ForData, DataSection>
  @OptionGroup(title: SettingGroup.training.rawValue) private var training: SettingFlags<ForData, TrainingSection>
  @OptionGroup(title: SettingGroup.machine.rawValue) private var machine: SettingFlags<ForData, MachineSection>

  func validate() throws {
    guard (0...1_000_000).contains(examples) else {
      throw ValidationError("--examples must be a whole number from 0 to 1000000, not \(examples)")
    }
    guard folder != "" else { throw ValidationError("name the folder of images, for instance: mvit-tui data photos") }
  }

  func run() throws {
    let run = try configured()
    let limits = SystemLimits.read()
    let threads = BatchLoader.standardThreads(processors: limits.processors)
    let survey: DataSurvey
    do {
      survey = try DataSurvey(DataRequest(run), limits: .standard(limits, threads: threads), threads: limits.processors)
    } catch {
      if json { try StandardStreams.say(DataReport.refused(run.data, error)) }
      throw error
    }
    // What training would refuse is known before the estimate, which needs what is left.
    let left = Result { try usable(survey, run) }
    let estimate: Result<RunEstimate, any Error>? =
      if case .success(let folder) = left, !noEstimate { Result { try self.estimate(survey, folder, run, limits, threads) } } else { nil }
    let report = DataReport(survey, run: run, estimate: estimate, examples: examples)
    let refusal = refusal(left, estimate)
    for line in json ? [report.json(refusal)] : report.lines { try StandardStreams.say(line) }
    if let refusal { throw refusal }
  }

  /// Why training would refuse the folder; nil if it would not.
  private func refusal(_ left: Result<ImageFolder, any Error>, _ estimate: Result<RunEstimate, any Error>?) -> (any Error)? {
    if case .failure(let error) = left { return error }
    switch estimate {
    case .failure(let error): return error
    case .success(let estimate) where !estimate.fits: return PlanError.memory(estimate.need, available: estimate.availableBytes)
    case .success, nil: return nil
    }
  }

  /// - Throws: `ConfigurationError`; what keeps the files of --config and --weights from being used.
  private func configured() throws -> RunConfiguration {
    var settings = Settings()
    try data.add(to: &settings)
    try training.add(to: &settings)
    try machine.add(to: &settings)
    if let folder { try settings.set(\.data, .text(folder)) }
    if let config = settings.config { settings = settings.over(try StoredRun.settings(readingFile: config)) }
    guard settings.data != nil || settings.trainDir != nil else {
      throw Failure(.usage, "name the folder of images, for instance: mvit-tui data photos")
    }
    let weights = try (settings.weights ?? nil).map(WeightFacts.init(reading:))
    return try RunConfiguration(settings, models: ModelFacts.catalogue(), weights: weights)
  }

  /// What is left to train on.
  ///
  /// - Throws: what training refuses to start with.
  private func usable(_ survey: DataSurvey, _ run: RunConfiguration) throws -> ImageFolder {
    let broken = survey.faultsInTraining
    guard !broken.isEmpty else { return survey.folder }
    // The images themselves are named in the report.
    guard run.skipBadImages else {
      let all = survey.folder.training.count + survey.folder.evaluation.count
      throw Failure(
        .badData,
        "\(broken.count) of \(all) images cannot be used, so train refuses to start; repair or remove them, or add --skip-bad-images")
    }
    return try survey.folder.removing(broken)
  }

  private func estimate(
    _ survey: DataSurvey, _ folder: ImageFolder, _ run: RunConfiguration, _ limits: SystemLimits, _ threads: Int
  ) throws -> RunEstimate {
    let network = try Catalogue.network(run.models[0], classes: folder.classNames.count, dropout: Float(run.dropouts[0]))
    let engine = Engine(threads: run.threads ?? limits.processors, kernels: try KernelSet.chosen(run.kernels))
    if let shortage = engine.pool.shortage { StandardStreams.complain(shortage) }
    return try RunEstimate(
      network, recipe: TrainingRecipe(run), folder: folder, decodingBytes: survey.decodingBytes, threads: threads, engine: engine)
  }
}
