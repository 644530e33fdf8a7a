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
      learningRate: run.learningRate, schedule: run.schedule, warmupSteps: run.warmupSteps,
      labelSmoothing: Float(run.labelSmoothing), augmentation: run.augment,
      normalization: run.normalization, rules: run.pictureRules, sampleBits: run.sampleBits.bits, shuffles: run.shuffle,
      seed: UInt64(run.seed),
      evaluationInterval: run.evalEvery, bestAbove: Float(run.bestAbove), onNonFinite: run.onNaN,
      skipsBrokenImages: run.skipBadImages, checkpointInterval: run.checkpointEvery, initialWeights: run.weights,
      settings: run.decisive, settingsBefore: RunConfiguration.decisiveBefore)
  }

  private static func optimizer(_ run: RunConfiguration) -> OptimizerKind {
    switch run.optimizer {
    case .sgd: .sgd(momentum: Float(run.momentum), decay: Float(run.weightDecay))
    case .adamw: .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: Float(run.weightDecay))
    }
  }
}

extension RunConfiguration {
  /// How picture files are read, but for the sample bits that the training images decide.
  var pictureRules: PictureRules {
    PictureRules(
      orientation: self.orientation, background: self.background, colorManagement: self.colorManagement, resize: self.resize,
      cropFraction: PictureRules.cropFraction(of: self.normalization), sampleBits: self.sampleBits.bits ?? .sixteen)
  }

  /// The settings as VisualDL's table of runs shows them.
  var hyperparameters: [(name: String, value: HyperparameterValue)] {
    SettingTable.shown.filter { $0.kind != .path }.compactMap { entry in
      self[entry].map { value in
        switch value {
        case .text(let text): (entry.name, .text(text))
        case .integer(let number): (entry.name, .integer(number))
        case .number(let number): (entry.name, .number(number))
        case .toggle(let isOn): (entry.name, .text(isOn ? "true" : "false"))
        }
      }
    }
  }
}
