import Tensors

/// A data set on disk: its classes, its training and its evaluation images.
///
/// Two layouts: `train/` and `eval/` (or `trainImages/` and `evalImages/`), each with one folder per class; or class
/// folders alone, of which a share is set aside for evaluation.
public struct ImageFolder: Sendable {
  /// The folder as given.
  public let path: String
  /// Sorted by bytes; a sample's `classIndex` counts here.
  public let classNames: [String]
  /// Sorted by class, folder and name.
  public let training: [ImageSample]
  /// Sorted likewise.
  public let evaluation: [ImageSample]
  /// Files that are no images, relative to `path`.
  public let passedOver: [String]
  /// Share of each class set aside for evaluation where the layout has no such part.
  public let evaluationFraction: Double
  /// Of the choice which.
  public let seed: UInt64
  /// Both parts before broken images were removed.
  private let scanned: Parts

  private struct Parts: Sendable {
    let training: [ImageSample]
    let evaluation: [ImageSample]
  }

  /// Scans the folder at `path`.
  ///
  /// - Parameters:
  ///   - evaluationFraction: share of each class set aside for evaluation where the layout has none, 0 ..< 1. At least one
  ///     image of each class trains, and (of a positive share) at least one of those with two or more evaluates.
  ///   - seed: of the choice which.
  public init(scanning path: String, evaluationFraction: Double = 0.2, seed: UInt64) throws(ImageFolderError) {
    precondition((0..<1).contains(evaluationFraction), "the share for evaluation is at least 0 and below 1")
    let path = try Self.folder(path)
    if let (train, evaluation) = try Self.separateFolders(path) {
      try self.init(path: path, training: train, evaluation: evaluation, evaluationFraction: evaluationFraction, seed: seed)
    } else {
      try self.init(path: path, dividing: ClassFolders(scanning: path), evaluationFraction: evaluationFraction, seed: seed)
    }
  }

  /// Divides class folders, scanned at `path`, into training and evaluation.
  init(path: String, dividing classes: ClassFolders, evaluationFraction: Double, seed: UInt64) throws(ImageFolderError) {
    try Self.check(classes)
    let split = StratifiedSplit(classes, evaluationFraction: evaluationFraction, seed: seed)
    self.init(
      path: path, classNames: classes.classNames, training: split.training, evaluation: split.evaluation,
      passedOver: classes.passedOver, evaluationFraction: evaluationFraction, seed: seed)
  }

  private init(
    path: String, training: String, evaluation: String, evaluationFraction: Double, seed: UInt64
  ) throws(ImageFolderError) {
    let train = try ClassFolders(scanning: path + "/" + training, prefix: training + "/")
    try Self.check(train)
    let held = try ClassFolders(scanning: path + "/" + evaluation, prefix: evaluation + "/")
    let evaluationSamples = try held.samples(labelledBy: train.classNames)
    guard held.emptyClasses.isEmpty else { throw .emptyClasses(held.path, held.emptyClasses) }
    guard !evaluationSamples.isEmpty else { throw .noClasses(held.path) }
    self.init(
      path: path, classNames: train.classNames, training: train.samples, evaluation: evaluationSamples,
      passedOver: train.passedOver + held.passedOver, evaluationFraction: evaluationFraction, seed: seed)
  }

  private init(
    path: String, classNames: [String], training: [ImageSample], evaluation: [ImageSample], passedOver: [String],
    evaluationFraction: Double, seed: UInt64, scanned: Parts? = nil
  ) {
    self.path = path
    self.classNames = classNames
    self.training = training
    self.evaluation = evaluation
    self.passedOver = passedOver
    self.evaluationFraction = evaluationFraction
    self.seed = seed
    self.scanned = scanned ?? Parts(training: training, evaluation: evaluation)
  }

  /// The data set without the images of `broken`; the others keep their places in training or evaluation.
  ///
  /// - Throws: `nothingLeft` if a class would have no training image.
  public func removing(_ broken: [ImageError]) throws(ImageFolderError) -> ImageFolder {
    let paths = Set(broken.map { Array($0.path.utf8) })
    let left = training.filter { !paths.contains(Array($0.path.utf8)) }
    var counts = [Int](repeating: 0, count: classNames.count)
    for sample in left { counts[sample.classIndex] += 1 }
    let bare = zip(classNames, counts).filter { $0.1 == 0 }.map(\.0)
    guard bare.isEmpty else { throw .nothingLeft(path, bare) }
    return ImageFolder(
      path: path, classNames: classNames, training: left,
      evaluation: evaluation.filter { !paths.contains(Array($0.path.utf8)) }, passedOver: passedOver,
      evaluationFraction: evaluationFraction, seed: seed, scanned: scanned)
  }

