import Files
import NeuralNetwork
import WeightFiles

/// A weight file, ours or from elsewhere, matched with a network.
public struct InitialWeights {
  private let match: WeightMatch
  private let network: Network
  /// Classes of the file's classifier where they are not the network's: it is then left out.
  private let otherClasses: Int?

  /// - Parameter keepsClassifier: whether a classifier of another class count is an error, rather than begun anew.
  /// - Throws: `WeightFileError`, `FileSystemError`.
  public init(reading path: String, for network: Network, keepsClassifier: Bool = false) throws {
    let file = try SafetensorsFile(weightsAt: path)
    let inspection = try WeightFileInspection(of: file)
    self.network = network
    let isOther = inspection.classes != network.classes && !keepsClassifier
    otherClasses = isOther ? inspection.classes : nil
    let head = isOther ? network.classifierParameters : []
    let wanted = network.parameters.filter { !head.contains($0.name) }.map { WantedTensor($0.name, shape: $0.shape) }
    match = try WeightMatch(wanted, in: file, naming: inspection.scheme, ignoring: head)
  }

  /// Writes the file's tensors over the store's.
  ///
  /// - Returns: what the user should know of it, if anything.
  @discardableResult
  public func load(into store: ParameterStore) throws -> String? {
    for entry in match.entries {
      guard let index = store.index(of: entry.wanted.name) else { preconditionFailure("the store is of another network") }
      try match.read(entry, into: store.values(index))
    }
    store.didChange()
    return otherClasses.map {
      "the classifier of \(match.file.path) is for \($0) classes, the data has \(network.classes): it starts at random"
    }
  }
}

extension Network {
  /// Names of the parameters of the last linear layer.
  var classifierParameters: Set<String> {
    for layer in layers.reversed() {
      if case .linear(let weight, let bias, _) = layer.operation {
        return Set(([weight] + (bias.map { [$0] } ?? [])).map { parameters[$0].name })
      }
    }
    return []
  }
}
