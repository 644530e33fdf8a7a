import Foundation
import SystemText

/// The whole effective configuration of a training run: every setting has a value, wherever it came from.
///
/// A setting is a property under its name in `SettingTable`: `run.learningRate`. Written to the run folder as `config.toml`;
/// given back with `--config` it repeats the run.
@dynamicMemberLookup
public struct RunConfiguration: Sendable, Hashable {
  private var values: [String: SettingValue] = [:]
  /// Of the models, in their order.
  private var facts: [ModelFacts]

  /// Defaults that `evaluate` shares with training, so that the same images are set aside.
  public enum Defaults {
    public static let evalFraction = 0.2
    public static let batchSize = 16
    public static let seed = 8888
  }

  /// Lays `settings` over the defaults.
  ///
  /// - Parameters:
  ///   - models: the catalogue.
  ///   - weights: what the file of `--weights` says of itself, if one is given.
  ///   - folder: the folder that relative paths start from.
  /// - Throws: `ConfigurationError`: no data, an unknown model, an image size that the model cannot take.
  public init(
    _ settings: Settings, models: [ModelFacts], weights: WeightFacts? = nil,
    relativeTo folder: String = SystemPath.currentFolder
  ) throws(ConfigurationError) {
    facts = try Self.chosen(settings, models, weights)
    guard settings.data != nil || settings.trainDir != nil else {
      throw ConfigurationError("--data", "names no folder; give the folder that holds the images")
    }
    let context = SettingContext(given: settings, models: facts, weights: weights)
    for entry in SettingTable.all {
      values[entry.name] = entry.value(in: context).map { Self.absolute($0, of: entry, folder) }
    }
    // The whole set is where its training part is, unless it is named.
    if settings.data == nil { values[SettingTable.shared.data.name] = values[SettingTable.shared.trainDir.name] }
    for model in facts {
      if let objection = model.objection(toImageSize: self.imageSize) {
        throw ConfigurationError(settings.place(of: \.imageSize), objection)
      }
    }
  }

  /// The value of a setting.
  public subscript<Value>(dynamicMember path: KeyPath<SettingTable, Setting<Value>>) -> Value {
    get {
      let setting = SettingTable.shared[keyPath: path]
      guard let value = Value(setting: values[setting.name]) else {
        preconditionFailure("\(setting.name) has a value that its kind admits and its type does not")
      }
      return value
    }
    set { values[SettingTable.shared[keyPath: path].name] = newValue.settingValue }
  }

  /// The value of a setting; nil where it is left to the machine (threads, cache) or there is none (weights).
  public subscript(_ entry: any SettingEntry) -> SettingValue? {
    get { values[entry.name] }
    set { values[entry.name] = newValue }
  }

  /// Dropout before the classifier, for each of the models.
  public var dropouts: [Double] { facts.map { self.dropout ?? $0.dropout } }

  /// The same for one of its models.
  func of(_ model: ModelFacts) -> RunConfiguration {
    var one = self
    one.facts = [model]
    one.models = [model.name]
    one.dropout = self.dropout ?? model.dropout
    one.sweep = nil
    return one
  }

  /// What the run trains, in order.
  public var variants: [Variant] {
    facts.flatMap { model -> [Variant] in
      let one = of(model)
      guard let sweep = self.sweep else { return [Variant(name: model.name, configuration: one)] }
      return sweep.points.map { point in
        var varied = one
        varied[sweep.key] = point.value
        return Variant(name: "\(model.name)@\(sweep.key.name)=\(point.text)", configuration: varied)
      }
    }
  }

  private static func chosen(
    _ settings: Settings, _ models: [ModelFacts], _ weights: WeightFacts?
  ) throws(ConfigurationError) -> [ModelFacts] {
    let context = SettingContext(given: settings, models: [], weights: weights)
    var chosen: [ModelFacts] = []
    for name in SettingTable.shared.models.typedValue(in: context) {
      guard let model = models.first(where: { $0.name == name }) else {
        throw ConfigurationError(
          settings.place(of: \.models),
          "there is no model \"\(name)\"; the models are \(Settings.list(models.map(\.name), "and"))")
      }
      guard !chosen.contains(model) else {
        throw ConfigurationError(settings.place(of: \.models), "\(name) is named twice; name each model once")
      }
      chosen.append(model)
    }
    if chosen.count > 1, settings.weights != nil {
      throw ConfigurationError(settings.place(of: \.weights), "can begin one model only, not \(chosen.count); leave it out")
    }
    return chosen
  }

  static func absolute(_ value: SettingValue, of entry: any SettingEntry, _ folder: String) -> SettingValue {
    guard entry.kind == .path, case .text(let path) = value else { return value }
    return .text(SystemPath.absolute(path, from: folder))
  }
}

extension RunConfiguration {
  /// One of the networks that are trained side by side: a model, at one value of the sweep if there is one.
  public struct Variant: Sendable, Hashable {
    /// Unique in the run, good as a folder's name: `mobilevit_xxs`, `mobilevit_xxs@weight-decay=1e-4`.
    public let name: String
    /// With this one model and value.
    public let configuration: RunConfiguration

    public var model: String { configuration.models[0] }
  }
}
