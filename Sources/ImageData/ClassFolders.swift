import CImageCodecs
import Glibc

/// One image of a data set.
public struct ImageSample: Sendable, Hashable {
  public let path: String
  /// From the data set's folder on; the same wherever that folder lies.
  public let relativePath: String
  public let classIndex: Int
  public let byteCount: Int64

  public init(path: String, relativePath: String, classIndex: Int, byteCount: Int64) {
    self.path = path
    self.relativePath = relativePath
    self.classIndex = classIndex
    self.byteCount = byteCount
  }
}

/// A folder with one folder per class, each walked to its depths.
///
/// Classes are sorted by name, the images of a class by folder and then by name, all by bytes, as torchvision and Paddle
/// do. Hidden entries and `__MACOSX` are left out. Links are followed, but no folder is entered twice within a class, nor one
/// that the data set lies in, so that circles end. Files whose extension is an image's are samples whatever they hold (the
/// check of the data set judges them); others are samples if their content begins like a PNG or JPEG, and else are passed over.
public struct ClassFolders: Sendable {
  public let path: String
  /// Sorted by bytes.
  public let classNames: [String]
  /// Sorted by class, folder and name.
  public let samples: [ImageSample]
  /// Files that are no images, relative to the data set's folder.
  public let passedOver: [String]

  /// Walks `path`. Classes without images are allowed here.
  ///
  /// - Parameter prefix: what to put before the relative paths, with its slash; empty where `path` is the data set's folder.
  public init(scanning path: String, prefix: String = "") throws(ImageFolderError) {
    guard let identity = FileIdentity(path) else { throw .folderMissing(path) }
    guard Self.isFolder(path) else { throw .notAFolder(path) }
    let above = Self.foldersFrom(path, identity)
    let folders = try DirectoryListing(path).folders.filter { !above.contains($0.identity) }
    var walk = ClassWalk(root: path, prefix: prefix)
    for (index, folder) in folders.enumerated() {
      try walk.enter(folder, classIndex: index, above: above)
    }
    self.path = path
    classNames = folders.map(\.name)
    samples = walk.samples
    passedOver = walk.passedOver
  }

  /// Names of the classes that have no image.
  public var emptyClasses: [String] {
    var counts = [Int](repeating: 0, count: classNames.count)
    for sample in samples { counts[sample.classIndex] += 1 }
    return zip(classNames, counts).filter { $0.1 == 0 }.map(\.0)
  }

  /// The samples with the class indices of `names`, a model's or a training set's.
  ///
  /// - Throws: `unknownClasses` if there are images of a class that `names` lacks.
  public func samples(labelledBy names: [String]) throws(ImageFolderError) -> [ImageSample] {
    let places = Dictionary(names.enumerated().map { (Array($1.utf8), $0) }, uniquingKeysWith: { first, _ in first })
    let indices = classNames.map { places[Array($0.utf8)] }
    let unknown = zip(classNames, indices).filter { $0.1 == nil }.map(\.0)
    guard unknown.isEmpty else { throw .unknownClasses(path, unknown) }
    return samples.map {
      ImageSample(
        path: $0.path, relativePath: $0.relativePath, classIndex: indices[$0.classIndex] ?? 0, byteCount: $0.byteCount)
    }
  }

  /// A folder and all that it lies in: a link to one of them would make a class of the data set itself, images of its
  /// evaluation included.
  private static func foldersFrom(_ path: String, _ identity: FileIdentity) -> Set<FileIdentity> {
    var found: Set = [identity], up = path + "/.."
    while let next = FileIdentity(up), found.insert(next).inserted { up += "/.." }
    return found
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// The walk through the class folders of one data set.
private struct ClassWalk {
  let root: String
  let prefix: String
  var samples: [ImageSample] = []
  var passedOver: [String] = []

  init(root: String, prefix: String) {
    self.root = root
    self.prefix = prefix
  }

  mutating func enter(
    _ folder: DirectoryListing.Folder, classIndex: Int, above: Set<FileIdentity>
  ) throws(ImageFolderError) {
    var seen = above.union([folder.identity])
    for (relative, files) in try FolderWalk.files(in: root, from: folder.name, seen: &seen) {
      for file in files { add(file, in: relative, classIndex: classIndex) }
    }
  }

  private mutating func add(_ file: DirectoryListing.File, in folder: String, classIndex: Int) {
    let relative = folder + "/" + file.name
    let path = root + "/" + relative
    guard FolderWalk.isImage(file, at: path) else {
      passedOver.append(prefix + relative)
      return
    }
    samples.append(
      ImageSample(path: path, relativePath: prefix + relative, classIndex: classIndex, byteCount: file.byteCount ?? 0))
  }
}

/// A walk through a folder to its depths, links followed.
enum FolderWalk {
  /// The files of the folder `start` below `root` and of all folders in it, sorted by folder and then by name.
  ///
  /// - Parameters:
  ///   - start: relative to `root`; empty for `root` itself.
  ///   - seen: folders not to be entered; those that are entered are added.
  static func files(
    in root: String, from start: String, seen: inout Set<FileIdentity>
  ) throws(ImageFolderError) -> [(folder: String, files: [DirectoryListing.File])] {
    var waiting = [start]
    var found: [(folder: String, files: [DirectoryListing.File])] = []
    while let relative = waiting.popLast() {
      let listing = try DirectoryListing(relative.isEmpty ? root : root + "/" + relative)
      found.append((relative, listing.files))
      let fresh = listing.folders.filter { seen.insert($0.identity).inserted }
      waiting += fresh.reversed().map { relative.isEmpty ? $0.name : relative + "/" + $0.name }
    }
    found.sort { byteOrder($0.folder, $1.folder) }
    return found
  }

  /// Whether a file's extension or its first bytes are an image's.
  static func isImage(_ file: DirectoryListing.File, at path: String) -> Bool {
    ImageExtension.matches(file.name) || (file.byteCount != nil && codec_begins_like_image(path))
  }
}

/// Extensions by which people mean "this is an image", decodable here or not.
private enum ImageExtension {
  private static let known: Set<String> = [
    "png", "apng", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "bmp", "dib", "tif", "tiff", "ppm", "pgm", "pbm", "pnm",
    "heic", "heif", "avif", "jp2", "jxl",
  ]

  static func matches(_ name: String) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return known.contains(name[name.index(after: dot)...].lowercased())
  }
}
