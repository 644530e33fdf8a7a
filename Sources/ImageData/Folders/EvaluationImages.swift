import SystemText

/// Images to evaluate a finished model on.
///
/// Of a folder in parts, the evaluation part, else the test part, with or without the others beside it. Of class folders alone,
/// all images, or the share that training set aside where the model was trained on these.
public struct EvaluationImages: Sendable {
  /// What decides which images are meant.
  public struct Selection: Sendable {
    /// nil: the evaluation part, else the test part, else all class folders.
    public var part: PartChoice?
    /// How folders are understood, unless the model was trained on this very folder.
    public var layout: LayoutRule
    /// The column of a list that holds the class, where the user names it; else the recorded one counts for the data of training.
    public var labelColumn: String?
    /// Share set aside for evaluation and seed, as a user gives them; a share of 1 means all images.
    public var split: (evaluationFraction: Double, seed: UInt64)?
    /// The split that the model's checkpoint records.
    public var recorded: RecordedSplit?

    public init(
      part: PartChoice? = nil, layout: LayoutRule = .auto, labelColumn: String? = nil,
      split: (evaluationFraction: Double, seed: UInt64)? = nil,
      recorded: RecordedSplit? = nil
    ) {
      self.part = part
      self.layout = layout
      self.labelColumn = labelColumn
      self.split = split
      self.recorded = recorded
    }
  }

  /// Where the choice of the images comes from.
  public enum Origin: Sendable, Hashable {
    /// The folder's own parts, and their folders; "." for the folder itself.
    case parts([DataPart], folders: [String])
    /// All class folders.
    case whole
    /// The split that the checkpoint records, of the folder that it was trained on.
    case checkpoint(PartChoice)
    /// The split that the user gave.
    case given(PartChoice)
  }

  /// The model's, else the folder's.
  public let classNames: [String]
  /// Sorted by class, folder and name; of several parts, those of training first.
  public let samples: [ImageSample]
  public let origin: Origin
  /// What is not used, or otherwise than it seems; paths are relative to the folder.
  public let notes: [DataNote]
  /// Whether the whole is one list.
  public private(set) var isListed = false

  /// Scans the folder at `path`.
  ///
  /// - Parameter classNames: of the model, if it knows them; a folder may lack some of them.
  public init(scanning path: String, classNames: [String]?, selection: Selection = Selection()) throws(ImageFolderError) {
    let trained = try Self.trained(path, selection)
    let scan =
      if let trained { trained.scan } else {
        try DataScan(DataRequest(path, layout: selection.layout, labelColumn: selection.labelColumn, seed: 0))
      }
    let part = selection.part
    // A test part is never divided, and is what a folder without an evaluation part keeps to be measured.
    let isDivisible = scan.parts[.evaluation] == nil && part != .test && (part != .all || scan.partNames.isEmpty)
    if isDivisible, let classes = scan.parts[.training] {
      if let (fraction, seed) = selection.split {
        try Self.check(classes, alone: scan.partNames.isEmpty, selection.layout)
        try self.init(given: (fraction, seed), classes, scan, part, classNames)
        return
      }
      if let trained, part != nil || scan.parts[.test] == nil {
        self.init(trained.folder, classes, part ?? .eval, { .checkpoint($0) }, scan.notes)
        return
      }
    }
    if scan.partNames.isEmpty, let classes = scan.parts[.training] {
      try self.init(whole: classes, scan, selection, classNames)
      isListed = scan.isList
    } else {
      try self.init(parts: scan, part, classNames)
    }
  }

  /// The scan under the layout of training, and the division that training made; nil for another folder than the one of training
  /// and for one with an evaluation part, which is chosen by its name.
  private static func trained(
    _ path: String, _ selection: Selection
  ) throws(ImageFolderError) -> (scan: DataScan, folder: ImageFolder)? {
    guard let recorded = selection.recorded else { return nil }
    var request = DataRequest(
      path, layout: recorded.layout, labelColumn: selection.labelColumn ?? recorded.labelColumn,
      evaluationFraction: recorded.evaluationFraction, seed: recorded.seed)
    let scan: DataScan
    do {
      scan = try DataScan(request)
    } catch {
      // A folder or a list that the rule of training refuses is not the one that was trained on.
      switch error {
      case .severalParts, .partOrClass, .partsWithoutClasses, .sameFoldersInside, .list: return nil
      default: throw error
      }
    }
    // A folder of one class, or with a class without images, is none that anything was trained on.
    guard scan.parts[.evaluation] == nil, let classes = scan.parts[.training], classes.classNames.count > 1, classes.emptyClasses.isEmpty
    else { return nil }
    var folder = try ImageFolder(dividing: classes, request)
    if folder.scanFingerprint != recorded.fingerprint, let known = recorded.known {
      request.known = known
      folder = try ImageFolder(dividing: classes, request)
    }
    return folder.scanFingerprint == recorded.fingerprint ? (scan, folder) : nil
  }

