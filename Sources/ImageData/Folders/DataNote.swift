/// Something in a data set's folder that is not used, or is used otherwise than its place suggests.
public struct DataNote: Sendable, Hashable {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// An image beside class folders, in none of them.
    case looseImage
    /// A file that is no image.
    case noImage
    /// A link that leads nowhere.
    case deadLink
    /// A folder beside the parts that is none of them.
    case noPart
    /// A part that holds images but no class folders.
    case partWithoutClasses
    /// A folder with runs of this program.
    case ownOutput
    /// A class that has no image in this part.
    case classMissing
    /// Images in folders inside a class; they count to the class.
    case nestedFolder
    /// An image in a folder with a list that does not name it.
    case notListed
    /// A list beside class folders that names no image or no class.
    case unusableList
    /// A line that repeats another one.
    case repeatedLine
    /// What a Mac's archiver adds.
    case archiveLitter
    /// A link in an archive.
    case archiveLink
    /// A device or a sparse file in an archive.
    case specialEntry
    /// A name in an archive that is absolute or leads out of it.
    case unsafeName
    /// An entry of an archive whose name another one has: a later one, or a folder.
    case repeatedEntry
    /// The one folder of an archive, which is taken for the data set's.
    case onlyFolder
    /// A name in an archive whose backslashes are taken for slashes.
    case backslashes
    /// A part of which another folder was named outright or has an earlier claim.
    case otherPart

    /// The reason in JSON: `loose_image`.
    public var key: String { rawValue.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) } }

    /// What is the matter, for `count` places.
    func words(_ count: Int) -> String {
      let one = count == 1
      return switch self {
      case .looseImage: one ? "image beside the class folders" : "images beside the class folders"
      case .noImage: one ? "file that is no image" : "files that are no images"
      case .deadLink: one ? "link that leads nowhere" : "links that lead nowhere"
      case .noPart: one ? "folder that is no part" : "folders that are no parts"
      case .partWithoutClasses: one ? "part without class folders" : "parts without class folders"
      case .ownOutput: one ? "folder of runs" : "folders of runs"
      case .classMissing: one ? "class without images" : "classes without images"
      case .nestedFolder: one ? "folder inside a class" : "folders inside classes"
      case .notListed: one ? "image that the list does not name" : "images that the list does not name"
      case .unusableList: one ? "list without usable paths and classes" : "lists without usable paths and classes"
      case .repeatedLine: one ? "repeated line" : "repeated lines"
      case .archiveLitter: one ? "file of a Mac's archiver" : "files of a Mac's archiver"
      case .archiveLink: one ? "link in the archive" : "links in the archive"
      case .specialEntry: one ? "special file in the archive" : "special files in the archive"
      case .unsafeName: one ? "name that leads out of the archive" : "names that lead out of the archive"
      case .repeatedEntry: one ? "entry whose name another one has" : "entries whose names others have"
      case .onlyFolder: one ? "folder that holds everything" : "folders that hold everything"
      case .backslashes: one ? "name with backslashes for slashes" : "names with backslashes for slashes"
      case .otherPart: one ? "folder whose part another one is" : "folders whose part another one is"
      }
    }
  }

  public let reason: Reason
  /// Relative to the data set's folder.
  public let path: String

  public init(_ reason: Reason, _ path: String) {
    self.reason = reason
    self.path = path
  }

  /// Whether the place is left out, rather than used otherwise than it seems.
  private var isIgnored: Bool { ![.nestedFolder, .classMissing, .onlyFolder, .backslashes].contains(reason) }

  /// A line for each reason, with its count and the first places: "not used: 12 files that are no images: a.txt, b.txt and 10 more".
  public static func lines(_ notes: [DataNote], examples: Int) -> [String] {
    Reason.allCases.compactMap { reason in
      let found = notes.filter { $0.reason == reason }
      guard let first = found.first else { return nil }
      let shown = found.prefix(max(1, examples)).map(\.path).joined(separator: ", ")
      let more = found.count - min(found.count, max(1, examples))
      return (first.isIgnored ? "not used: " : "note: ") + "\(found.count) \(reason.words(found.count)): \(shown)"
        + (more > 0 ? " and \(more) more" : "")
    }
  }

  /// What is not used and what is used otherwise than it seems, to be put behind a sentence; empty without notes.
  public static func summary(_ notes: [DataNote]) -> String {
    var text = ""
    let ignored = phrases(notes.filter(\.isIgnored))
    if !ignored.isEmpty { text += "; not used: " + ignored.joined(separator: ", ") }
    let others = phrases(notes.filter { !$0.isIgnored })
    if !others.isEmpty { text += "; note " + others.joined(separator: ", ") }
    return text
  }

  /// One phrase a reason, with its count and one example: "3 files that are no images (cat/notes.txt, ...)".
  private static func phrases(_ notes: [DataNote]) -> [String] {
    Reason.allCases.compactMap { reason in
      let places = notes.filter { $0.reason == reason }.map(\.path)
      guard let first = places.first else { return nil }
      return "\(places.count) \(reason.words(places.count)) (\(first)\(places.count > 1 ? ", ..." : ""))"
    }
  }
}
