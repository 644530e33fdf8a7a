import SystemText

/// How the folders of a data set are understood.
public enum LayoutRule: String, Sendable, Hashable, CaseIterable, Codable {
  /// Parts where names of folders say so, class folders elsewhere.
  case auto
  /// Every folder is a class.
  case classes
  /// `train` with `eval`, or `trainImages` with `evalImages`, by exactly these names; elsewhere every folder is a class. As runs
  /// were read that know no rule.
  case pairs
}

/// The parts of a data set's folder, before any class is entered.
///
/// In the order of decision:
/// 1. A folder that holds nothing but a folder of its own name is that folder (`photos/photos/cat`), also for a part
///    (`seg_train/seg_train/cat`). An archive that holds nothing but one folder, which is no part, is that folder.
/// 2. `train` with `eval` and `trainImages` with `evalImages` are parts, whatever else is there.
/// 3. One folder named as a training part that holds class folders, and one that holds class folders and is named as an evaluation
///    or test part, are parts; other folders beside them are reported.
/// 4. Classes beside a folder that is named as an evaluation or test part and holds classes of the same names: the folder itself
///    is the training part.
/// 5. Else every folder is a class. Where that would take parts for classes, or several data sets for one, it is refused.
struct DataLayout {
  struct Part: Hashable {
    let role: DataPart
    /// Relative to the root; empty for the root itself.
    let folder: String
  }

  private let tree: FileTree
  /// The data set's folder as given, or the one of the same name in it.
  private(set) var root: String
  /// At most one a role, in the order of roles; empty where the root's folders are the classes of one set.
  private(set) var parts: [Part] = []
  private(set) var notes: [DataNote] = []
  /// Names of the root's folders that are no classes.
  private(set) var excluded: Set<Data> = []

  typealias Data = [UInt8]

  func folder(of role: DataPart) -> String? { parts.first { $0.role == role }?.folder }

  /// - Parameters:
  ///   - path: in `tree`, without a slash at its end.
  ///   - output: folders that are no data.
  init(reading path: String, in tree: FileTree, rule: LayoutRule, output: OwnOutput) throws(ImageFolderError) {
    self.tree = tree
    root = try rule == .pairs ? path : Self.root(of: path, in: tree)
    if root != path { notes.append(DataNote(tree.isArchive ? .onlyFolder : .nestedFolder, String(root.dropFirst(path.count + 1)))) }
    let listing = try tree.listing(root)
    var folders: [DirectoryListing.Folder] = []
    for folder in listing.folders {
      if rule != .pairs, try output.contains(folder, at: root + "/" + folder.name, in: tree) {
        notes.append(DataNote(.ownOutput, folder.name))
        excluded.insert(folder.name.systemBytes)
      } else {
        folders.append(folder)
      }
    }
    guard rule != .classes else { return }
    if takePairs(folders.map(\.name)) || rule == .pairs { return }
    var named = NamedFolders()
    for folder in folders { try named.add(folder.name, in: root, tree) }
    try take(named)
  }

  /// The names by which parts were told before other names were.
  private mutating func takePairs(_ names: [String]) -> Bool {
    for (train, evaluation) in [("train", "eval"), ("trainImages", "evalImages")]
    where names.contains(train) && names.contains(evaluation) {
      parts = [Part(role: .training, folder: train), Part(role: .evaluation, folder: evaluation)]
      let others = names.filter { $0 != train && $0 != evaluation }
      if let test = others.first(where: { DataPart(folderName: $0) == .test }) { parts.append(Part(role: .test, folder: test)) }
      for name in others where parts.last?.folder != name {
        notes.append(DataNote(DataPart(folderName: name) == nil ? .noPart : .otherPart, name))
      }
      return true
    }
    return false
  }

  private mutating func take(_ named: NamedFolders) throws(ImageFolderError) {
    let roles = Set(named.parts.map(\.role))
    if roles.contains(.training), roles.count > 1 || named.others.isEmpty {
      for role in DataPart.allCases {
        let candidates = named.parts.filter { $0.role == role }
        guard candidates.count < 2 else { throw .severalParts(root, role, candidates.map(\.folder)) }
        parts += candidates
      }
      notes += (named.others + named.bare).map { DataNote(.noPart, $0) }
      notes += named.flat.map { DataNote(.partWithoutClasses, $0.name) }
      return
    }
    if roles.contains(.training) {
      throw .partOrClass(root, named.parts.map(\.folder), others: named.others)
    }
    if !named.parts.isEmpty, try takeRoot(named) { return }
    if !named.parts.isEmpty, named.others.isEmpty, named.flat.isEmpty {
      // Such a folder can be evaluated. Training asks for its training part and reports that it is missing.
      for role in [DataPart.evaluation, .test] {
        let candidates = named.parts.filter { $0.role == role }
        guard candidates.count < 2 else { throw .severalParts(root, role, candidates.map(\.folder)) }
        parts += candidates
      }
      return
    }
    let flatRoles = Set(named.flat.map(\.role))
    if named.others.isEmpty, named.parts.isEmpty, flatRoles.count > 1, flatRoles.contains(.training) {
      throw .partsWithoutClasses(root, named.flat.map(\.name))
    }
  }

