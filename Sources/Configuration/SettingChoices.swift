import ImageData
import NeuralNetwork
import Training

// The enumerations that settings choose from, with the words of help.

/// The names of `OptimizerKind`, which carries their numbers.
public enum OptimizerChoice: String, SettingChoice { case sgd, adamw }

extension NonFinitePolicy: SettingChoice {
  public var meaning: String? {
    switch self {
    case .stop: "ends the run"
    case .drop: "ends the model and trains the others on"
    case .skip: "passes the batch over"
    }
  }
}

extension Schedule: SettingChoice {
  public var meaning: String? {
    switch self {
    case .cosine: "over all steps"
    case .tutorial: "swings once a batch as the tutorial did"
    case .constant: nil
    }
  }
}

extension Augmentation: SettingChoice {
  public var meaning: String? {
    switch self {
    case .none: "resizes"
    case .tutorial: "also rotates by up to 10 degrees"
    case .standard: "crops and flips"
    }
  }
}

extension LayoutRule: SettingChoice {
  public var meaning: String? {
    switch self {
    case .auto: "parts by any usual name, else classes"
    case .classes: "every folder is a class"
    case .pairs: "parts only if they are called train and eval or trainImages and evalImages"
    }
  }
}

extension Normalization: SettingChoice {
  public var meaning: String? {
    switch self {
    case .unit: "0 to 1"
    case .imagenet: "standardised with its mean and deviation"
    case .tutorial: "with those of the tutorial's images"
    }
  }
}
