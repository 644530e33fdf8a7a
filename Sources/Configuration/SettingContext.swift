import ImageData

/// What a default may depend on: the models, the weights to begin with, and the other settings.
@dynamicMemberLookup
public struct SettingContext: Sendable {
  let given: Settings
  public let models: [ModelFacts]
  /// nil without `--weights`, and for a run that is resumed.
  public let weights: WeightFacts?

  public init(given: Settings, models: [ModelFacts], weights: WeightFacts? = nil) {
    self.given = given
    self.models = models
    self.weights = weights
  }

  /// Another setting, given or by default. Defaults must not go round in circles.
  public subscript<Value>(dynamicMember path: KeyPath<SettingTable, Setting<Value>>) -> Value {
    SettingTable.shared[keyPath: path].typedValue(in: self)
  }

  /// How the pixels were normalised that the weights were trained with; nil without weights.
  var weightsNormalization: Normalization? {
    weights.flatMap { Normalization(rawValue: $0.normalization ?? models[0].publishedNormalization) }
  }

  /// How picture files are read by default: as the weights record, else as their publishers read; without weights, as people see
  /// pictures, but for the tutorial's runs.
  var rules: PictureRules {
    if let recorded = weights?.rules { return recorded }
    return PictureRules.published(with: self.normalization, isTutorial: followsTutorial)
  }

  /// Whether the run is the tutorial's: settings younger than it then default to what the tutorial did.
  public var followsTutorial: Bool { models.allSatisfy(\.isTutorial) || self.schedule == .tutorial }
}
