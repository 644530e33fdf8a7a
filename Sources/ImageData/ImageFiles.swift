import Files

/// The image files in a folder and all folders below it, for prediction.
///
/// Hidden entries and `__MACOSX` are left out. Links are followed, but no folder is entered twice.
public struct ImageFiles: Sendable {
  /// Sorted by folder and then by name, by bytes.
  public let paths: [String]
  /// Files that are no images, in the same order.
  public let passedOver: [String]

  /// Walks the folder at `path`.
  ///
  /// - Throws: `noImages` without a single image, and all errors of listing a folder.
  public init(in path: String) throws(ImageFolderError) {
    let path = try ImageFolder.folder(path)
    guard let identity = FileSystem.Lookup(path).identity else { throw .folderMissing(path) }
    var seen: Set = [identity]
    var paths: [String] = [], passedOver: [String] = []
    for (folder, files) in try FolderWalk.files(in: path, from: "", seen: &seen) {
      for file in files {
        let place = (folder.isEmpty ? path : path + "/" + folder) + "/" + file.name
        if FolderWalk.isImage(file, at: place) { paths.append(place) } else { passedOver.append(place) }
      }
    }
    guard !paths.isEmpty else { throw .noImages(path) }
    self.paths = paths
    self.passedOver = passedOver
  }

  /// Whether `path` is a folder's.
  public static func isFolder(_ path: String) -> Bool { ClassFolders.isFolder(path) }
}