  /// Identifies classes, images (relative path and size) and their parts in training and evaluation, wherever the folder
  /// lies; what the files hold is not read. Sixteen hexadecimal digits.
  public var fingerprint: String { fingerprint(of: Parts(training: training, evaluation: evaluation)) }

  /// The fingerprint that the data set has with its broken images: it identifies the folder and its split without any of
  /// them being opened.
  public var scanFingerprint: String { fingerprint(of: scanned) }

  private func fingerprint(of parts: Parts) -> String {
    var hash = StableHash()
    hash.add(UInt64(classNames.count))
    for name in classNames { hash.add(name) }
    for samples in [parts.training, parts.evaluation] {
      hash.add(UInt64(samples.count))
      for sample in samples {
        hash.add(sample.relativePath)
        hash.add(UInt64(bitPattern: sample.byteCount))
        hash.add(UInt64(sample.classIndex))
      }
    }
    return hash.digits
  }
}

extension ImageFolder {
  private static let pairs = [("train", "eval"), ("trainImages", "evalImages")]

  /// The two folders of the separate layout; nil for class folders alone.
  ///
  /// Half of a pair is an error, lest `train` and `val` be taken for two classes; but a class may well be called "train"
  /// (next to "airplane" and "ship"), which then holds images itself rather than folders.
  private static func separateFolders(_ path: String) throws(ImageFolderError) -> (training: String, evaluation: String)? {
    let names = try DirectoryListing(path).folders.map(\.name)
    for (train, evaluation) in pairs where names.contains(train) && names.contains(evaluation) {
      return (train, evaluation)
    }
    for (train, evaluation) in pairs {
      for (half, other) in [(train, evaluation), (evaluation, train)] where names.contains(half) {
        let listing = try DirectoryListing(path + "/" + half)
        if !listing.folders.isEmpty && listing.files.isEmpty {
          throw .halfMissing(path, missing: other, present: names)
        }
      }
    }
    return nil
  }

  /// The path without a slash at its end, if it is a folder's.
  static func folder(_ path: String) throws(ImageFolderError) -> String {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard FileIdentity(path) != nil else { throw .folderMissing(path) }
    guard ClassFolders.isFolder(path) else { throw .notAFolder(path) }
    return path
  }

  private static func check(_ classes: ClassFolders) throws(ImageFolderError) {
    guard !classes.classNames.isEmpty else { throw .noClasses(classes.path) }
    guard classes.emptyClasses.isEmpty else { throw .emptyClasses(classes.path, classes.emptyClasses) }
    guard classes.classNames.count > 1 else { throw .onlyOneClass(classes.path, classes.classNames[0]) }
  }
}

/// Class folders divided into training and evaluation, class by class.
///
/// Each image is ranked by a hash of its relative path and the seed, and the first ones evaluate: adding or removing an
/// image leaves the choice among the others nearly as it was, and their order plays no part.
private struct StratifiedSplit {
  private(set) var training: [ImageSample] = []
  private(set) var evaluation: [ImageSample] = []

  init(_ classes: ClassFolders, evaluationFraction: Double, seed: UInt64) {
    let random = CounterRandom(seed: seed, purpose: .split)
    let byClass = Dictionary(grouping: classes.samples, by: \.classIndex)
    for index in classes.classNames.indices {
      let samples = byClass[index] ?? []
      let ranks = samples.map { sample in
        var hash = StableHash()
        hash.add(sample.relativePath)
        return random.bits(hash.value)
      }
      let order = samples.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
      let held = Set(order.prefix(Self.evaluationCount(samples.count, evaluationFraction)))
      for (place, sample) in samples.enumerated() {
        if held.contains(place) { evaluation.append(sample) } else { training.append(sample) }
      }
    }
  }

  private static func evaluationCount(_ count: Int, _ fraction: Double) -> Int {
    guard fraction > 0, count > 1 else { return 0 }
    return min(count - 1, max(1, Int((Double(count) * fraction).rounded())))
  }
}
