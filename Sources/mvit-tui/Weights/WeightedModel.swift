import Configuration
import ImageData
import Kernels
import NeuralNetwork
import Tensors
import Training

/// A weight file opened as a model: what `evaluate` and `predict` work with.
struct WeightedModel {
  let executor: Executor
  let description: DescribedWeights

  /// The weight file.
  var path: String { description.path }
  var preprocessing: Preprocessing { description.preprocessing }
  var classNames: [String] { description.classNames }
  var hasClassNames: Bool { description.hasClassNames }
  var split: RecordedSplit? { description.split }

  /// - Throws: an error that names what the file does not tell, or its first tensor that is not finite.
  init(_ options: WeightOptions, threads: Int?, kernels: String?) throws {
    description = try DescribedWeights(options.location(), model: options.model, options.reading())
    let (path, network) = (description.path, description.network)
    let weights = try InitialWeights(reading: path, for: network, keepsClassifier: true)
    let engine = Engine(
      threads: threads ?? SystemLimits.read().processors, kernels: try kernels.map(KernelSet.chosen) ?? .best)
    if let shortage = engine.pool.shortage { StandardStreams.complain(shortage) }
    try engine.checkMemory(MemoryNeed(numbers: ParameterStore.byteCount(network, trainedBy: nil)))
    let store = ParameterStore(network)
    try weights.load(into: store)
    if let tensor = store.firstNonFiniteTensor {
      throw Failure(.internal, "\(path): \"\(tensor)\" holds values that are not finite numbers; use another checkpoint")
    }
    executor = Executor(network: network, store: store, engine: engine)
  }
}

extension KernelSet {
  /// The kernels that `--kernels` names; `best` is as good a name as any.
  static func chosen(_ name: String) throws -> KernelSet { name == "best" ? .best : try named(name) }
}
