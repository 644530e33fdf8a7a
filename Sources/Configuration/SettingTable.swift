import ImageData
import Kernels
import NeuralNetwork
import Training

/// The settings that a run keeps, in the order of its configuration file. How an entry works is at the head of Setting.swift.
public struct SettingTable: Sendable {
  public let models = Setting<[String]>(
    "model", .text, in: .data, for: [.train, .data], placeholder: "name",
    default: .varying("mobilevit_s; with --weights the file's model") { [$0.weights?.model ?? "mobilevit_s"] }, example: "mobilenet_v2",
    help: "The model; `mvit-tui models` lists them.")

  public let sweep = Setting<Sweep?>(
    "sweep", .text, in: .training, for: [.compare], placeholder: "setting=x,y,...", default: .absent("none"),
    example: "weight-decay=0,1e-4,1e-3", help: "Train each model with each of these values of \(Settings.list(Sweep.keys.map(\.name))).")

  public let data = Setting<String>(
    "data", .path, in: .data, placeholder: "path", default: .unsaid(""), mayChangeOnResume: true, example: "photos",
    help: """
      The images: a folder with parts (train, val, test, ...) of a folder per class, or with class folders alone; a ZIP or tar \
      archive of such a folder; or a list (.csv, .tsv, .jsonl) of path, label and perhaps part.
      """)

  public let trainDir = Setting<String?>(
    "train-dir", .path, in: .data, for: SettingCommand.readingData, placeholder: "path", default: .absent("found in --data"),
    mayChangeOnResume: true,
    example: "photos/part1",
    help: "The folder of the classes to train on, in place of --data; an archive or a list too.")

  public let evalDir = Setting<String?>(
    "eval-dir", .path, in: .data, for: SettingCommand.readingData, placeholder: "path",
    default: .absent("found in --data, else set aside from the training images"),
    mayChangeOnResume: true, example: "photos/part2", help: "The folder of the classes to evaluate on; an archive or a list too.")

  public let layout = Setting<LayoutRule>(
    "layout", .choice(of: LayoutRule.self), in: .data, for: SettingCommand.readingData, placeholder: "rule", default: .value(.auto),
    before: .pairs, example: "classes",
    help: "How the folders in --data are understood")

  public let labelColumn = Setting<String?>(
    "label-column", .text, in: .data, for: SettingCommand.readingData, placeholder: "name",
    default: .absent("label, class, category or target"), example: "breed",
    help: "The column of a list that holds the class.")

  public let evalFraction = Setting<Double>(
    "eval-fraction", .number(0.001, to: 0.999), in: .data, for: SettingCommand.readingData, placeholder: "x",
    default: .value(RunConfiguration.Defaults.evalFraction),
    example: "0.1",
    help: "Share set aside for evaluation where the folder has no such part.")

  public let imageSize = Setting<Int>(
    "image-size", .integer(32...ModelFacts.largestImage), in: .data, for: SettingCommand.reading, placeholder: "n",
    default: .value(256), example: "128",
    help: "Pixels a side: from 32; multiples of 64 for the tutorial_ models.")

  public let epochs = Setting<Int>(
    "epochs", .integer(1...1_000_000), in: .training, for: SettingCommand.readingData, placeholder: "n", default: .value(20), example: "5",
    help: "Walks over the training images.")

  public let batchSize = Setting<Int>(
    "batch-size", .integer(1...65_536), in: .training, for: SettingCommand.readingData, placeholder: "n",
    default: .value(RunConfiguration.Defaults.batchSize),
    example: "64",
    help: "Images of the largest batch; an epoch is divided evenly, so that its last batch is never tiny.")

  public let optimizer = Setting<OptimizerChoice>(
    "optimizer", .choice(of: OptimizerChoice.self), in: .training, placeholder: "name", default: .value(.sgd), example: "adamw",
    help: "What moves the weights")

  /// AdamW has a rate and a decay of its own, since the tutorial's are for SGD.
  public let learningRate = Setting<Double>(
    "lr", .number(0, to: 1e6), in: .training, placeholder: "x",
    default: .varying("0.01; adamw: 0.001") { $0.optimizer == .sgd ? 0.01 : 0.001 }, isSweepable: true, example: "0.05",
    help: "The learning rate.")

  public let momentum = Setting<Double>(
    "momentum", .number(0, below: 1), in: .training, placeholder: "x", default: .value(0.9), isSweepable: true, example: "0.95",
    help: "SGD's momentum.")

  public let weightDecay = Setting<Double>(
    "weight-decay", .number(0, to: 1e3), in: .training, placeholder: "x",
    default: .varying("0.0001; adamw: 0.01") { $0.optimizer == .sgd ? 1e-4 : 0.01 }, isSweepable: true, example: "0",
    help: "L2 on every parameter; decoupled for adamw.")

