import Files
import Glibc
import SystemText

/// A folder with one folder per class, each walked to its depths.
///
/// Classes are sorted by name, the images of a class by folder and then by name, all by bytes, as torchvision and Paddle
/// do. Hidden entries and `__MACOSX` are left out. Links are followed, but no folder is entered twice within a class, nor one
/// that the data set lies in, so that circles end. Files whose extension is an image's are samples whatever they hold (the
/// check of the data set judges them); others are samples if their content begins like an image's, and else are passed over. Images
/// beside the class folders are in no class and passed over too. A link to nowhere among the class folders is an error: a class
/// whose disk is not mounted must not vanish from the set.
public struct ClassFolders: Sendable {
  public let path: String
  /// Sorted by bytes.
  public let classNames: [String]
  /// Sorted by class, folder and name.
  public let samples: [ImageSample]
  /// What is not used, or otherwise than it seems; paths are relative to the data set's folder.
  public let notes: [DataNote]
  /// nil where the images come from a list.
  private let tree: FileTree?

  /// Walks `path`. Classes without images are allowed here.
  ///
  /// - Parameters:
  ///   - prefix: what to put before the relative paths, with its slash; empty where `path` is the data set's folder.
  ///   - excluded: names of folders here that are no classes, as bytes.
  ///   - output: folders of runs, which are passed over; nil to take them for data.
  /// - Throws: `folderMissing`, `notAFolder`, `folderUnreadable`, `deadLinks`.
  public init(scanning path: String, prefix: String = "") throws(ImageFolderError) {
    try self.init(scanning: path, in: .disk, prefix: prefix, excluded: [], output: nil)
  }

  /// The labelled images of the list at `path`, sorted.
  init(list path: String, classNames: [String], samples: [ImageSample]) {
    self.path = path
    self.classNames = classNames
    self.samples = samples
    notes = []
    tree = nil
  }

  init(scanning path: String, in tree: FileTree, prefix: String, excluded: Set<[UInt8]>, output: OwnOutput?) throws(ImageFolderError) {
    guard let identity = tree.identity(path) else { throw .folderMissing(path) }
    guard tree.isFolder(path) else { throw .notAFolder(path) }
    let above = Self.folders(from: path, identity, in: tree)
    let listing = try tree.listing(path)
    let dead = listing.files.filter { $0.isDeadLink && !ImageExtension.matches($0.name) }
    guard dead.isEmpty || output == nil else { throw .deadLinks(path, dead.map(\.name)) }
    let folders = listing.folders.filter { !above.contains($0.identity) && !excluded.contains($0.name.systemBytes) }
    var walk = ClassWalk(tree: tree, root: path, prefix: prefix, output: output)
    walk.passOverLoose(listing.files)
    for (index, folder) in folders.enumerated() {
      try walk.enter(folder, classIndex: index, above: above)
    }
    self.path = path
    classNames = folders.map(\.name)
    samples = walk.samples
    notes = walk.notes
    self.tree = tree
  }

  /// Refuses folders that are sets of classes rather than classes: none holds an image itself, and all hold the same folders.
  func refuseSets() throws(ImageFolderError) {
    guard let tree, classNames.count > 1 else { return }
    var inside: [String]?
    for name in classNames {
      let listing = try tree.listing(path + "/" + name)
      let names = listing.folders.map(\.name)
      guard names.count > 1, !listing.files.contains(where: { ImageExtension.matches($0.name) }) else { return }
      guard (inside ?? names).elementsEqual(names, by: { $0.utf8.elementsEqual($1.utf8) }) else { return }
      inside = names
    }
    if let inside { throw .sameFoldersInside(path, classNames, inside: inside) }
  }

  /// Names of the classes that have no image.
  public var emptyClasses: [String] { classNames.without(samples) }

  /// The samples with the class indices of `names`, a model's or a training set's.
  ///
  /// - Throws: `unknownClasses` if there are images of a class that `names` lacks.
  public func samples(labelledBy names: [String]) throws(ImageFolderError) -> [ImageSample] {
    let places = Dictionary(names.enumerated().map { ($1.systemBytes, $0) }, uniquingKeysWith: { first, _ in first })
    let indices = classNames.map { places[$0.systemBytes] }
    let unknown = zip(classNames, indices).filter { $0.1 == nil }.map(\.0)
    guard unknown.isEmpty else { throw .unknownClasses(path, unknown) }
    return samples.map {
      ImageSample(
        $0.location, relativePath: $0.relativePath, classIndex: indices[$0.classIndex] ?? 0, byteCount: $0.byteCount)
    }
  }

  /// A folder and all that it lies in: a link to one of them would make a class of the data set itself, images of its
  /// evaluation included.
  static func folders(from path: String, _ identity: FileSystem.Identity, in tree: FileTree) -> Set<FileSystem.Identity> {
    // A link can lead out of a folder, but not out of an archive.
    if tree.isArchive { return [identity] }
    var found: Set = [identity], up = path + "/.."
    while let next = FileSystem.Lookup(up).identity, found.insert(next).inserted { up += "/.." }
    return found
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return path.withSystemPath({ stat($0, &status) }) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// The walk through the class folders of one data set.
private struct ClassWalk {
  let tree: FileTree
  let root: String
  let prefix: String
  let output: OwnOutput?
  var samples: [ImageSample] = []
  var notes: [DataNote] = []

  init(tree: FileTree, root: String, prefix: String, output: OwnOutput?) {
    self.tree = tree
    self.root = root
    self.prefix = prefix
    self.output = output
  }

  /// Files beside the class folders.
  mutating func passOverLoose(_ files: [DirectoryListing.File]) {
    for file in files where ImageExtension.matches(file.name) { notes.append(DataNote(.looseImage, prefix + file.name)) }
  }

  mutating func enter(
    _ folder: DirectoryListing.Folder, classIndex: Int, above: Set<FileSystem.Identity>
  ) throws(ImageFolderError) {
    var seen = above.union([folder.identity])
    let (root, output, tree) = (root, output, tree)
    var skipped: [String] = []
    let found = try FolderWalk.files(in: root, from: folder.name, of: tree, seen: &seen) { (inner, place) throws(ImageFolderError) in
      guard let output, try output.contains(inner, at: root + "/" + place, in: tree) else { return false }
      skipped.append(place)
      return true
    }
    notes += skipped.map { DataNote(.ownOutput, prefix + $0) }
    for (relative, files) in found {
      let before = samples.count
      for file in files { add(file, in: relative, classIndex: classIndex) }
      if samples.count > before && relative.utf8.count > folder.name.utf8.count { notes.append(DataNote(.nestedFolder, prefix + relative)) }
    }
  }

  private mutating func add(_ file: DirectoryListing.File, in folder: String, classIndex: Int) {
    let relative = folder + "/" + file.name
    let path = root + "/" + relative
    guard tree.isImage(file, at: path) else {
      notes.append(DataNote(file.isDeadLink ? .deadLink : .noImage, prefix + relative))
      return
    }
    samples.append(
      ImageSample(tree.location(path), relativePath: prefix + relative, classIndex: classIndex, byteCount: file.byteCount ?? 0))
  }
}
