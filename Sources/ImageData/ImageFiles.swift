import SystemText

/// The images in a folder and all folders below it, in an archive or in a list, for prediction.
///
/// Hidden entries and `__MACOSX` are left out. Links are followed, but no folder is entered twice.
public struct ImageFiles: Sendable {
  /// Sorted by folder and then by name, by bytes; of a list in its order.
  public let images: [ImageLocation]
  /// Files that are no images, in the same order, and what is skipped of an archive.
  public let passedOver: [String]
  /// Lines of a list that are not used.
  public let notes: [DataNote]

  public var paths: [String] { images.map(\.path) }

  /// Walks the folder or the archive at `path`, or reads the list there.
  ///
  /// - Throws: `noImages` without a single image, and all errors of listing a folder.
  public init(in path: String) throws(ImageFolderError) {
    switch try FileTree.find(path) {
    case .file(let path):
      guard ListTable.isList(path) else { throw .notAFolder(path) }
      let list = try ImageList(reading: path, labelColumn: nil, needsLabels: false)
      images = list.items.map(list.location)
      (passedOver, notes) = ([], list.notes)
    case .folder(let tree, let path):
      let (found, others) = try Self.walk(path, tree)
      notes = []
      (images, passedOver) = (found, others + tree.notes.map { path + "/" + $0.path })
      guard !images.isEmpty else { throw .noImages(path) }
    }
  }

  private static func walk(_ path: String, _ tree: FileTree) throws(ImageFolderError) -> ([ImageLocation], passedOver: [String]) {
    guard let identity = tree.identity(path) else { throw .folderMissing(path) }
    var seen: Set = [identity]
    var images: [ImageLocation] = [], passedOver: [String] = []
    for (folder, files) in try FolderWalk.files(in: path, from: "", of: tree, seen: &seen) {
      for file in files {
        let place = (folder.isEmpty ? path : path + "/" + folder) + "/" + file.name
        if tree.isImage(file, at: place) { images.append(tree.location(place)) } else { passedOver.append(place) }
      }
    }
    return (images, passedOver)
  }

  /// Whether `path` leads to several images: a folder, an archive by its first bytes, a list by its extension. Archives that are not
  /// read in place are some of these, so that `init(in:)` refuses them with their cure.
  public static func areAt(_ path: String) -> Bool {
    if ClassFolders.isFolder(path) || ListTable.isList(path) { return true }
    return ArchiveFormat(ofFile: path) != nil
  }
}