  /// Rule 4.
  private mutating func takeRoot(_ named: NamedFolders) throws(ImageFolderError) -> Bool {
    let classes = Set((named.others + named.flat.map(\.name)).map { Array($0.utf8) })
    var held: [Part] = []
    for part in named.parts {
      let names = try tree.listing(root + "/" + part.folder).folders.map { Array($0.name.utf8) }
      guard !names.isEmpty, names.allSatisfy(classes.contains) else { return false }
      guard !held.contains(where: { $0.role == part.role }) else {
        throw .severalParts(root, part.role, named.parts.filter { $0.role == part.role }.map(\.folder))
      }
      held.append(part)
    }
    parts = [Part(role: .training, folder: "")] + held
    for part in held { excluded.insert(String(part.folder.split(separator: "/")[0]).systemBytes) }
    return true
  }

  /// Rule 1. Of an archive also the one folder, whatever its name, in which everything lies: archives of a folder have it.
  static func root(of path: String, in tree: FileTree) throws(ImageFolderError) -> String {
    let path = try unwrapped(path, in: tree)
    guard tree.isArchive else { return path }
    let listing = try tree.listing(path)
    guard listing.folders.count == 1, !listing.files.contains(where: { ImageExtension.matches($0.name) }),
      DataPart(folderName: listing.folders[0].name) == nil
    else { return path }
    let inner = path + "/" + listing.folders[0].name
    let inside = try tree.listing(inner)
    let holdsSet = !inside.folders.isEmpty || inside.files.contains { MetadataLists.names.contains($0.name) }
    return holdsSet ? try root(of: inner, in: tree) : path
  }

  /// The folder, or the one of the same name in it that is all there is.
  private static func unwrapped(_ path: String, in tree: FileTree) throws(ImageFolderError) -> String {
    try unwrapped(path, in: tree, from: path)
  }

  /// The folder, or the one in it that is all there is and is called as `former` is.
  static func unwrapped(_ path: String, in tree: FileTree, from former: String) throws(ImageFolderError) -> String {
    let listing = try tree.listing(path)
    guard let name = former.split(separator: "/").last, listing.folders.count == 1, listing.folders[0].name.utf8.elementsEqual(name.utf8),
      !listing.files.contains(where: { ImageExtension.matches($0.name) })
    else { return path }
    return path + "/" + listing.folders[0].name
  }

  /// Whether there is an image in the folder or in one of its folders.
  private static func holdsImages(_ path: String, in tree: FileTree) throws(ImageFolderError) -> Bool {
    let listing = try tree.listing(path)
    if listing.files.contains(where: { ImageExtension.matches($0.name) }) { return true }
    for folder in listing.folders {
      let files = try tree.listing(path + "/" + folder.name).files
      if files.contains(where: { ImageExtension.matches($0.name) }) { return true }
    }
    return false
  }

  /// The root's folders by what their names and contents say.
  private struct NamedFolders {
    /// Named as parts, and with class folders.
    var parts: [Part] = []
    /// Named as parts, but without class folders.
    var flat: [(name: String, role: DataPart)] = []
    /// Named otherwise, with images in them or in their folders.
    var others: [String] = []
    /// Named otherwise, without images.
    var bare: [String] = []

    mutating func add(_ name: String, in root: String, _ tree: FileTree) throws(ImageFolderError) {
      guard let role = DataPart(folderName: name) else {
        if try DataLayout.holdsImages(root + "/" + name, in: tree) { others.append(name) } else { bare.append(name) }
        return
      }
      let whole = try DataLayout.unwrapped(root + "/" + name, in: tree)
      if try tree.listing(whole).folders.isEmpty {
        flat.append((name, role))
      } else {
        parts.append(Part(role: role, folder: String(whole.dropFirst(root.count + 1))))
      }
    }
  }
}
