import Files
import SystemText

/// Which images a run asks for.
public struct DataRequest: Sendable, Hashable {
  /// The folder of the data set, from which relative paths count; or a list of its images, or an archive of them.
  public var path: String
  /// Folders of the parts where they are named outright; `path` is then not read.
  public var trainingFolder: String?
  public var evaluationFolder: String?
  public var layout: LayoutRule
  /// The column of a list that holds the class, where the user names it.
  public var labelColumn: String?
  /// Share of each class set aside for evaluation where the folder has no evaluation part, 0 ..< 1. At least one image of each
  /// class trains, and (of a positive share) at least one of those with two or more evaluates.
  public var evaluationFraction: Double
  /// Of the choice which.
  public var seed: UInt64
  /// The folder of the run that asks, which may lie within the data set and is no part of it.
  public var run: String?
  /// The sides that a run's images keep where the folder has no evaluation part; nil for a run that begins.
  public var known: KnownSides?

  public init(
    _ path: String, trainingFolder: String? = nil, evaluationFolder: String? = nil, layout: LayoutRule = .auto,
    labelColumn: String? = nil, evaluationFraction: Double = 0.2, seed: UInt64, run: String? = nil
  ) {
    precondition((0..<1).contains(evaluationFraction), "the share for evaluation is at least 0 and below 1")
    self.path = path
    self.trainingFolder = trainingFolder
    self.evaluationFolder = evaluationFolder
    self.layout = layout
    self.labelColumn = labelColumn
    self.evaluationFraction = evaluationFraction
    self.seed = seed
    self.run = run
  }
}

/// A data set on disk: its classes, its training and its evaluation images.
///
/// A folder with parts (see `DataLayout`), each with one folder per class; or class folders alone. Where there is no evaluation
/// part, a share of the training images is set aside for it. A test part is never trained on.
public struct ImageFolder: Sendable {
  /// What was asked for; its share and seed are without effect on a data set with an evaluation part.
  public let request: DataRequest
  /// Sorted by bytes; a sample's `classIndex` counts here.
  public let classNames: [String]
  /// Sorted by class, folder and name.
  public let training: [ImageSample]
  /// Sorted likewise.
  public let evaluation: [ImageSample]
  /// Sorted likewise; empty where there is no test part.
  public let test: [ImageSample]
  /// Whether `evaluation` was taken from the training part.
  public let isSplit: Bool
  /// The folders of the parts, relative to `path` or as named outright; empty where there are class folders alone.
  public let partNames: [DataPart: String]
  /// What is not used, or otherwise than it seems; paths are relative to `path`.
  public let notes: [DataNote]
  /// Both parts before broken images were removed.
  private let scanned: Parts

  private struct Parts: Sendable {
    let training: [ImageSample]
    let evaluation: [ImageSample]
  }

  /// The folder as given.
  public var path: String { request.path }

  /// - Throws: `ImageFolderError`
  public init(scanning path: String, evaluationFraction: Double = 0.2, seed: UInt64) throws(ImageFolderError) {
    try self.init(DataRequest(path, evaluationFraction: evaluationFraction, seed: seed))
  }

  /// Scans the folders of a request.
  ///
  /// - Throws: `ImageFolderError`; `nothingLeft` if the known sides leave a class without a training image.
  public init(_ request: DataRequest) throws(ImageFolderError) {
    let scan = try DataScan(request)
    guard let training = scan.parts[.training] else {
      let names = scan.partNames.values.sorted(by: SystemPath.precedes)
      throw scan.isList ? .nothingToTrainOn(scan.root, names) : .noTrainingPart(scan.root, names)
    }
    try Self.check(training)
    if request.layout == .auto { try training.refuseSets() }
    var notes = scan.notes + training.notes
    var held: [DataPart: [ImageSample]] = [:]
    for role in [DataPart.evaluation, .test] {
      guard let part = scan.parts[role] else { continue }
      held[role] = try part.samples(labelledBy: training.classNames)
      notes += part.notes + part.missingClasses(of: training.classNames, role: role)
    }
    self.request = request
    classNames = training.classNames
    test = held[.test] ?? []
    partNames = scan.partNames
    self.notes = notes
    if let evaluation = held[.evaluation] {
      guard !evaluation.isEmpty else { throw .noClasses(scan.parts[.evaluation]?.path ?? scan.root) }
      (self.training, self.evaluation, isSplit) = (training.samples, evaluation, false)
    } else {
      let split = StratifiedSplit(
        training, evaluationFraction: request.evaluationFraction, seed: request.seed, known: request.known)
      // Images that a run set aside stay so: they may be all that is left of a class.
      let bare = classNames.without(split.training)
      guard bare.isEmpty else { throw .nothingLeft(request.path, bare) }
      (self.training, self.evaluation, isSplit) = (split.training, split.evaluation, true)
    }
    scanned = Parts(training: self.training, evaluation: self.evaluation)
  }

  /// Divides class folders that are scanned already by the share and the seed of `request`.
  ///
  /// - Throws: `noClasses`, `emptyClasses`, `onlyOneClass`.
  init(dividing classes: ClassFolders, _ request: DataRequest) throws(ImageFolderError) {
    try Self.check(classes)
    let split = StratifiedSplit(
      classes, evaluationFraction: request.evaluationFraction, seed: request.seed, known: request.known)
    self.request = request
    classNames = classes.classNames
    (training, evaluation, isSplit) = (split.training, split.evaluation, true)
    scanned = Parts(training: split.training, evaluation: split.evaluation)
    test = []
    partNames = [:]
    notes = classes.notes
  }

  private init(_ whole: ImageFolder, without broken: Set<[UInt8]>) {
    let left = { (samples: [ImageSample]) in samples.filter { !broken.contains(Array($0.path.utf8)) } }
    request = whole.request
    classNames = whole.classNames
    training = left(whole.training)
    evaluation = left(whole.evaluation)
    test = left(whole.test)
    isSplit = whole.isSplit
    partNames = whole.partNames
    notes = whole.notes
    scanned = whole.scanned
  }

  /// The data set without the images of `broken`; the others keep their places in training or evaluation.
  ///
  /// - Throws: `nothingLeft` if a class would have no training image.
  public func removing(_ broken: [ImageError]) throws(ImageFolderError) -> ImageFolder {
    let paths = Set(broken.map { Array($0.path.utf8) })
    let left = ImageFolder(self, without: paths)
    let bare = left.classNames.without(left.training)
    guard bare.isEmpty else { throw .nothingLeft(path, bare) }
    return left
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
  /// Where a data set is that lay in the folder `former`: in `path`, or in the folder of its former name that is all there is in it.
  /// The name of a folder decides whether such a wrapping is looked through, and a moved folder may have another.
  public static func moved(to path: String, from former: String) throws(ImageFolderError) -> String {
    guard case .folder(let tree, let folder) = try FileTree.find(path), !tree.isArchive else { return path }
    return try DataLayout.unwrapped(folder, in: tree, from: former)
  }

  private static func check(_ classes: ClassFolders) throws(ImageFolderError) {
    guard !classes.classNames.isEmpty else { throw .noClasses(classes.path) }
    guard classes.emptyClasses.isEmpty else { throw .emptyClasses(classes.path, classes.emptyClasses) }
    guard classes.classNames.count > 1 else { throw .onlyOneClass(classes.path, classes.classNames[0]) }
  }
}