  public let schedule = Setting<Schedule>(
    "schedule", .choice(of: Schedule.self), in: .training, placeholder: "name", default: .value(.cosine), isSweepable: true,
    example: "constant", help: "How the learning rate moves")

  public let warmupSteps = Setting<Int>(
    "warmup-steps", .integer(0...1_000_000_000), in: .training, placeholder: "n", default: .value(0), isSweepable: true, example: "100",
    help: "Steps over which the rate rises at the start.")

  public let labelSmoothing = Setting<Double>(
    "label-smoothing", .number(0, below: 1), in: .training, placeholder: "x", default: .value(0), isSweepable: true, example: "0.1",
    help: "Share of the target spread over all classes.")

  /// Absent where the models of a comparison have different ones of their own.
  public let dropout = Setting<Double?>(
    "dropout", .number(0, below: 1), in: .training, placeholder: "x",
    default: .varying("0.1 for MobileViT, 0.2 for MobileNetV2, 0 for the tutorial_ models", absence: "each model's own") { run in
      Set(run.models.map(\.dropout)).count == 1 ? run.models.first?.dropout : nil
    }, isSweepable: true, example: "0.3", help: "Dropout before the classifier.")

  public let augment = Setting<Augmentation>(
    "augment", .choice(of: Augmentation.self), in: .data, for: SettingCommand.readingData, placeholder: "name",
    default: .varying("standard; tutorial for the tutorial_ models and schedule") { $0.followsTutorial ? .tutorial : .standard },
    example: "none", help: "What the training images go through")

  public let normalization = Setting<Normalization>(
    "normalization", .choice(of: Normalization.self), in: .data, for: SettingCommand.reading, placeholder: "name",
    default: .varying("tutorial; with --weights what they were trained with") { $0.weightsNormalization ?? .tutorial }, example: "imagenet",
    help: "How pixels become numbers")

  public let orientation = Setting<OrientationRule>(
    "orientation", .choice(of: OrientationRule.self), in: .data, for: SettingCommand.reading, placeholder: "rule",
    default: .varying("applied; stored for the tutorial_ models and schedule") { $0.rules.orientation }, before: .stored,
    example: "stored", help: "What is done with the orientation that a camera noted in the file")

  public let background = Setting<Background>(
    "background", .text, in: .data, for: SettingCommand.reading, placeholder: "color",
    default: .varying("white; drop for the tutorial_ models and schedule") { $0.rules.background }, before: .drop, example: "black",
    help: "What shows through transparency: a name or #rrggbb; drop ignores it.")

  public let colorManagement = Setting<ColorManagement>(
    "color-management", .choice(of: ColorManagement.self), in: .data, for: SettingCommand.reading, placeholder: "rule",
    default: .varying("srgb; off for the tutorial_ models and schedule") { $0.rules.colorManagement }, before: .off, example: "off",
    help: "What is done with a colour profile in the file")

  public let resize = Setting<ResizeRule>(
    "resize", .choice(of: ResizeRule.self), in: .data, for: SettingCommand.reading, placeholder: "rule",
    default: .varying("crop with normalization unit or imagenet, stretch with tutorial") { $0.rules.resize }, before: .stretch,
    example: "pad", help: "How a picture becomes a square, in evaluation and with augment none or tutorial")

  public let sampleBits = Setting<SampleBitsRule>(
    "sample-bits", .choice(of: SampleBitsRule.self), in: .data, for: SettingCommand.readingData, placeholder: "bits",
    default: .value(.auto), before: .sixteen,
    example: "12", help: "How many bits of 16-bit samples count")

  public let shuffle = Setting<Bool>(
    "shuffle", .toggle, in: .data, for: SettingCommand.readingData, default: .value(true),
    help: "Visit the images in a new random order each epoch, or in sorted order in every epoch.")

  public let seed = Setting<Int>(
    "seed", .integer(0...Int.max), in: .training, for: SettingCommand.readingData, placeholder: "n",
    default: .value(RunConfiguration.Defaults.seed), example: "1",
    help: "Decides every random choice.")

  public let weights = Setting<String?>(
    "weights", .path, in: .data, for: SettingCommand.readingData, placeholder: "file",
    default: .absent("none, the weights start at random"),
    example: "mobilevit_s.safetensors",
    help: """
      Begin with these weights: a checkpoint's or a file in the names of timm, torchvision or the AI Studio tutorial; a \
      classifier of another class count starts anew.
      """)

  public let evalEvery = Setting<Int>(
    "eval-every", .integer(1...1_000_000), in: .training, placeholder: "n", default: .value(1), example: "5",
    help: "Evaluate after every so many epochs.")

  public let bestAbove = Setting<Double>(
    "best-above", .number(0, to: 1), in: .training, placeholder: "x", default: .value(0), example: "0.5",
    help: "Accuracy that a best checkpoint must exceed.")

