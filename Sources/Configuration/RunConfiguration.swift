import Foundation
import SystemText

/// The whole effective configuration of a training run: every setting has a value, wherever it came from.
///
/// Written to the run folder as `config.toml`; given back with `--config` it repeats the run.
public struct RunConfiguration: Sendable, Hashable {
  /// At least one; several are trained side by side.
  public var models: [String]
  /// A setting whose values are trained side by side, each with all of the models.
  public var sweep: Sweep?
  /// Absolute.
  public var data: String
  public var evalFraction: Double
  public var imageSize: Int
  public var epochs: Int
  public var batchSize: Int
  public var optimizer: OptimizerChoice
  public var learningRate: Double
  public var momentum: Double
  public var weightDecay: Double
  public var schedule: ScheduleChoice
  public var warmupSteps: Int
  public var labelSmoothing: Double
  /// Before the classifier, for each of the models.
  public var dropouts: [Double]
  public var augment: AugmentChoice
  public var normalization: NormalizationChoice
  public var shuffle: Bool
  public var seed: Int
  /// Absolute.
  public var weights: String?
  public var evalEvery: Int
  public var bestAbove: Double
  public var onNaN: NonFinitePolicy
  public var skipBadImages: Bool
  /// Steps; nil for about once a minute.
  public var checkpointEvery: Int?
  public var tensorboard: Bool
  /// The name of a kernel path, or `best`.
  public var kernels: String
  /// nil for as many as the machine has for us.
  public var threads: Int?
  /// Bytes; nil for what the free memory allows.
  public var cacheSize: Int?

  public enum OptimizerChoice: String, Sendable { case sgd, adamw }
  public enum ScheduleChoice: String, Sendable { case cosine, tutorial, constant }
  public enum AugmentChoice: String, Sendable { case none, tutorial, standard }
  public enum NormalizationChoice: String, Sendable { case unit, imagenet, tutorial }
  public enum NonFinitePolicy: String, Sendable { case stop, drop, `continue` }

  /// What is used where nothing is said and the model has no say: the tutorial's values where it has one.
  public enum Defaults {
    public static let model = "mobilevit_s"
    public static let evalFraction = 0.2
    public static let imageSize = 256
    public static let epochs = 20
    public static let batchSize = 16
    public static let momentum = 0.9
    public static let seed = 8888
  }

  /// Lays `settings` over the defaults.
  ///
  /// AdamW has a rate and a decay of its own (0.001 and 0.01), since the tutorial's are for SGD.
  /// - Parameters:
  ///   - models: the catalogue.
  ///   - weights: what the file of `--weights` tells, if one is given.
  ///   - folder: the folder that relative paths start from.
  /// - Throws: `ConfigurationError`: no data, an unknown model, an image size that the model cannot take.
  public init(
    _ settings: Settings, models: [ModelFacts], weights facts: WeightFacts? = nil,
    relativeTo folder: String = SystemPath.currentFolder
  ) throws(ConfigurationError) {
    let chosen = try Self.chosen(settings, models, facts)
    guard let data = settings.text(.data) else {
      throw ConfigurationError("--data", "names no folder; give the folder that holds the images")
    }
    imageSize = settings.integer(.imageSize) ?? Defaults.imageSize
    for model in chosen {
      if let objection = model.objection(toImageSize: imageSize) {
        throw ConfigurationError(settings.place(of: .imageSize), objection)
      }
    }
    let optimizer = settings.choice(.optimizer) ?? OptimizerChoice.sgd
    let foreign = facts.map { $0.normalization ?? chosen[0].publishedNormalization }
    self.models = chosen.map(\.name)
    sweep = try settings.text(.sweep).map { text throws(ConfigurationError) in try Sweep(text, at: settings.place(of: .sweep)) }
    self.data = SystemPath.absolute(data, from: folder)
    evalFraction = settings.number(.evalFraction) ?? Defaults.evalFraction
    epochs = settings.integer(.epochs) ?? Defaults.epochs
    batchSize = settings.integer(.batchSize) ?? Defaults.batchSize
    self.optimizer = optimizer
    learningRate = settings.number(.learningRate) ?? (optimizer == .sgd ? 0.01 : 0.001)
    momentum = settings.number(.momentum) ?? Defaults.momentum
    weightDecay = settings.number(.weightDecay) ?? (optimizer == .sgd ? 1e-4 : 0.01)
    schedule = settings.choice(.schedule) ?? .cosine
    warmupSteps = settings.integer(.warmupSteps) ?? 0
    labelSmoothing = settings.number(.labelSmoothing) ?? 0
    dropouts = chosen.map { settings.number(.dropout) ?? $0.dropout }
    augment = settings.choice(.augment) ?? .tutorial
    normalization = settings.choice(.normalization) ?? foreign.flatMap(NormalizationChoice.init) ?? .tutorial
    shuffle = settings.toggle(.shuffle) ?? true
    seed = settings.integer(.seed) ?? Defaults.seed
    weights = settings.text(.weights).map { SystemPath.absolute($0, from: folder) }
    evalEvery = settings.integer(.evalEvery) ?? 1
    bestAbove = settings.number(.bestAbove) ?? 0
    onNaN = settings.choice(.onNaN) ?? (chosen.count > 1 || settings.text(.sweep) != nil ? .drop : .stop)
    skipBadImages = settings.toggle(.skipBadImages) ?? false
    checkpointEvery = settings.integer(.checkpointEvery)
    tensorboard = settings.toggle(.tensorboard) ?? false
    kernels = settings.text(.kernels) ?? "best"
    threads = settings.integer(.threads)
    cacheSize = settings.integer(.cacheSize)
  }

  /// The models as a setting has them.
  public var model: String { models.joined(separator: ", ") }

  /// What stands before the classifier of the first model.
  public var dropout: Double { dropouts[0] }

  /// The models by their names, which commas set apart.
  private static func chosen(
    _ settings: Settings, _ models: [ModelFacts], _ facts: WeightFacts?
  ) throws(ConfigurationError) -> [ModelFacts] {
    let text = settings.text(.model) ?? facts?.model ?? Defaults.model
    var chosen: [ModelFacts] = []
    for name in names(text) {
      guard let model = models.first(where: { $0.name == name }) else {
        throw ConfigurationError(
          settings.place(of: .model),
          "there is no model \"\(name)\"; the models are \(Settings.list(models.map(\.name), "and"))")
      }
      guard !chosen.contains(model) else {
        throw ConfigurationError(settings.place(of: .model), "\(name) is named twice; name each model once")
      }
      chosen.append(model)
    }
    if chosen.count > 1, settings.text(.weights) != nil {
      throw ConfigurationError(settings.place(of: .weights), "can begin one model only, not \(chosen.count); leave it out")
    }
    return chosen
  }

  /// The names in a setting's text, which commas set apart.
  static func names(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
  }
}

extension Settings {
  public func text(_ key: SettingKey) -> String? {
    if case .text(let value)? = self[key] { value } else { nil }
  }

  public func integer(_ key: SettingKey) -> Int? {
    if case .integer(let value)? = self[key] { value } else { nil }
  }

  public func number(_ key: SettingKey) -> Double? {
    if case .number(let value)? = self[key] { value } else { nil }
  }

  public func toggle(_ key: SettingKey) -> Bool? {
    if case .toggle(let value)? = self[key] { value } else { nil }
  }

  /// The names of a choice were checked when it was set.
  fileprivate func choice<Choice: RawRepresentable<String>>(_ key: SettingKey) -> Choice? {
    text(key).flatMap(Choice.init)
  }
}
