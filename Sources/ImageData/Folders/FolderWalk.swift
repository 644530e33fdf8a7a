import Files
import SystemText

/// A walk through a folder of a tree to its depths, links followed.
enum FolderWalk {
  /// The files of the folder `start` below `root` and of all folders in it, sorted by folder and then by name.
  ///
  /// - Parameters:
  ///   - start: relative to `root`; empty for `root` itself.
  ///   - seen: folders not to be entered; those that are entered are added.
  ///   - isSkipped: asked for each folder inside of `start`, with its path relative to `root`.
  static func files(
    in root: String, from start: String, of tree: FileTree = .disk, seen: inout Set<FileSystem.Identity>,
    skipping isSkipped: (DirectoryListing.Folder, String) throws(ImageFolderError) -> Bool = { _, _ in false }
  ) throws(ImageFolderError) -> [(folder: String, files: [DirectoryListing.File])] {
    var waiting = [start]
    var found: [(folder: String, files: [DirectoryListing.File])] = []
    while let relative = waiting.popLast() {
      let listing = try tree.listing(relative.isEmpty ? root : root + "/" + relative)
      found.append((relative, listing.files))
      var fresh: [String] = []
      for inner in listing.folders where seen.insert(inner.identity).inserted {
        let place = relative.isEmpty ? inner.name : relative + "/" + inner.name
        if try !isSkipped(inner, place) { fresh.append(place) }
      }
      waiting += fresh.reversed()
    }
    found.sort { SystemPath.precedes($0.folder, $1.folder) }
    return found
  }
}
