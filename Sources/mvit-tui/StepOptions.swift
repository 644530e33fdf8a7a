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

  @Option(help: ArgumentHelp("Images of a step. (default: 16, or those of --batch)", valueName: "n"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("Pixels a side. (default: 256, or those of --batch)", valueName: "pixels"))
  var imageSize: Int?

  @Option(help: ArgumentHelp("Steps to measure, after two to warm up.", valueName: "n"))
  var steps = 5

  @Option(help: ArgumentHelp("Classes of the classifier.", valueName: "n"))
  var classes = 10

  @Option(help: ArgumentHelp("Weights to begin with, instead of random ones.", valueName: "file"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "A safetensors file with images [N,S,S,3] (float) and labels [N] (whole numbers), instead of noise.", valueName: "file"))
  var batch: String?

  func validate() throws {
    if let batchSize, !(1...65_536).contains(batchSize) {
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
    /// Pixels a side.
    let imageSize: Int
  }

  /// The model without dropout, its weights, an engine and the batch.
  func prepare(_ machine: MachineOptions) throws -> Prepared {
    let network = try Catalogue.network(model, classes: classes, dropout: 0)
    let file = try batch.map { try BenchmarkBatchFile(path: $0) }
    let (count, size) = try sizes(file, network)
    let engine = Engine(
      threads: machine.threads ?? SystemLimits.read().processors, kernels: try machine.kernels.map(KernelSet.chosen) ?? .best)
    if let shortage = engine.pool.shortage { StandardStreams.complain(shortage) }
    let store = try checkedStore(network, engine, count: count, size: size)
    store.initialize(seed: 0)
    if let weights { try InitialWeights(reading: weights, for: network, keepsClassifier: true).load(into: store) }
    let images = try file?.read(classes: classes) ?? noise(count: count, size: size)
    return Prepared(network: network, store: store, engine: engine, batch: images, imageSize: size)
  }

  /// Images of a step and pixels a side: those of the file, which flags must not contradict.
  private func sizes(_ file: BenchmarkBatchFile?, _ network: Network) throws -> (count: Int, size: Int) {
    let facts = ModelFacts(
      name: model, dropout: 0, smallestImage: network.minimumImageSize, imageStep: network.imageSizeMultiple, publishedNormalization: "")
    guard let file, let batch else {
      if let objection = facts.objection(toImageSize: imageSize ?? 256) { throw Failure(.usage, "--image-size: \(objection)") }
      return (batchSize ?? 16, imageSize ?? 256)
    }
    if let batchSize, batchSize != file.count {
      throw Failure(.usage, "--batch-size is \(batchSize) and \(batch) holds \(file.count) images; leave --batch-size out")
    }
    if let imageSize, imageSize != file.imageSize {
      throw Failure(
        .usage, "--image-size is \(imageSize) and the images of \(batch) have \(file.imageSize) pixels a side; leave --image-size out")
    }
    if let objection = facts.objection(toImageSize: file.imageSize) { throw Failure(.badData, "\(batch): \(objection)") }
    return (file.count, file.imageSize)
  }

  /// The model's numbers, if all that is measured fits into memory: checked before any of it is touched.
  private func checkedStore(_ network: Network, _ engine: Engine, count: Int, size: Int) throws -> ParameterStore {
    let numbers = ParameterStore.byteCount(network, trainedBy: .sgd(momentum: 0, decay: 0))
    try engine.checkMemory(MemoryNeed(numbers: numbers))
    let store = ParameterStore(network)
    var need = try Executor(network: network, store: store, engine: engine)
      .plan(PlanKey(batch: count, height: size, width: size, mode: .training)).memoryNeed
    need.numbers = numbers
    need.batches = count * size * size * 3 * MemoryLayout<Float>.stride
    try engine.checkMemory(need, mapped: need.activations + ParameterStore.byteCount(network, trainedBy: nil))
    return store
  }

  /// Uniform in -1 ..< 1, the same in every run.
  private func noise(count: Int, size: Int) -> StepBenchmark.Batch {
    let random = CounterRandom(seed: 0, purpose: .test)
    let images = (0..<count * size * size * 3).map { 2 * random.uniform(UInt64($0)) - 1 }
    return StepBenchmark.Batch(images: images, labels: (0..<count).map { Int32($0 % classes) })
  }
}