  /// Measures the share that the user gives. The folder need not be the one of training: its classes are found by name in the model.
  private init(
    given split: (fraction: Double, seed: UInt64), _ classes: ClassFolders, _ scan: DataScan, _ part: PartChoice?, _ classNames: [String]?
  ) throws(ImageFolderError) {
    let isWhole = split.fraction >= 1
    let request = DataRequest(scan.root, evaluationFraction: isWhole ? 0 : split.fraction, seed: split.seed)
    let divided = EvaluationImages(
      try ImageFolder(dividing: classes, request), classes, isWhole ? .all : part ?? .eval, { .given($0) }, scan.notes)
    guard let classNames else {
      self = divided
      return
    }
    let kept = Set(divided.samples.map { $0.relativePath.systemBytes })
    self.init(
      classNames: classNames, samples: try classes.samples(labelledBy: classNames).filter { kept.contains($0.relativePath.systemBytes) },
      origin: divided.origin, notes: divided.notes)
  }

  /// Measures all class folders.
  private init(
    whole classes: ClassFolders, _ scan: DataScan, _ selection: Selection, _ classNames: [String]?
  ) throws(ImageFolderError) {
    try Self.check(classes, alone: true, selection.layout)
    if selection.part == .test { throw .noPart(scan.root, .test, []) }
    if let part = selection.part, part != .all { throw .splitUnknown(scan.root, part) }
    let names = classNames ?? classes.classNames
    self.init(
      classNames: names, samples: try classes.samples(labelledBy: names), origin: .whole, notes: scan.notes + classes.notes)
  }

  /// Measures parts by their names.
  private init(parts scan: DataScan, _ choice: PartChoice?, _ classNames: [String]?) throws(ImageFolderError) {
    let roles = try scan.roles(of: choice)
    let found = roles.compactMap { role in scan.parts[role].map { (role: role, classes: $0) } }
    // Without names in the weights, a class is its place among those that were trained on.
    let names = classNames ?? scan.parts[.training]?.classNames ?? found[0].classes.classNames
    var samples: [ImageSample] = [], notes = scan.notes
    for (role, classes) in found {
      if role == .training { try Self.check(classes, alone: false, .auto) }
      guard !classes.samples.isEmpty else { throw .noClasses(classes.path) }
      samples += try classes.samples(labelledBy: names)
      notes += classes.notes + classes.missingClasses(of: names, role: role)
    }
    self.init(
      classNames: names, samples: samples, origin: .parts(roles, folders: roles.compactMap { scan.partNames[$0] }), notes: notes)
  }

  private init(
    _ folder: ImageFolder, _ classes: ClassFolders, _ part: PartChoice, _ origin: (PartChoice) -> Origin, _ notes: [DataNote]
  ) {
    let samples =
      switch part {
      case .train: folder.training
      case .all: classes.samples
      case .eval, .test: folder.evaluation
      }
    self.init(classNames: folder.classNames, samples: samples, origin: origin(part), notes: notes + folder.notes)
  }

  private init(classNames: [String], samples: [ImageSample], origin: Origin, notes: [DataNote]) {
    self.classNames = classNames
    self.samples = samples
    self.origin = origin
    self.notes = notes
  }

  /// - Parameter alone: whether there are no parts, so that the folders may be sets of classes.
  private static func check(_ classes: ClassFolders, alone: Bool, _ layout: LayoutRule) throws(ImageFolderError) {
    guard !classes.classNames.isEmpty else { throw .noClasses(classes.path) }
    guard classes.emptyClasses.isEmpty else { throw .emptyClasses(classes.path, classes.emptyClasses) }
    if alone && layout == .auto { try classes.refuseSets() }
  }

  /// Those that are none of `broken`.
  public func removing(_ broken: [ImageError]) -> EvaluationImages {
    let paths = Set(broken.map { Array($0.path.utf8) })
    var left = EvaluationImages(
      classNames: classNames, samples: samples.filter { !paths.contains(Array($0.path.utf8)) }, origin: origin, notes: notes)
    left.isListed = isListed
    return left
  }
}

extension DataScan {
  /// The parts that a choice means, in the order of `DataPart`.
  ///
  /// - Parameter choice: nil for the one to evaluate on: the evaluation part, else the test part.
  /// - Throws: `noPart`
  fileprivate func roles(of choice: PartChoice?) throws(ImageFolderError) -> [DataPart] {
    let present = DataPart.allCases.filter { parts[$0] != nil }
    if choice == .all { return present }
    let wanted = choice?.part ?? (parts[.evaluation] == nil && parts[.test] != nil ? .test : .evaluation)
    guard parts[wanted] != nil else { throw .noPart(root, wanted, present.compactMap { partNames[$0] }) }
    return [wanted]
  }
}
