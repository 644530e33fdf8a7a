/// A tensor that a model wants from a file: its canonical name and shape.
public struct WantedTensor: Sendable, Equatable {
  public let name: String
  /// Outermost axis first, as in the canonical files.
  public let shape: [Int]

  public init(_ name: String, shape: [Int]) {
    self.name = name
    self.shape = shape
  }

  public var elementCount: Int { shape.reduce(1, *) }
}

/// A model's wanted tensors and the tensors of a file that make them, every name, shape and type checked before anything
/// is read.
///
/// Batch-norm variances are taken as they are. PyTorch's are unbiased, Paddle's biased: for a batch of n positions the two
/// differ by n / (n - 1).
public struct WeightMatch: Sendable {
  public struct Entry: Sendable {
    public let wanted: WantedTensor
    /// In order; more than one only for a concatenation.
    public let sources: [StoredTensor]
    public let transform: TensorTransform
  }

  public let file: SafetensorsFile
  /// In the order of the wanted tensors.
  public let entries: [Entry]
  private let index: [String: Int]

  /// Finds every wanted tensor in `file`.
  ///
  /// - Parameters:
  ///   - wanted: all tensors of the model that are to be filled.
  ///   - ignoring: canonical names that the file may hold although they are not wanted, such as the head's when a new
  ///     one is to be trained.
  /// - Throws: `WeightFileError`: `namesDiffer` when tensors are missing or unknown, `shapeDiffers`, `notWeights`.
  public init(_ wanted: [WantedTensor], in file: SafetensorsFile, naming scheme: NamingScheme, ignoring: Set<String> = []) throws {
    var missing: [String] = []
    var used: Set<String> = []
    var entries: [Entry] = []
    for tensor in wanted {
      guard let source = scheme.source(of: tensor.name) else {
        missing.append(tensor.name)
        continue
      }
      let stored = source.names.compactMap { file[$0] }
      missing += source.names.filter { file[$0] == nil }
      used.formUnion(source.names)
      if stored.count == source.names.count { entries.append(Entry(wanted: tensor, sources: stored, transform: source.transform)) }
    }
    let unknown = file.tensors.map(\.name).filter { name in
      !used.contains(name) && !NamingScheme.isIgnored(name) && !(scheme.canonicalName(of: name).map(ignoring.contains) ?? false)
    }
    guard missing.isEmpty && unknown.isEmpty else {
      throw WeightFileError(file.path, .namesDiffer(scheme: scheme, missing: missing, unknown: unknown))
    }
    for entry in entries { try entry.check(file.path) }
    self.file = file
    self.entries = entries
    self.index = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1.name, $0) })
  }

  /// Fills `destination` ([elementCount] of the wanted shape, row-major) with one tensor.
  public func read(_ entry: Entry, into destination: UnsafeMutableBufferPointer<Float>) throws {
    precondition(destination.count == entry.wanted.elementCount, "the destination must have as many elements as the wanted tensor")
    switch entry.transform {
    case .none:
      try file.readFloats(entry.sources[0], into: destination)
    case .concatenate:
      var first = 0
      for source in entry.sources {
        try file.readFloats(source, into: UnsafeMutableBufferPointer(rebasing: destination[first..<first + source.elementCount]))
        first += source.elementCount
      }
    case .transpose:
      let (outputs, inputs) = (entry.wanted.shape[0], entry.wanted.shape[1])
      try withUnsafeTemporaryAllocation(of: Float.self, capacity: destination.count) { stored in
        try file.readFloats(entry.sources[0], into: UnsafeMutableBufferPointer(rebasing: stored[..<destination.count]))
        for o in 0..<outputs {
          for i in 0..<inputs { destination[o &* inputs &+ i] = stored[i &* outputs &+ o] }
        }
      }
    case .reverseInputChannels:
      try file.readFloats(entry.sources[0], into: destination)
      let (outputs, inputs, area) = (entry.wanted.shape[0], entry.wanted.shape[1], entry.wanted.shape[2] * entry.wanted.shape[3])
      for o in 0..<outputs {
        for i in 0..<inputs / 2 {
          for k in 0..<area { destination.swapAt((o * inputs + i) * area + k, (o * inputs + inputs - 1 - i) * area + k) }
        }
      }
    }
  }

  /// One wanted tensor's values, row-major.
  public func floats(_ name: String) throws -> [Float] {
    guard let place = index[name] else { preconditionFailure("\(name) was not among the wanted tensors") }
    let count = entries[place].wanted.elementCount
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(entries[place], into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }
}

extension WeightMatch.Entry {
  /// Shapes and types; the error names a tensor as the file does.
  fileprivate func check(_ file: String) throws {
    for source in sources where !source.type.isReadableAsWeights {
      throw WeightFileError(file, .notWeights(tensor: source.name, type: source.type))
    }
    let shape = wanted.shape
    switch transform {
    case .none:
      try require(sources[0], shape, file)
    case .transpose:
      precondition(shape.count == 2, "only a matrix can be transposed")
      try require(sources[0], shape.reversed(), file)
    case .reverseInputChannels:
      precondition(shape.count == 4, "only a convolution's weight has input channels to reverse")
      try require(sources[0], shape, file)
    case .concatenate:
      precondition(!shape.isEmpty && shape[0] % sources.count == 0, "the parts of a concatenation are of equal size")
      for source in sources { try require(source, [shape[0] / sources.count] + shape.dropFirst(), file) }
    }
  }

  private func require(_ source: StoredTensor, _ shape: [Int], _ file: String) throws {
    guard source.shape == shape else {
      throw WeightFileError(file, .shapeDiffers(tensor: source.name, expected: shape, actual: source.shape))
    }
  }
}
