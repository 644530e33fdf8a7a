import Configuration
import ImageData
import NeuralNetwork
import ScalarLogs
import Training

extension TrainingRecipe {
  /// The recipe that a configuration describes.
  init(_ run: RunConfiguration) {
    self.init(
      epochs: run.epochs, batchSize: run.batchSize, imageSize: run.imageSize, optimizer: Self.optimizer(run),
      learningRate: run.learningRate, schedule: Self.schedule(run.schedule), warmupSteps: run.warmupSteps,
      labelSmoothing: Float(run.labelSmoothing), augmentation: Self.augmentation(run.augment),
      normalization: Self.normalization(run.normalization), shuffles: run.shuffle, seed: UInt64(run.seed),
      evaluationInterval: run.evalEvery, bestAbove: Float(run.bestAbove), onNonFinite: Self.policy(run.onNaN),
      skipsBrokenImages: run.skipBadImages, checkpointInterval: run.checkpointEvery, initialWeights: run.weights,
      settings: Self.decisive(run))
  }

  private static func policy(_ choice: RunConfiguration.NonFinitePolicy) -> NonFinitePolicy {
    switch choice {
    case .stop: .stop
    case .drop: .drop
    case .continue: .skip
    }
  }

  private static func optimizer(_ run: RunConfiguration) -> OptimizerKind {
    switch run.optimizer {
    case .sgd: .sgd(momentum: Float(run.momentum), decay: Float(run.weightDecay))
    case .adamw: .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: Float(run.weightDecay))
    }
  }

  private static func schedule(_ choice: RunConfiguration.ScheduleChoice) -> Schedule {
    switch choice {
    case .cosine: .cosine
    case .tutorial: .tutorial
    case .constant: .constant
    }
  }

  private static func augmentation(_ choice: RunConfiguration.AugmentChoice) -> Augmentation {
    switch choice {
    case .none: .none
    case .tutorial: .tutorial
    case .standard: .standard
    }
  }

  private static func normalization(_ choice: RunConfiguration.NormalizationChoice) -> Normalization {
    switch choice {
    case .unit: .unit
    case .imagenet: .imagenet
    case .tutorial: .tutorial
    }
  }

  /// Settings that decide what is computed. Paths are left out: the data have a fingerprint, and the weights to begin with
  /// matter no more once a checkpoint is there.
  private static func decisive(_ run: RunConfiguration) -> [String: String] {
    let keys = SettingKey.allCases.filter { !$0.mayDifferOnResume && $0 != .data && $0 != .weights }
    return Dictionary(uniqueKeysWithValues: keys.compactMap { key in run[key].map { (key.rawValue, $0.description) } })
  }
}

extension RunConfiguration {
  /// The settings as VisualDL's table of runs shows them.
  var hyperparameters: [(name: String, value: HyperparameterValue)] {
    SettingKey.allCases.filter { $0 != .data && $0 != .weights }.compactMap { key in
      self[key].map { value in
        switch value {
        case .text(let text): (key.rawValue, .text(text))
        case .integer(let number): (key.rawValue, .integer(number))
        case .number(let number): (key.rawValue, .number(number))
        case .toggle(let isOn): (key.rawValue, .text(isOn ? "true" : "false"))
        }
      }
    }
  }
}