  public let onNaN = Setting<NonFinitePolicy>(
    "on-nan", .choice(of: NonFinitePolicy.self), in: .training, placeholder: "policy",
    default: .varying("stop; drop with several models") { $0.models.count > 1 || $0.sweep != nil ? .drop : .stop }, mayChangeOnResume: true,
    example: "continue", help: "What a loss, gradient or evaluation that is no finite number does")

  public let skipBadImages = Setting<Bool>(
    "skip-bad-images", .toggle, in: .data, for: SettingCommand.readingData, default: .value(false), mayChangeOnResume: true,
    help: "Do without images that cannot be read, instead of refusing to start.")

  public let checkpointEvery = Setting<Int?>(
    "checkpoint-every", .integer(1...1_000_000_000), in: .machine, placeholder: "n",
    default: .absent("about once a minute, and after every epoch"), mayChangeOnResume: true, example: "100",
    help: "Steps between checkpoints.")

  public let tensorboard = Setting<Bool>(
    "tensorboard", .toggle, in: .machine, default: .value(false), help: "Write TensorBoard logs beside VisualDL's.")

  public let kernels = Setting<String>(
    "kernels", .text, in: .machine, for: SettingCommand.computing, placeholder: "path", default: .value("best"),
    mayChangeOnResume: true, example: "avx2",
    help: "SIMD loops: \(Settings.list(["best"] + KernelSet.names)); the last bits of results depend on it.")

  public let threads = Setting<Int?>(
    "threads", .integer(1...1024), in: .machine, for: SettingCommand.computing, placeholder: "n",
    default: .absent("as many as the machine has for us"), mayChangeOnResume: true, example: "2",
    help: "Threads that compute; results do not depend on it.")

  public let cacheSize = Setting<Int?>(
    "cache-size", .integer(0...Int.max), in: .machine, placeholder: "bytes",
    default: .absent("what the free memory allows", help: "a quarter of what is free"), mayChangeOnResume: true, example: "500000000",
    help: "Memory for decoded images.")

  public let onEnd = Setting<String?>(
    "on-end", .text, in: .machine, placeholder: "command", default: .absent("none"), mayChangeOnResume: true,
    example: "'echo $MVIT_OUTCOME >> ends'",
    help: "A command for /bin/sh when the run ends, however it ends; MVIT_OUTCOME and other variables tell how.")

  /// The one table.
  public static let shared = SettingTable()

  /// Its entries, in order.
  public static let all: [any SettingEntry] = Mirror(reflecting: shared).children.compactMap { $0.value as? any SettingEntry }

  /// Those that logs and reports show, which are passed on to others: the command of `on-end` may hold a secret.
  public static let shown: [any SettingEntry] = all.filter { $0.name != shared.onEnd.name }

  static func entry(_ name: String) -> (any SettingEntry)? { all.first { $0.name == name } }
}

/// The options of one start, which no run keeps.
public struct InvocationTable: Sendable {
  public let run = Setting<String?>(
    "run", .path, in: .machine, placeholder: "dir", default: .absent("runs/DATE-MODEL"), example: "runs/first",
    help: "The run's folder.")

  public let resume = Setting<Bool>("resume", .flag, in: .machine, default: .unsaid(false), help: "Resume the run in --run.")

  public let config = Setting<String?>(
    "config", .path, in: .machine, for: SettingCommand.readingData, placeholder: "file", default: .unsaid(nil),
    example: "runs/first/config.toml",
    help: "Take settings from this TOML file; flags come before it.")

  public let allowDuplicates = Setting<Bool>(
    "allow-duplicates", .flag, in: .data, default: .unsaid(false),
    help: "Do not report images that are both in training and in evaluation.")

  public let acceptChangedData = Setting<Bool>(
    "accept-changed-data", .flag, in: .data, default: .unsaid(false),
    help: "Resume although images were replaced, removed or added; the classes must be the same.")

  public let noUI = Setting<Bool>("no-ui", .flag, in: .machine, default: .unsaid(false), help: "Train without a dashboard.")

  public let json = Setting<Bool>(
    "json", .flag, in: .machine, default: .unsaid(false),
    help: "Write one JSON object a line to standard output, and nothing else there.")

  public let theme = Setting<String?>(
    "theme", .text, in: .machine, for: [.train, .compare, .watch], placeholder: "theme", default: .absent("the one chosen last"),
    example: "light", help: "Colours of the dashboard: a theme's name, or a file.")

  public let bell = Setting<EndBell>(
    "bell", .choice(of: EndBell.self), in: .machine, placeholder: "kind", default: .value(.none), example: "notify",
    help: "What the terminal does when the run ends")

  /// The one table.
  public static let shared = InvocationTable()

  /// Its entries, in order.
  public static let all: [any SettingEntry] = Mirror(reflecting: shared).children.compactMap { $0.value as? any SettingEntry }
}
