/// The ways in which files name the tensors of the models known here.
///
/// Each model has canonical names, which the engine uses and which this program writes: timm's for the published MobileViT,
/// torchvision's for MobileNetV2, the tutorial code's own for its MobileViT. The other schemes are maps to and from those.
public enum NamingScheme: Sendable, CaseIterable {
  case timmMobileViT
  case huggingFaceMobileViT
  case tutorialMobileViT
  case torchvisionMobileNetV2
  case timmMobileNetV2
  case paddleMobileNetV2

  /// For people.
  public var label: String {
    switch self {
    case .timmMobileViT: "timm's MobileViT"
    case .huggingFaceMobileViT: "Hugging Face's MobileViT"
    case .tutorialMobileViT: "the tutorial's MobileViT"
    case .torchvisionMobileNetV2: "torchvision's MobileNetV2"
    case .timmMobileNetV2: "timm's MobileNetV2"
    case .paddleMobileNetV2: "Paddle's MobileNetV2"
    }
  }

  /// Whether its names are the canonical names of its model.
  public var isCanonical: Bool {
    switch self {
    case .timmMobileViT, .tutorialMobileViT, .torchvisionMobileNetV2: true
    case .huggingFaceMobileViT, .timmMobileNetV2, .paddleMobileNetV2: false
    }
  }

  /// What of a file in this scheme makes the tensor `canonical`; nil where the scheme has no such tensor.
  public func source(of canonical: String) -> TensorSource? {
    if isCanonical { return TensorSource([canonical]) }
    guard let (module, leaf) = Self.split(canonical), let modules = modules.sources[module] else { return nil }
    let names = modules.map { $0 + "." + sourceLeaf(leaf) }
    return TensorSource(names, transform(canonical: canonical, parts: names.count))
  }

  /// The canonical tensor that `name` of a file in this scheme is, or is a part of.
  public func canonicalName(of name: String) -> String? {
    if isCanonical { return name }
    guard let (module, leaf) = Self.split(name), let canonical = modules.canonical[module] else { return nil }
    return canonical + "." + canonicalLeaf(leaf)
  }

  /// Whether a tensor of this name says nothing about the model's function and is passed over on reading: PyTorch's batch
  /// counters, of use only where a batch norm has no momentum.
  public static func isIgnored(_ name: String) -> Bool { name == "num_batches_tracked" || name.hasSuffix(".num_batches_tracked") }

  /// The batch counters that PyTorch's `load_state_dict(strict=True)` asks for beside tensors of these canonical names:
  /// one for each batch norm, an I64 of shape [].
  public static func batchCounters(beside names: some Sequence<String>) -> [String] {
    names.compactMap { name in
      guard let (module, leaf) = split(name), leaf == "running_mean" else { return nil }
      return module + ".num_batches_tracked"
    }
  }

  // MARK: The maps

  private var modules: ModuleMap {
    switch self {
    case .huggingFaceMobileViT: .huggingFaceMobileViT
    case .timmMobileNetV2: .timmMobileNetV2
    case .paddleMobileNetV2: .paddleMobileNetV2
    case .timmMobileViT, .tutorialMobileViT, .torchvisionMobileNetV2: ModuleMap([])
    }
  }

  private func transform(canonical: String, parts: Int) -> TensorTransform {
    switch (self, canonical) {
    case (.paddleMobileNetV2, "classifier.1.weight"): .transpose
    case (.huggingFaceMobileViT, "stem.conv.weight"): .reverseInputChannels
    default: parts > 1 ? .concatenate : .none
    }
  }

  private static let paddleLeaves = [("running_mean", "_mean"), ("running_var", "_variance")]

  private func sourceLeaf(_ leaf: String) -> String {
    self == .paddleMobileNetV2 ? Self.paddleLeaves.first { $0.0 == leaf }?.1 ?? leaf : leaf
  }

  private func canonicalLeaf(_ leaf: String) -> String {
    self == .paddleMobileNetV2 ? Self.paddleLeaves.first { $0.1 == leaf }?.0 ?? leaf : leaf
  }

  private static func split(_ name: String) -> (module: String, leaf: String)? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }
}

/// What of a file makes one canonical tensor.
public struct TensorSource: Sendable, Equatable {
  /// In order; more than one only for a concatenation.
  public let names: [String]
  public let transform: TensorTransform

  init(_ names: [String], _ transform: TensorTransform = .none) {
    self.names = names
    self.transform = transform
  }
}

/// What is done to a file's tensor to make the canonical one.
public enum TensorTransform: Sendable, Equatable {
  case none
  /// [in, out] -> [out, in].
  case transpose
  /// Parts one after the other along the outermost axis.
  case concatenate
  /// [out, in, kh, kw] with the order of `in` reversed: a stem trained on blue, green, red becomes one for red, green, blue.
  case reverseInputChannels
}

/// Names of modules (layers) of a scheme and of the canonical one, both ways. A tensor is a module's name, a dot and a leaf
/// such as `weight`.
struct ModuleMap: Sendable {
  let sources: [String: [String]]
  let canonical: [String: String]

  init(_ pairs: [(canonical: String, sources: [String])]) {
    sources = Dictionary(uniqueKeysWithValues: pairs.map { ($0.canonical, $0.sources) })
    canonical = Dictionary(uniqueKeysWithValues: pairs.flatMap { pair in pair.sources.map { ($0, pair.canonical) } })
  }
}
