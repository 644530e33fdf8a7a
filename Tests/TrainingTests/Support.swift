import Foundation
import ImageData
import NeuralNetwork
import ScalarLogs
import TestImages
import Training
import TrainingEvents

/// A network small enough to be trained for a test, with all that a checkpoint must keep: batch norm, dropout, a bias.
func tinyNetwork(_ name: String = "tiny", channels: Int = 8, classes: Int = 2) -> Network {
  var build = NetworkBuilder()
  let normal = Parameter.Initializer.normal(deviation: 0.2)
  var x = build.convolution("stem.conv", build.input, outputChannels: channels, kernel: 3, stride: 2, initializer: normal)
  x = build.batchNorm("stem.bn", x, convention: .pyTorch, statistics: ("running_mean", "running_var"))
  x = build.activation(.silu, x)
  x = build.convolution("deep.conv", x, outputChannels: 16, kernel: 3, stride: 2, initializer: normal)
  x = build.batchNorm("deep.bn", x, convention: .pyTorch, statistics: ("running_mean", "running_var"))
  x = build.activation(.relu6, x)
  x = build.meanPool("pool", x, dropout: 0.2)
  x = build.linear("head.fc", x, outputChannels: classes, hasBias: true, initializer: normal)
  return build.build(name: name, classes: classes, output: x, minimumImageSize: 8)
}

/// A network whose loss is a finite number and whose first gradients are not: tiny weights, then huge ones.
func overflowingNetwork() -> Network {
  var build = NetworkBuilder()
  var x = build.convolution(
    "small.conv", build.input, outputChannels: 16, kernel: 3, stride: 2, initializer: .normal(deviation: 1e-37))
  x = build.convolution("large.conv", x, outputChannels: 16, kernel: 3, stride: 2, initializer: .normal(deviation: 1e30))
  x = build.meanPool("pool", x, dropout: 0)
  x = build.linear("head.fc", x, outputChannels: 2, hasBias: true, initializer: .normal(deviation: 1e11))
  return build.build(name: "overflowing", classes: 2, output: x, minimumImageSize: 8)
}

/// Keeps all events, and acts on some.
final class EventRecorder: TrainingEventSink, @unchecked Sendable {  // used by the trainer's thread, then by the test
  private(set) var events: [TrainingEvent] = []
  private let act: (TrainingEvent) throws -> Void

  init(_ act: @escaping (TrainingEvent) throws -> Void = { _ in }) { self.act = act }

  func receive(_ event: TrainingEvent) throws {
    events.append(event)
    try act(event)
  }

  var steps: [StepEvent] { events.compactMap { if case .step(let step) = $0 { step } else { nil } } }
  var evaluations: [EvaluationEvent] { events.compactMap { if case .evaluation(let evaluation) = $0 { evaluation } else { nil } } }
  var checkpoints: [CheckpointEvent] { events.compactMap { if case .checkpoint(let checkpoint) = $0 { checkpoint } else { nil } } }
  var warnings: [String] { events.compactMap { if case .warning(let text) = $0 { text } else { nil } } }
  var notices: [String] { events.compactMap { if case .notice(let text) = $0 { text } else { nil } } }
}

/// Stands for a process that is killed.
struct Killed: Error {}

/// A small data set and what trains on it: 2 classes, 10 images a class, 3 epochs of 4 steps of 5 images.
struct Bench {
  let folder: TestFolder
  var images: ImageFolder
  var recipe: TrainingRecipe
  var networks = [tinyNetwork()]
  var threads = 2
  var clock = RunClock.system
  let control = RunControl()
  /// Learning rates of single networks, by name, in place of the recipe's.
  var rates: [String: Double] = [:]
  /// Of `images` to a run; nil for one that keeps no record of them.
  var admission: DataAdmission?

  static let stepsPerEpoch = 4

  func run(_ name: String) -> RunFolder { RunFolder(path: folder.path + "/" + name) }

  func job(_ name: String, resumes: Bool, lock: RunLock) throws -> TrainingJob {
    let data = try TrainingData(
      CheckedImages(images), recipe: recipe, sampleBits: .sixteen, budget: CacheBudget(bytes: 1 << 20), limits: DecodeLimits(),
      threads: 1, admission: admission)
    return TrainingJob(
      variants: networks.map {
        var own = recipe
        own.learningRate = rates[$0.name] ?? recipe.learningRate
        return TrainingVariant(name: $0.name, network: $0, recipe: own, hyperparameters: [("lr", .number(0.05))])
      }, recipe: recipe, data: data, folder: run(name), lock: lock, threads: threads, kernels: "portable", resumes: resumes, clock: clock)
  }

  /// Trains in a folder of this name, as one process does.
  @discardableResult
  func train(_ name: String, resumes: Bool = false, _ recorder: EventRecorder = EventRecorder()) async throws -> EndReason {
    let folder = run(name)
    let lock = try folder.open(resuming: resumes)
    defer { withExtendedLifetime(lock) {} }
    try Data("# a run\n".utf8).write(to: URL(fileURLWithPath: folder.configurationFile))
    return try await Trainer(try job(name, resumes: resumes, lock: lock), control: control).run { [recorder] }
  }

  /// What must not depend on how often a run was interrupted: the checkpoint's files and the logged values.
  func outcome(_ name: String, model: String = "tiny") throws -> Outcome {
    let store = run(name).checkpoints(of: model)
    let step = try store.step(of: .latest) ?? -1
    let checkpoint = store.path(ofStep: step)
    func bytes(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: checkpoint + "/" + file)) }
    let log = ScalarLog(.visualDL, folder: run(name).scalarsFolder(of: model), name: ".")
    let records = try ScalarLogReader(log).read().filter { $0.tag != "train/images_per_second" }
    return Outcome(
      step: step, best: try store.step(of: .best), model: try bytes("model.safetensors"), optimizer: try bytes("optimizer.safetensors"),
      state: try bytes("state.json"), values: records.map { "\($0.tag) \($0.step) \($0.value.bitPattern)" })
  }

  struct Outcome: Equatable {
    let step: Int
    let best: Int?
    let model: Data
    let optimizer: Data
    let state: Data
    /// (tag, step, value), in order.
    let values: [String]
  }
}

extension Bench {
  init(evalImages: Int = 6) throws {
    let folder = try TestFolder()
    let images = try ImageFolder(scanning: folder.makeDataSet(train: 10, eval: evalImages, size: 16), seed: 1)
    let recipe = TrainingRecipe(
      epochs: 3, batchSize: 6, imageSize: 16, optimizer: .sgd(momentum: 0.9, decay: 1e-4), learningRate: 0.05, labelSmoothing: 0.1,
      augmentation: .tutorial, normalization: .unit, seed: 11, settings: ["lr": "0.05"])
    self.init(folder: folder, images: images, recipe: recipe)
  }

  /// The same data and recipe for another session, with a control of its own.
  init(_ other: Bench, scanningAgain: Bool = false) {
    self.init(
      folder: other.folder,
      images: scanningAgain ? (try? ImageFolder(scanning: other.images.path, seed: 1)) ?? other.images : other.images,
      recipe: other.recipe, networks: other.networks, threads: other.threads, clock: other.clock)
    rates = other.rates
  }
}
