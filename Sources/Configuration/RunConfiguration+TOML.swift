import Foundation
import SystemText

extension RunConfiguration {
  /// The value of a setting; nil where it is left to the machine (threads, cache) or there is none (weights).
  public subscript(_ key: SettingKey) -> SettingValue? {
    switch key {
    case .model: .text(model)
    case .sweep: sweep.map { .text(sweepText($0)) }
    case .data: .text(data)
    case .evalFraction: .number(evalFraction)
    case .imageSize: .integer(imageSize)
    case .epochs: .integer(epochs)
    case .batchSize: .integer(batchSize)
    case .optimizer: .text(optimizer.rawValue)
    case .learningRate: .number(learningRate)
    case .momentum: .number(momentum)
    case .weightDecay: .number(weightDecay)
    case .schedule: .text(schedule.rawValue)
    case .warmupSteps: .integer(warmupSteps)
    case .labelSmoothing: .number(labelSmoothing)
    case .dropout: Set(dropouts).count == 1 ? .number(dropout) : nil
    case .augment: .text(augment.rawValue)
    case .normalization: .text(normalization.rawValue)
    case .shuffle: .toggle(shuffle)
    case .seed: .integer(seed)
    case .weights: weights.map(SettingValue.text)
    case .evalEvery: .integer(evalEvery)
    case .bestAbove: .number(bestAbove)
    case .onNaN: .text(onNaN.rawValue)
    case .skipBadImages: .toggle(skipBadImages)
    case .checkpointEvery: checkpointEvery.map(SettingValue.integer)
    case .tensorboard: .toggle(tensorboard)
    case .kernels: .text(kernels)
    case .threads: threads.map(SettingValue.integer)
    case .cacheSize: cacheSize.map(SettingValue.integer)
    }
  }

  /// The configuration file. Settings without a value stand there as comments that say what happens instead.
  public var toml: String {
    var text = "# The whole configuration of this run. `mvit-tui train --config FILE` repeats it.\n"
    for key in SettingKey.allCases {
      if let value = self[key] {
        text += "\(key.rawValue) = \(Self.toml(value))\n"
      } else {
        text += "# \(key.rawValue): \(Self.absence(of: key))\n"
      }
    }
    return text
  }

  /// The settings in `given` that differ from this configuration and must not: those that change what a run computes.
  ///
  /// - Parameter folder: the folder that relative paths start from.
  public func conflicts(
    with given: Settings, relativeTo folder: String = SystemPath.currentFolder
  ) -> [SettingKey] {
    given.keys.filter { key in
      guard !key.mayDifferOnResume else { return false }
      switch (key, given.text(key)) {
      case (.data, let path?), (.weights, let path?): return !isSame(SystemPath.absolute(path, from: folder), self[key])
      case (.model, let names?): return Self.names(names) != models
      case (.sweep, let text?): return !(sweep?.hasValues(of: text) ?? false)
      default: return given[key] != self[key]
      }
    }
  }

  /// Whether a path leads to the same file or folder as the run's, however it is written.
  private func isSame(_ path: String, _ value: SettingValue?) -> Bool {
    guard case .text(let own)? = value else { return false }
    return path == own || SystemPath.areSame(path, own)
  }

  private func sweepText(_ sweep: Sweep) -> String { sweep.key.rawValue + "=" + sweep.points.map(\.text).joined(separator: ",") }

  private static func toml(_ value: SettingValue) -> String {
    switch value {
    case .text(let text): text.tomlQuoted
    case .integer, .toggle: value.description
    // TOML wants digits on both sides of the point, and "1e-05" is fine.
    case .number(let number): number.description
    }
  }

  private static func absence(of key: SettingKey) -> String {
    switch key {
    case .sweep: "none"
    case .dropout: "each model's own"
    case .weights: "none, the weights start at random"
    case .checkpointEvery: "about once a minute, and after every epoch"
    case .threads: "as many as the machine has for us"
    case .cacheSize: "what the free memory allows"
    default: "not set"
    }
  }
}
