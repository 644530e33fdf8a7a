/// A part of a data set.
public enum DataPart: String, Sendable, Hashable, CaseIterable {
  case train, eval, test, all
}

/// Images to evaluate a finished model on.
///
/// Of a folder in parts, the evaluation part, with or without the others beside it. Of class folders alone, all images, or
/// the share that training set aside where the model was trained on these.
public struct EvaluationImages: Sendable {
  /// What decides which images are meant.
  public struct Selection: Sendable {
    /// nil: the evaluation part, as far as there is one.
    public var part: DataPart?
    /// Share set aside for evaluation and seed, as a user gives them.
    public var split: (evaluationFraction: Double, seed: UInt64)?
    /// The split that the model's checkpoint records.
    public var recorded: RecordedSplit?

    public init(part: DataPart? = nil, split: (evaluationFraction: Double, seed: UInt64)? = nil, recorded: RecordedSplit? = nil) {
      self.part = part
      self.split = split
      self.recorded = recorded
    }
  }

  /// Where the choice of the images comes from.
  public enum Origin: Sendable, Hashable {
    /// The folder's own parts, by their names.
    case parts([String])
    /// All class folders.
    case whole
    /// The split that the checkpoint records, of the folder that it was trained on.
    case checkpoint(DataPart)
    /// The split that the user gave.
    case given(DataPart)
  }

  /// The model's, else the folder's.
  public let classNames: [String]
  /// Sorted by class, folder and name; of several parts, those of training first.
  public let samples: [ImageSample]
  public let origin: Origin
  /// Files that are no images, relative to the folder.
  public let passedOver: [String]

  /// Scans the folder at `path`.
  ///
  /// - Parameter classNames: of the model, if it knows them; a folder may lack some of them.
  public init(scanning path: String, classNames: [String]?, selection: Selection = Selection()) throws(ImageFolderError) {
    let path = try ImageFolder.folder(path)
    if let parts = try PartFolders(path) {
      try self.init(path: path, parts: parts, part: selection.part, classNames: classNames)
    } else {
      try self.init(path: path, classes: ClassFolders(scanning: path), selection: selection, classNames: classNames)
    }
  }

  private init(path: String, parts: PartFolders, part: DataPart?, classNames: [String]?) throws(ImageFolderError) {
    let chosen = try parts.names(of: part)
    var found: [ClassFolders] = []
    for name in chosen {
      let folders = try ClassFolders(scanning: path + "/" + name, prefix: name + "/")
      guard !folders.classNames.isEmpty else { throw .noClasses(folders.path) }
      guard folders.emptyClasses.isEmpty else { throw .emptyClasses(folders.path, folders.emptyClasses) }
      found.append(folders)
    }
    // Without names in the weights, a class is its place among those that were trained on.
    var names = classNames
    if names == nil { names = try parts.trainingClasses() }
    let classes = names ?? found[0].classNames
    var samples: [ImageSample] = []
    for folders in found { samples += try folders.samples(labelledBy: classes) }
    self.init(classNames: classes, samples: samples, origin: .parts(chosen), passedOver: found.flatMap(\.passedOver))
  }

  private init(path: String, classes: ClassFolders, selection: Selection, classNames: [String]?) throws(ImageFolderError) {
    guard !classes.classNames.isEmpty else { throw .noClasses(path) }
    guard classes.emptyClasses.isEmpty else { throw .emptyClasses(path, classes.emptyClasses) }
    let part = selection.part ?? .eval
    guard part != .test else { throw .partMissing(path, .test, present: classes.classNames) }
    if let split = selection.split {
      let folder = try ImageFolder(path: path, dividing: classes, evaluationFraction: split.evaluationFraction, seed: split.seed)
      self.init(folder, part, .given(part), classes)
      return
    }
    // A folder of one class is none that anything was trained on.
    if let recorded = selection.recorded, classes.classNames.count > 1 {
      let folder = try ImageFolder(
        path: path, dividing: classes, evaluationFraction: recorded.evaluationFraction, seed: recorded.seed)
      if folder.scanFingerprint == recorded.fingerprint {
        self.init(folder, part, .checkpoint(part), classes)
        return
      }
    }
    guard selection.part == nil || part == .all else { throw .splitUnknown(path, part) }
    let names = classNames ?? classes.classNames
    self.init(classNames: names, samples: try classes.samples(labelledBy: names), origin: .whole, passedOver: classes.passedOver)
  }

  private init(_ folder: ImageFolder, _ part: DataPart, _ origin: Origin, _ classes: ClassFolders) {
    let samples =
      switch part {
      case .train: folder.training
      case .all: classes.samples
      case .eval, .test: folder.evaluation
      }
    self.init(classNames: folder.classNames, samples: samples, origin: origin, passedOver: classes.passedOver)
  }

  private init(classNames: [String], samples: [ImageSample], origin: Origin, passedOver: [String]) {
    self.classNames = classNames
    self.samples = samples
    self.origin = origin
    self.passedOver = passedOver
  }

  /// Those that are none of `broken`.
  public func removing(_ broken: [ImageError]) -> EvaluationImages {
    let paths = Set(broken.map { Array($0.path.utf8) })
    return EvaluationImages(
      classNames: classNames, samples: samples.filter { !paths.contains(Array($0.path.utf8)) }, origin: origin, passedOver: passedOver)
  }
}

/// The folders of a data set in parts.
struct PartFolders {
  private let path: String
  private let training: String?
  private let evaluation: String?
  private let test: String?
  /// Of the evaluation part where there is none.
  private let evaluationName: String
  /// All folders beside each other.
  private let present: [String]

  private static let names = [("train", "eval", "test"), ("trainImages", "evalImages", "testImages")]

  /// nil for class folders alone. A class may well be called "train" or "test", which then holds images itself.
  init?(_ path: String) throws(ImageFolderError) {
    let present = try DirectoryListing(path).folders.map(\.name)
    func isPart(_ name: String) throws(ImageFolderError) -> Bool {
      guard present.contains(name) else { return false }
      let listing = try DirectoryListing(path + "/" + name)
      return !listing.folders.isEmpty && listing.files.isEmpty
    }
    for (train, evaluation, test) in Self.names {
      let isPair = present.contains(train) && present.contains(evaluation)
      var (hasTraining, hasEvaluation) = (isPair, isPair)
      if !isPair {
        hasTraining = try isPart(train)
        hasEvaluation = try isPart(evaluation)
      }
      let hasTest = try isPart(test)
      guard hasTraining || hasEvaluation || hasTest else { continue }
      self.path = path
      self.training = hasTraining ? train : nil
      self.evaluation = hasEvaluation ? evaluation : nil
      self.test = hasTest ? test : nil
      self.evaluationName = evaluation
      self.present = present
      return
    }
    return nil
  }

  /// The folders that a part consists of.
  ///
  /// - Parameter part: nil for the one to evaluate on: the evaluation part, else the test part.
  func names(of part: DataPart?) throws(ImageFolderError) -> [String] {
    let found: [String?] =
      switch part {
      case nil: [evaluation ?? test]
      case .train?: [training]
      case .eval?: [evaluation]
      case .test?: [test]
      case .all?: [training, evaluation, test]
      }
    let names = found.compactMap { $0 }
    if names.isEmpty {
      guard let part else { throw .halfMissing(path, missing: evaluationName, present: present) }
      throw .partMissing(path, part, present: present)
    }
    return names
  }

  /// Names of the classes to train on; nil without that part.
  func trainingClasses() throws(ImageFolderError) -> [String]? {
    guard let training else { return nil }
    return try DirectoryListing(path + "/" + training).folders.map(\.name)
  }
}
