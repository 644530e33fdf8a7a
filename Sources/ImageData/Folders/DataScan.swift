import SystemText

/// The parts of a request as they lie on the disk or in an archive, each walked or read from a list; not yet checked against each other.
struct DataScan {
  /// The data set's folder, or its list.
  let root: String
  private(set) var parts: [DataPart: ClassFolders] = [:]
  private(set) var notes: [DataNote] = []
  /// The parts' folders, for people; empty where there are class folders alone.
  private(set) var partNames: [DataPart: String] = [:]

  /// Whether the whole set is one list.
  let isList: Bool

  init(_ request: DataRequest) throws(ImageFolderError) {
    let output = OwnOutput(current: request.run)
    if let training = request.trainingFolder {
      root = request.path
      isList = false
      try take(training, as: .training, request, output)
    } else {
      switch try FileTree.find(request.path) {
      case .file(let path):
        guard ListTable.isList(path) else { throw .notAFolder(path) }
        (root, isList) = (path, true)
        let list = try ImageList(reading: path, labelColumn: request.labelColumn)
        take((request.layout == .auto ? ListedParts(byFolders: list) : nil) ?? ListedParts(list))
      case .folder(let tree, let path):
        isList = false
        (root, parts, partNames, notes) = try Self.scan(path, in: tree, request, output)
      }
    }
    if let evaluation = request.evaluationFolder { try take(evaluation, as: .evaluation, request, output) }
  }

  private typealias Scanned = (root: String, parts: [DataPart: ClassFolders], names: [DataPart: String], notes: [DataNote])

  /// A folder or an archive with all parts.
  private static func scan(
    _ path: String, in tree: FileTree, _ request: DataRequest, _ output: OwnOutput
  ) throws(ImageFolderError) -> Scanned {
    var unusable: [DataNote] = []
    if request.layout == .auto {
      let root = try DataLayout.root(of: path, in: tree)
      let lists = try MetadataLists(in: tree, root: root, labelColumn: request.labelColumn, output: output)
      if let listed = lists.listed { return (root, listed.parts, listed.names, tree.notes + listed.notes + lists.notes) }
      unusable = lists.notes
    }
    let layout = try DataLayout(reading: path, in: tree, rule: request.layout, output: output)
    let root = layout.root
    var parts: [DataPart: ClassFolders] = [:], names: [DataPart: String] = [:]
    let known = request.layout == .pairs ? nil : output
    for part in layout.parts {
      let isRoot = part.folder.isEmpty
      names[part.role] = isRoot ? "." : part.folder
      parts[part.role] = try ClassFolders(
        scanning: isRoot ? root : root + "/" + part.folder, in: tree, prefix: isRoot ? "" : part.folder + "/",
        excluded: isRoot ? layout.excluded : [], output: known)
    }
    if layout.parts.isEmpty {
      parts[.training] = try ClassFolders(scanning: root, in: tree, prefix: "", excluded: layout.excluded, output: known)
    }
    return (root, parts, names, tree.notes + unusable + layout.notes)
  }

  private mutating func take(_ listed: ListedParts) {
    parts = listed.parts
    partNames = listed.names
    notes += listed.notes
  }

  /// A part that was named outright: a folder, an archive or a list.
  private mutating func take(
    _ path: String, as part: DataPart, _ request: DataRequest, _ output: OwnOutput
  ) throws(ImageFolderError) {
    partNames[part] = path
    // Prefixes that stay the same wherever the folders lie: the fingerprint is made of relative paths.
    let prefix = part.label + "/"
    switch try FileTree.find(path) {
    case .file(let path):
      guard ListTable.isList(path) else { throw .notAFolder(path) }
      try take(ImageList(reading: path, labelColumn: request.labelColumn), as: part, prefix)
    case .folder(let tree, let path):
      notes += tree.notes
      let root = try tree.isArchive ? DataLayout.root(of: path, in: tree) : path
      if request.layout == .auto {
        let found = try MetadataLists.read(in: tree, at: root, labelColumn: request.labelColumn)
        if case .list(let list)? = found { return try take(list, as: part, prefix) }
        if case .unusable(let name)? = found { notes.append(DataNote(.unusableList, prefix + name)) }
      }
      parts[part] = try ClassFolders(scanning: root, in: tree, prefix: prefix, excluded: [], output: output)
    }
  }

  private mutating func take(_ list: ImageList, as part: DataPart, _ prefix: String) throws(ImageFolderError) {
    guard !list.hasParts else { throw .list(ListError(list.path, .partsInPart)) }
    parts[part] = ClassFolders(list.items, of: list, prefix: prefix)
    notes += list.notes
  }
}

extension ClassFolders {
  /// A note for each of `names` without an image here.
  func missingClasses(of names: [String], role: DataPart) -> [DataNote] {
    let empty = Set(emptyClasses.map(\.systemBytes))
    let held = Set(classNames.map(\.systemBytes)).subtracting(empty)
    return names.filter { !held.contains($0.systemBytes) }.map { DataNote(.classMissing, "\(role.label)/\($0)") }
  }
}

extension [String] {
  /// Those of these class names that no sample has.
  func without(_ samples: [ImageSample]) -> [String] {
    var counts = [Int](repeating: 0, count: count)
    for sample in samples { counts[sample.classIndex] += 1 }
    return zip(self, counts).filter { $0.1 == 0 }.map(\.0)
  }
}
