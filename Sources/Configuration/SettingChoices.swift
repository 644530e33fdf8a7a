import ImageData
import NeuralNetwork
import Training

// The enumerations that settings choose from, with the words of help.

/// The names of `OptimizerKind`, which carries their numbers.
public enum OptimizerChoice: String, SettingChoice { case sgd, adamw }

/// How a terminal calls a user at a run's end.
public enum EndBell: String, SettingChoice {
  case none, bell, notify

  public var meaning: String? {
    switch self {
    case .none: "nothing"
    case .bell: "rings"
    case .notify: "shows a notification where it is known to do so, else rings"
    }
  }
}

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
    case .cosine: "falls from --lr to 0 over all steps"
    case .tutorial: "from --lr to 0 and back every 2 x --epochs steps"
    case .constant: "stays at --lr"
    }
  }
}

extension Augmentation: SettingChoice {
  public var meaning: String? {
    switch self {
    case .none: "resized as --resize says"
    case .tutorial: "resized likewise and rotated by up to 10 degrees either way"
    case .standard: "a crop of 8 to 100 % of the area at ratios of 3:4 to 4:3, half of them mirrored"
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
    case .unit: "divided by 255"
    case .imagenet: "then minus 0.485, 0.456, 0.406, divided by 0.229, 0.224, 0.225"
    case .tutorial: "then minus 0.510, 0.546, 0.574, divided by 0.261, 0.260, 0.292"
    }
  }
}

extension OrientationRule: SettingChoice {
  public var meaning: String? {
    switch self {
    case .applied: "turns the picture upright"
    case .stored: "reads it as it lies in the file"
    }
  }
}

extension ColorManagement: SettingChoice {
  public var meaning: String? {
    switch self {
    case .sRGB: "converts to sRGB"
    case .off: "ignores it"
    }
  }
}

extension ResizeRule: SettingChoice {
  public var meaning: String? {
    switch self {
    case .stretch: "loses the aspect ratio"
    case .crop: "cuts out the centre"
    case .pad: "adds bars"
    }
  }
}

extension SampleBitsRule: SettingChoice {
  public var meaning: String? { self == .auto ? "as many as the training images use" : nil }
}

extension Background: SettingConvertible {
  public init?(setting: SettingValue?) {
    guard case .text(let text)? = setting else { return nil }
    self.init(text)
  }

  public var settingValue: SettingValue? { .text(description) }

  public static func check(_ value: SettingValue, at place: String) throws(ConfigurationError) {
    guard Background(setting: value) == nil else { return }
    let names = RGBColor.names.map(\.key)
    throw ConfigurationError(place, "background must be \(Settings.list(names + ["#rrggbb", "drop"])), not \"\(value)\"")
  }
}
