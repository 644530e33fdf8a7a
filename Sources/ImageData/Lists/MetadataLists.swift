import Files
import SystemText

/// The lists that Hugging Face's image folders have: `metadata.csv` or `metadata.jsonl` in the data set's folder, or in each of the
/// folders of its parts, with a column `file_name`.
struct MetadataLists {
  static let names = ["metadata.csv", "metadata.jsonl"]

  /// What a folder has under a list's name.
  enum Found {
    case list(ImageList)
    /// The name of a list that cannot be used, beside class folders.
    case unusable(String)
  }

  /// What the lists say; nil without one.
  private(set) var listed: ListedParts?
  /// Images that the lists do not name, and lists that cannot be used.
  private(set) var notes: [DataNote] = []

  /// - Parameters:
  ///   - root: the data set's folder.
  ///   - labelColumn: as the user names it.
  ///   - output: folders that are no data.
  /// - Throws: `list`, `severalParts`.
  init(in tree: FileTree, root: String, labelColumn: String?, output: OwnOutput) throws(ImageFolderError) {
    if let list = try find(in: tree, at: root, labelColumn, prefix: "") {
      listed = ListedParts(byFolders: list) ?? ListedParts(list)
      try addUnlisted(list, tree, output, prefix: "")
      return
    }
    var lists: [(part: DataPart, folder: String, list: ImageList)] = []
    var others: [DirectoryListing.Folder] = []
    for folder in try tree.listing(root).folders {
      if let part = DataPart(folderName: folder.name),
        let list = try find(in: tree, at: root + "/" + folder.name, labelColumn, prefix: folder.name + "/")
      {
        lists.append((part, folder.name, list))
      } else {
        others.append(folder)
      }
    }
    guard !lists.isEmpty else { return }
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

  /// The list in a folder; one that cannot be used is noted.
  private mutating func find(
    in tree: FileTree, at path: String, _ labelColumn: String?, prefix: String
  ) throws(ImageFolderError) -> ImageList? {
    switch try Self.read(in: tree, at: path, labelColumn: labelColumn) {
    case .list(let list)?: return list
    case .unusable(let name)?: notes.append(DataNote(.unusableList, prefix + name))
    case nil: break
    }
    return nil
  }

  /// The list in a folder; nil without one.
  static func read(in tree: FileTree, at path: String, labelColumn: String?) throws(ImageFolderError) -> Found? {
    let listing = try tree.listing(path)
    let found = listing.files.map(\.name).filter(names.contains)
    guard found.count < 2 else { throw .list(ListError(path, .severalLists(found))) }
    guard let name = found.first else { return nil }
    do throws(ImageFolderError) {
      return .list(try ImageList(reading: path + "/" + name, in: tree, labelColumn: labelColumn))
    } catch {
      // Captions, or something else altogether. A list with some lines that hold is meant to be one.
      guard labelColumn == nil, case .list(let problem) = error, !problem.hasUsableLines, try hasClassFolders(tree, path, listing)
      else { throw error }
      return .unusable(name)
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
    var seen = tree.identity(list.folder).map { ClassFolders.folders(from: list.folder, $0, in: tree) } ?? []
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
