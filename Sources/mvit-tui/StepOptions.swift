import ArgumentParser
import Configuration
import Kernels
import NeuralNetwork
import Tensors
import Training
import VisionModels

/// What `bench` and `profile` measure: steps of one model on one batch, over and over.
struct StepOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The model.", valueName: "name"))
  var model: String

  @Option(help: ArgumentHelp("Images of a step.", valueName: "n"))
  var batchSize = 16

  @Option(help: ArgumentHelp("Pixels a side.", valueName: "pixels"))
  var imageSize = 256

  @Option(help: ArgumentHelp("Steps to measure, after two to warm up.", valueName: "n"))
  var steps = 5

  @Option(help: ArgumentHelp("Classes of the classifier.", valueName: "n"))
  var classes = 10

  @Option(help: ArgumentHelp("Weights to begin with, instead of random ones.", valueName: "file"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "A safetensors file with images [N,H,W,3] (float) and labels [N] (whole numbers), instead of noise.", valueName: "file"))
  var batch: String?

  func validate() throws {
    guard (1...65_536).contains(batchSize) else {
      throw ValidationError("--batch-size must be a whole number from 1 to 65536, not \(batchSize)")
    }
    guard (1...100_000).contains(steps) else { throw ValidationError("--steps must be a whole number from 1 to 100000, not \(steps)") }
    guard (2...1_000_000).contains(classes) else {
      throw ValidationError("--classes must be a whole number from 2 to 1000000, not \(classes)")
    }
  }

  struct Prepared {
    let network: Network
    let store: ParameterStore
    let engine: Engine
    let batch: StepBenchmark.Batch
  }

  /// The model without dropout, its weights, an engine and the batch.
  func prepare(_ machine: MachineOptions) throws -> Prepared {
    let network = try Catalogue.network(model, classes: classes, dropout: 0)
    let facts = ModelFacts(
      name: model, dropout: 0, smallestImage: network.minimumImageSize, imageStep: network.imageSizeMultiple, publishedNormalization: "")
    if let objection = facts.objection(toImageSize: imageSize) { throw Failure(.usage, "--image-size: \(objection)") }
    let store = ParameterStore(network)
    store.initialize(seed: 0)
    if let weights { try InitialWeights(reading: weights, for: network, keepsClassifier: true).load(into: store) }
    let engine = Engine(
      threads: machine.threads ?? SystemLimits.read().processors, kernels: try machine.kernels.map(KernelSet.chosen) ?? .best)
    // Before any memory is taken for the images.
    let plan = try Executor(network: network, store: store, engine: engine)
      .plan(PlanKey(batch: batchSize, height: imageSize, width: imageSize, mode: .training))
    try engine.checkMemory(bytes: plan.arenaBytes + batchSize * imageSize * imageSize * 3 * MemoryLayout<Float>.stride)
    let images =
      try batch.map { try StepBenchmark.Batch(reading: $0, batchSize: batchSize, imageSize: imageSize, classes: classes) } ?? noise()
    return Prepared(network: network, store: store, engine: engine, batch: images)
  }

  /// Uniform in -1 ..< 1, the same in every run.
  private func noise() -> StepBenchmark.Batch {
    let random = CounterRandom(seed: 0, purpose: .test)
    let count = batchSize * imageSize * imageSize * 3
    let images = (0..<count).map { 2 * random.uniform(UInt64($0)) - 1 }
    return StepBenchmark.Batch(images: images, labels: (0..<batchSize).map { Int32($0 % classes) })
  }
}
