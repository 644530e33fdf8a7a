import Files
import Foundation
import NeuralNetwork
import WeightFiles

/// What of a model's training goes into a checkpoint and comes out of it: tensors by name, and the state.
public struct Checkpoint {
  public let folder: String
  public let state: CheckpointState

  public var stateFile: String { folder + "/state.json" }
  public var modelFile: String { folder + "/model.safetensors" }
  public var optimizerFile: String { folder + "/optimizer.safetensors" }

  /// Reads the state of the checkpoint in `folder`.
  ///
  /// - Throws: `CheckpointError`, `FileSystemError`.
  public init(reading folder: String) throws {
    let file = folder + "/state.json"
    let data = try Self.contents(ofState: file)
    // The format is asked first: of a later one the rest may not decode.
    struct Format: Decodable { let format: Int }
    do {
      let format = try JSONDecoder().decode(Format.self, from: data).format
      guard format == 1 else { throw CheckpointError(file, .unknownFormat(format)) }
      state = try CheckpointState(json: data)
    } catch let error as DecodingError {
      throw CheckpointError(file, .badState(reason: Self.reason(error, data)))
    }
    if let reason = state.objection(inFolder: folder) { throw CheckpointError(file, .badState(reason: reason)) }
    self.folder = folder
  }

  /// Larger than any state: its settings are lines of a configuration.
  static let longestState = 1 << 20

  /// - Throws: `CheckpointError` where the file itself is at fault, `FileSystemError` where it cannot be read for now.
  private static func contents(ofState file: String) throws -> Data {
    do {
      guard let bytes = try FileSystem.read(file, atMost: longestState) else { throw CheckpointError(file, .badState(reason: "missing")) }
      return Data(bytes)
    } catch let error as FileSystemError {
      switch error.problem {
      case .notAFile, .tooLarge: throw CheckpointError(file, .badState(reason: error.reason))
      case .system, .danglingLink: throw error
      }
    }
  }

  /// Whether state and weight files are there and sound as far as the files' own headers tell.
  ///
  /// - Throws: what a file is that is not.
  func check() throws {
    for file in [modelFile, optimizerFile] { _ = try SafetensorsFile(path: file) }
  }

  /// Fills a store and an optimizer with the checkpoint's tensors.
  ///
  /// - Throws: `WeightFileError`, `CheckpointError`, `FileSystemError`; the store may then be filled in part.
  public func load(into store: ParameterStore, _ optimizer: Optimizer) throws {
    let weights = try SafetensorsFile(path: modelFile)
    for (index, parameter) in store.parameters.enumerated() {
      guard let tensor = weights[parameter.name] else {
        throw WeightFileError(modelFile, .noSuchTensor(parameter.name))
      }
      guard tensor.shape == parameter.shape else {
        throw WeightFileError(modelFile, .shapeDiffers(tensor: parameter.name, expected: parameter.shape, actual: tensor.shape))
      }
      try weights.readFloats(tensor, into: store.values(index))
    }
    store.didChange()
    let moments = try SafetensorsFile(path: optimizerFile)
    for (name, values) in optimizer.state {
      for (index, parameter) in store.parameters.enumerated() where parameter.isTrainable {
        let key = name + "." + parameter.name
        guard let tensor = moments[key], tensor.shape == parameter.shape else {
          throw CheckpointError(optimizerFile, .badOptimizer(tensor: key))
        }
        try moments.readFloats(tensor, into: UnsafeMutableBufferPointer(rebasing: values[store.range(index)]))
      }
    }
    optimizer.stepCount = state.optimizerSteps
  }

  /// The tensors of `model.safetensors`, with the batch counters that PyTorch's strict loading asks for.
  static func modelTensors(of store: ParameterStore, steps: Int) -> [TensorToWrite] {
    let tensors = store.parameters.enumerated().map { index, parameter in
      TensorToWrite(parameter.name, shape: parameter.shape, .floats(UnsafeBufferPointer(store.values(index))))
    }
    let counters = NamingScheme.batchCounters(beside: store.parameters.map(\.name))
    return tensors + counters.map { TensorToWrite($0, shape: [], .integer(Int64(steps))) }
  }

  /// The tensors of `optimizer.safetensors`: `velocity.stem.conv.weight` and so on.
  static func optimizerTensors(of optimizer: Optimizer, _ store: ParameterStore) -> [TensorToWrite] {
    optimizer.state.flatMap { name, values in
      store.parameters.enumerated().filter { $0.element.isTrainable }.map { index, parameter in
        let slice = UnsafeMutableBufferPointer(rebasing: values[store.range(index)])
        return TensorToWrite(name + "." + parameter.name, shape: parameter.shape, .floats(UnsafeBufferPointer(slice)))
      }
    }
  }

  /// Whether every weight and running statistic is a finite number.
  static func isFinite(_ store: ParameterStore) -> Bool {
    store.parameters.indices.allSatisfy { store.values($0).allSatisfy(\.isFinite) }
  }

  private static func reason(_ error: DecodingError, _ data: Data) -> String {
    switch error {
    case .keyNotFound(let key, _): "\"\(CheckpointState.key(key.stringValue))\" is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context): "\"\(name(context))\" is of the wrong type"
    // The decoder's answer to a number that its type cannot hold, too; it does not always name the place.
    default: (try? JSONSerialization.jsonObject(with: data)) == nil ? "it is not JSON" : "a number in it is out of bounds"
    }
  }

  /// The place of an error in the file, by its keys as they are spelled there.
  private static func name(_ context: DecodingError.Context) -> String {
    context.codingPath.map { CheckpointState.key($0.stringValue) }.joined(separator: ".")
  }
}
