import Files

/// Which folders below a data set hold runs of this program, so that a run inside of `photos` never becomes a class of it.
struct OwnOutput: Sendable {
  /// The run that is about to begin; it may be empty still.
  private let current: FileSystem.Identity?

  init(current: String? = nil) { self.current = current.flatMap { FileSystem.Lookup($0).identity } }

  /// Whether the folder is a run, or holds runs and nothing else.
  func contains(_ folder: DirectoryListing.Folder, at path: String, in tree: FileTree) throws(ImageFolderError) -> Bool {
    if folder.identity == current { return true }
    let listing = try tree.listing(path)
    if Self.isRun(listing) { return true }
    guard !listing.folders.isEmpty, !listing.files.contains(where: { ImageExtension.matches($0.name) }) else { return false }
    for inner in listing.folders where inner.identity != current {
      guard Self.isRun(try tree.listing(path + "/" + inner.name)) else { return false }
    }
    return true
  }

  /// A run has its configuration, and what a writer makes right after it.
  private static func isRun(_ listing: DirectoryListing) -> Bool {
    let files = Set(listing.files.map(\.name))
    let folders = Set(listing.folders.map(\.name))
    return files.contains("config.toml")
      && (files.contains("events.jsonl") || files.contains("lock") || folders.contains("checkpoints") || folders.contains("scalars"))
  }
}
