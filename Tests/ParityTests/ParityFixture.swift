import Foundation
import Kernels
import NeuralNetwork
import Tensors
import VisionModels
import WeightFiles

/// A fixture made by another framework in float64, and this engine set up as it was.
struct ParityFixture {
  /// What the generator says of itself; only the fields that tests use.
  struct Description: Decodable {
    let model: String
    let height: Int
    let width: Int
    let batch: Int
    let classes: Int
    let loss: Double?
    let losses: [Double]?
    let gradientNames: [String]?
    let statisticsNames: [String]?
    let afterNames: [String]?
    let stateNames: [String]?
    let vanishingGradients: [String]
    let illConditioned: [String]?
    let overridesFrom: String?
    let optimizer: String?
    let learningRate: Double?
    let momentum: Float?
    let weightDecay: Float?
    let betas: [Float]?
    let epsilon: Float?
    let steps: Int?
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/parity")

  let file: SafetensorsFile
  let description: Description

  init(_ name: String) throws {
    file = try SafetensorsFile(path: Self.folder.appending(path: name + ".safetensors").path)
    description = try Self.decode(Data(file.metadata["fixture"]!.utf8))
  }

  static func decode<Value: Decodable>(_ data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: data)
  }

  /// Tensors that the fixture gives in place of the formula's.
  func overrides() throws -> [String: [Float]] {
    let source = try description.overridesFrom.map { try ParityFixture(String($0.dropLast(".safetensors".count))).file } ?? file
    var overrides: [String: [Float]] = [:]
    for tensor in source.tensors where tensor.name.hasPrefix("override.") {
      overrides[String(tensor.name.dropFirst("override.".count))] = try source.floats(tensor.name)
    }
    return overrides
  }

  /// The relative 2-norm errors of tensors against the digest called `prefix`, by name. An error is estimated from 16
  /// projections and from 32 elements; the larger of the two is taken.
  func errors(
    _ prefix: String, names: [String], skipping: Set<String>, of values: (String) -> UnsafeMutableBufferPointer<Float>
  ) throws -> [(name: String, error: Double)] {
    let norms = try file.floats(prefix + ".norm"), sketches = try file.floats(prefix + ".sketch"),
      slices = try file.floats(prefix + ".slice")
    return names.enumerated().filter { !skipping.contains($0.element) }.map { index, name in
      let values = values(name), norm = Double(norms[index])
      let bySketch = zip(Formula.sketch(values), sketches[index * 16..<index * 16 + 16])
        .reduce(0.0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) }
      let bySlice = zip(Formula.slice(values), slices[index * 32..<index * 32 + 32])
        .reduce(0.0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) }
      // A slice's error is measured against what 32 elements of the tensor weigh on average.
      let sliceNorm = norm * (32 / Double(values.count)).squareRoot()
      return (name, max((bySketch / 16).squareRoot() / norm, bySlice.squareRoot() / sliceNorm))
    }
  }
}

/// A model with formula weights, ready to run.
struct Subject {
  let network: Network
  let store: ParameterStore
  let engine: Engine
  let executor: Executor

  init(_ model: String, classes: Int, overrides: [String: [Float]] = [:], threads: Int = 2, kernels: KernelSet = .best) throws {
    network = try Catalogue.network(model, classes: classes, dropout: 0)
    store = ParameterStore(network)
    for (index, parameter) in network.parameters.enumerated() {
      let values =
        overrides[parameter.name]
        ?? Formula.tensor(parameter.name, shape: parameter.shape, linearInputFirst: model.hasPrefix("tutorial"))
      _ = store.values(index).update(fromContentsOf: values)
    }
    store.didChange()
    engine = Engine(threads: threads, kernels: kernels)
    executor = Executor(network: network, store: store, engine: engine)
  }

  func values(_ name: String) -> UnsafeMutableBufferPointer<Float> { store.values(store.index(of: name)!) }
  func gradients(_ name: String) -> UnsafeMutableBufferPointer<Float> { store.gradients(store.index(of: name)!) }

  /// Runs the batch of `step`; returns the loss and the logits.
  func run(_ mode: PlanKey.Mode, step: Int, count: Int, height: Int, width: Int, smoothing: Float = 0) throws -> (
    loss: Double, logits: [Float]
  ) {
    let plan = try executor.plan(PlanKey(batch: count, height: height, width: width, mode: mode))
    let batch = Formula.batch(step: step, count: count, height: height, width: width, classes: network.classes)
    _ = plan.input.update(fromContentsOf: batch.images)
    batch.labels.withUnsafeBufferPointer { plan.setTargets(labels: $0, smoothing: smoothing) }
    let result = executor.run(plan, StepContext(dropout: CounterRandom(seed: 1, purpose: .dropout)))
    return (result.loss, Array(plan.logits))
  }
}

func relativeError(_ values: [Float], _ truth: [Float]) -> Double {
  let difference = zip(values, truth).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
  return (difference / truth.reduce(0.0) { $0 + Double($1) * Double($1) }).squareRoot()
}
