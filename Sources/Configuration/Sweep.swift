import Foundation

/// One setting at several values, each of which is trained: `weight-decay=0,1e-4,1e-3`.
public struct Sweep: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    /// As the user wrote it; names the variant.
    public let text: String
    public let value: SettingValue
  }

  public let key: SettingKey
  public let points: [Point]

  /// The settings that leave data, order and augmentation as they are, so that variants differ by nothing else.
  public static let keys: [SettingKey] = [
    .learningRate, .weightDecay, .momentum, .labelSmoothing, .dropout, .warmupSteps, .schedule,
  ]

  /// - Parameter place: where the user wrote it.
  /// - Throws: `ConfigurationError`: no such setting, fewer than two values, a value twice or of the wrong kind.
  public init(_ text: String, at place: String) throws(ConfigurationError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    let names = Settings.list(Self.keys.map(\.rawValue))
    guard parts.count == 2 else {
      throw ConfigurationError(place, "must be a setting and its values, as in weight-decay=0,1e-4,1e-3, not \"\(text)\"")
    }
    guard let key = SettingKey(rawValue: parts[0]), Self.keys.contains(key) else {
      throw ConfigurationError(place, "cannot vary \"\(parts[0])\"; it can be \(names)")
    }
    var points: [Point] = []
    for piece in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let word = piece.trimmingCharacters(in: .whitespaces)
      var settings = Settings()
      try settings.set(key, Self.value(word, key), at: place)
      guard let value = settings[key] else { continue }
      guard !points.contains(where: { $0.value == value }) else {
        throw ConfigurationError(place, "has \(key.rawValue) \(word) twice; name each value once")
      }
      points.append(Point(text: word, value: value))
    }
    guard points.count > 1 else {
      throw ConfigurationError(place, "needs at least two values of \(key.rawValue), with commas between them")
    }
    self.key = key
    self.points = points
  }

  /// Whether a sweep's text means the same values of the same setting in the same order, however it spells them.
  func hasValues(of text: String) -> Bool {
    guard let other = try? Sweep(text, at: "") else { return false }
    return other.key == key && other.points.map(\.value) == points.map(\.value)
  }

  /// What the setting's kind makes of a word; text where it makes nothing, which is refused with the setting's own reason.
  private static func value(_ word: String, _ key: SettingKey) -> SettingValue {
    switch key.kind {
    case .integer: Int(word).map(SettingValue.integer) ?? .text(word)
    case .number: Double(word).map(SettingValue.number) ?? .text(word)
    default: .text(word)
    }
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

  /// What the run trains, in order.
  public var variants: [Variant] {
    zip(models, dropouts).flatMap { model, dropout -> [Variant] in
      var one = self
      one.models = [model]
      one.dropouts = [dropout]
      one.sweep = nil
      guard let sweep else { return [Variant(name: model, configuration: one)] }
      return sweep.points.map { point in
        Variant(name: "\(model)@\(sweep.key.rawValue)=\(point.text)", configuration: one.with(sweep.key, point.value))
      }
    }
  }

  /// The same with another value of one of `Sweep.keys`.
  private func with(_ key: SettingKey, _ value: SettingValue) -> RunConfiguration {
    var result = self
    switch (key, value) {
    case (.learningRate, .number(let number)): result.learningRate = number
    case (.weightDecay, .number(let number)): result.weightDecay = number
    case (.momentum, .number(let number)): result.momentum = number
    case (.labelSmoothing, .number(let number)): result.labelSmoothing = number
    case (.dropout, .number(let number)): result.dropouts = [number]
    case (.warmupSteps, .integer(let count)): result.warmupSteps = count
    case (.schedule, .text(let name)): result.schedule = ScheduleChoice(rawValue: name) ?? schedule
    default: preconditionFailure("\(key.rawValue) cannot be varied")
    }
    return result
  }
}
