import Files
import SystemText

/// The lists that Hugging Face's image folders have: `metadata.csv` or `metadata.jsonl` in the data set's folder, or in each of the
/// folders of its parts, with a column `file_name`.
struct MetadataLists {
  static let names = ["metadata.csv", "metadata.jsonl"]

  /// What the lists say; images that they do not name are noted.
  let listed: ListedParts
  private(set) var notes: [DataNote]

  /// - Parameters:
  ///   - root: the data set's folder.
  ///   - labelColumn: as the user names it.
  ///   - output: folders that are no data.
  /// - Returns: nil where there is no list, and where there are class folders and a list without paths or labels.
  /// - Throws: `list`, `severalParts`.
  init?(in tree: FileTree, root: String, labelColumn: String?, output: OwnOutput) throws(ImageFolderError) {
    notes = []
    if let list = try Self.read(in: tree, at: root, labelColumn: labelColumn) {
      listed = ListedParts(byFolders: list) ?? ListedParts(list)
      try addUnlisted(list, tree, output, prefix: "")
      return
    }
    var lists: [(part: DataPart, folder: String, list: ImageList)] = []
    var others: [DirectoryListing.Folder] = []
    for folder in try tree.listing(root).folders {
      if let part = DataPart(folderName: folder.name),
        let list = try Self.read(in: tree, at: root + "/" + folder.name, labelColumn: labelColumn)
      {
        lists.append((part, folder.name, list))
      } else {
        others.append(folder)
      }
    }
    guard !lists.isEmpty else { return nil }
    for part in DataPart.allCases {
      let folders = lists.filter { $0.part == part }.map(\.folder)
      guard folders.count < 2 else { throw .severalParts(root, part, folders) }
    }
    listed = try ListedParts(lists)
    for folder in others where try !output.contains(folder, at: root + "/" + folder.name, in: tree) {
      notes.append(DataNote(DataPart(folderName: folder.name) == nil ? .noPart : .partWithoutClasses, folder.name))
    }
    for (_, folder, list) in lists { try addUnlisted(list, tree, output, prefix: folder + "/") }
  }

  /// The list in a folder.
  ///
  /// - Returns: nil without one, and for one without paths or labels beside class folders.
  static func read(in tree: FileTree, at path: String, labelColumn: String?) throws(ImageFolderError) -> ImageList? {
    let listing = try tree.listing(path)
    let found = listing.files.map(\.name).filter(names.contains)
    guard found.count < 2 else { throw .list(ListError(path, .severalLists(found))) }
    guard let name = found.first else { return nil }
    do throws(ImageFolderError) {
      return try ImageList(reading: path + "/" + name, in: tree, labelColumn: labelColumn)
    } catch {
      guard labelColumn == nil, isUnusable(error), try hasClassFolders(tree, path, listing) else { throw error }
      return nil
    }
  }

  /// Whether a file of that name is no list of labels: captions, or something else altogether.
  private static func isUnusable(_ error: ImageFolderError) -> Bool {
    guard case .list(let error) = error else { return false }
    switch error.problem {
    case .noHeader, .noPathColumn, .noLabelColumn: return true
    default: return false
    }
  }

  private static func hasClassFolders(
    _ tree: FileTree, _ path: String, _ listing: DirectoryListing
  ) throws(ImageFolderError) -> Bool {
    var count = 0
    for folder in listing.folders {
      let inner = try tree.listing(path + "/" + folder.name)
      if inner.files.contains(where: { ImageExtension.matches($0.name) }) || !inner.folders.isEmpty { count += 1 }
    }
    return count > 1
  }

  /// Notes the images that lie in the list's folder and are not in the list.
  private mutating func addUnlisted(
    _ list: ImageList, _ tree: FileTree, _ output: OwnOutput, prefix: String
  ) throws(ImageFolderError) {
    let named = Set(list.items.map { $0.place.systemBytes })
    var seen: Set<FileSystem.Identity> = tree.identity(list.folder).map { [$0] } ?? []
    let found = try FolderWalk.files(in: list.folder, from: "", of: tree, seen: &seen) { (folder, place) throws(ImageFolderError) in
      try output.contains(folder, at: list.folder + "/" + place, in: tree)
    }
    for (folder, files) in found {
      for file in files where ImageExtension.matches(file.name) {
        let place = folder.isEmpty ? file.name : folder + "/" + file.name
        if !named.contains(place.systemBytes) { notes.append(DataNote(.notListed, prefix + place)) }
      }
    }
  }
}
