/// The settings of a training run. A setting is called the same as a flag (`--image-size`) and as a key of a
/// configuration file (`image-size = 256`).
public enum SettingKey: String, CaseIterable, Sendable, Hashable {
  // In the order of the configuration file.
  case model
  case sweep
  case data
  case evalFraction = "eval-fraction"
  case imageSize = "image-size"
  case epochs
  case batchSize = "batch-size"
  case optimizer
  case learningRate = "lr"
  case momentum
  case weightDecay = "weight-decay"
  case schedule
  case warmupSteps = "warmup-steps"
  case labelSmoothing = "label-smoothing"
  case dropout
  case augment
  case normalization
  case shuffle
  case seed
  case weights
  case evalEvery = "eval-every"
  case bestAbove = "best-above"
  case onNaN = "on-nan"
  case skipBadImages = "skip-bad-images"
  case checkpointEvery = "checkpoint-every"
  case tensorboard
  case kernels
  case threads
  case cacheSize = "cache-size"

  /// What values it takes.
  public enum Kind: Sendable, Hashable {
    case text
    case choice([String])
    case integer(ClosedRange<Int>)
    /// Finite, within the range; `below` excludes the upper end.
    case number(from: Double, to: Double, below: Bool)
    case toggle
  }

  public var kind: Kind {
    switch self {
    case .model, .sweep, .data, .weights, .kernels: .text
    case .evalFraction: .number(from: 0.001, to: 0.999, below: false)
    case .imageSize: .integer(32...8192)
    case .epochs: .integer(1...1_000_000)
    case .batchSize: .integer(1...65_536)
    case .optimizer: .choice(["sgd", "adamw"])
    case .learningRate: .number(from: 0, to: 1e6, below: false)
    case .momentum, .labelSmoothing, .dropout: .number(from: 0, to: 1, below: true)
    case .weightDecay: .number(from: 0, to: 1e3, below: false)
    case .schedule: .choice(["cosine", "tutorial", "constant"])
    case .warmupSteps: .integer(0...1_000_000_000)
    case .augment: .choice(["none", "tutorial", "standard"])
    case .normalization: .choice(["unit", "imagenet", "tutorial"])
    case .seed: .integer(0...Int.max)
    case .evalEvery: .integer(1...1_000_000)
    case .bestAbove: .number(from: 0, to: 1, below: false)
    case .onNaN: .choice(["stop", "drop", "continue"])
    case .checkpointEvery: .integer(1...1_000_000_000)
    case .threads: .integer(1...1024)
    case .cacheSize: .integer(0...Int.max)
    case .shuffle, .skipBadImages, .tensorboard: .toggle
    }
  }

  /// Whether a run that is resumed may be given another value: these change how a run is carried out, not what it computes.
  /// (Another kernel path changes the last bits; a run that moves to another machine has no choice.)
  public var mayDifferOnResume: Bool {
    switch self {
    case .threads, .cacheSize, .checkpointEvery, .kernels, .skipBadImages, .onNaN: true
    default: false
    }
  }
}

/// The value of a setting.
public enum SettingValue: Sendable, Hashable, CustomStringConvertible {
  case text(String)
  case integer(Int)
  case number(Double)
  case toggle(Bool)

  public var description: String {
    switch self {
    case .text(let text): text
    case .integer(let value): String(value)
    case .number(let value): value.description
    case .toggle(let value): String(value)
    }
  }
}
