import SystemText

/// A list of images with their labels: `path,label[,part]` as CSV, TSV or JSON lines.
///
/// Paths start at the list's folder. Labels are text, sorted by their bytes as the names of folders are, so that "10" comes before
/// "2". A line that repeats another one is left out and noted; two labels or two parts of one image are an error.
struct ImageList {
  struct Item: Sendable {
    let line: Int
    /// From the list's folder on, without `.` and doubled slashes; absolute only for what lies elsewhere.
    let place: String
    /// nil where none was asked for.
    let label: String?
    /// The part, and the list's word for it.
    let part: DataPart?
    let partName: String
    let byteCount: Int64
  }

  /// The list's own path.
  let path: String
  let folder: String
  let tree: FileTree
  private(set) var items: [Item] = []
  private(set) var notes: [DataNote] = []
  let hasParts: Bool

  /// Reads the list at `path` in `tree`.
  ///
  /// - Parameters:
  ///   - labelColumn: the column of the labels, where the user names it.
  ///   - needsLabels: false where paths are enough.
  /// - Throws: `fileUnreadable`, `list`.
  init(reading path: String, in tree: FileTree = .disk, labelColumn: String?, needsLabels: Bool = true) throws(ImageFolderError) {
    self.path = path
    self.tree = tree
    folder = SystemPath.parent(of: path)
    let bytes = try tree.bytes(path, atMost: ListTable.byteLimit)
    do throws(ListError) {
      let table = try ListTable(bytes, path: path) { ListColumns.isHeader($0, labelColumn: labelColumn) }
      let columns = try Self.columns(of: table, path, folder, tree, labelColumn, needsLabels)
      hasParts = columns.part != nil
      try read(table, columns, needsLabels)
    } catch {
      throw .list(error)
    }
  }

  private static func columns(
    of table: ListTable, _ path: String, _ folder: String, _ tree: FileTree, _ labelColumn: String?, _ needsLabels: Bool
  ) throws(ListError) -> ListColumns {
    if let names = table.columns {
      return try ListColumns(named: names, labelColumn: labelColumn, needsLabel: needsLabels, list: path)
    }
    let fields = table.rows[0].cells.count
    guard case .text(let first)? = table.rows[0].cells.first, (2...3).contains(fields), labelColumn == nil,
      case .file = tree.look(at: Self.join(folder, first))
    else {
      guard case .text(let first)? = table.rows[0].cells.first else { throw ListError(path, line: table.rows[0].line, .noPath) }
      throw ListError(path, line: table.rows[0].line, .noHeader(first))
    }
    return ListColumns(fields: fields)
  }

  private mutating func read(_ table: ListTable, _ columns: ListColumns, _ needsLabels: Bool) throws(ListError) {
    var failures = Failures(path: path)
    var places: [[UInt8]: Int] = [:]
    for row in table.rows {
      do throws(ListError) {
        let item = try item(row, columns, needsLabels)
        if let before = places[item.place.systemBytes] {
          try compare(item, items[before])
          notes.append(DataNote(.repeatedLine, "line \(item.line)"))
        } else {
          places[item.place.systemBytes] = items.count
          items.append(item)
        }
      } catch {
        failures.add(error)
      }
    }
    if let error = failures.first(hasUsableLines: !items.isEmpty) { throw error }
  }

  private func item(_ row: ListTable.Row, _ columns: ListColumns, _ needsLabels: Bool) throws(ListError) -> Item {
    func fail(_ problem: ListError.Problem) -> ListError { ListError(path, line: row.line, problem) }
    guard case .text(let written) = row[columns.path] else { throw fail(.noPath) }
    guard !written.utf8.contains(0) else { throw fail(.unusablePath) }
    let place = Self.place(written, in: folder)
    var label: String?
    if needsLabels, let column = columns.label {
      switch row[column] {
      case .text(let text): label = text
      case .absent: throw fail(.noLabel(path: written))
      case .strange: throw fail(.strangeLabel(path: written))
      }
    }
    var part: (role: DataPart, name: String)?
    if let column = columns.part {
      guard case .text(let name) = row[column] else { throw fail(.unknownPart("")) }
      guard let role = DataPart(folderName: name) else { throw fail(.unknownPart(name)) }
      part = (role, name)
    }
    switch tree.look(at: Self.join(folder, place)) {
    case .missing: throw fail(.missing(written))
    case .other: throw fail(.notAFile(written))
    case .file(let byteCount):
      return Item(line: row.line, place: place, label: label, part: part?.role, partName: part?.name ?? "", byteCount: byteCount ?? 0)
    }
  }

  private func compare(_ item: Item, _ before: Item) throws(ListError) {
    if let label = item.label, let other = before.label, !label.utf8.elementsEqual(other.utf8) {
      throw ListError(path, line: item.line, .twoLabels(path: item.place, label, other, before: before.line))
    }
    if item.part != before.part { throw ListError(path, line: item.line, .twoParts(path: item.place, before: before.line)) }
  }

  /// Where an item's image is.
  func location(_ item: Item) -> ImageLocation { tree.location(Self.join(folder, item.place)) }

  // MARK: Paths

  private static let slash = UInt8(ascii: "/")

  /// The path as `Item.place` has it. `..` stays: links decide where it leads.
  private static func place(_ path: String, in folder: String) -> String {
    let text = plain(path)
    guard path.utf8.first == slash else { return text }
    let inside = (plain(SystemPath.absolute(folder)) + "/").utf8
    guard text.utf8.starts(with: inside), text.utf8.count > inside.count else { return text }
    return String(Substring(text.utf8.dropFirst(inside.count)))
  }

  /// The path without `.` and doubled slashes.
  private static func plain(_ path: String) -> String {
    let parts = path.utf8.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }
    return (path.utf8.first == slash ? "/" : "") + parts.map { String(Substring($0)) }.joined(separator: "/")
  }

  static func join(_ folder: String, _ place: String) -> String {
    if place.utf8.first == slash || folder == "." { return place }
    return folder.utf8.last == slash ? folder + place : folder + "/" + place
  }

  /// The first failure, and how many lines fail like it.
  private struct Failures {
    let path: String
    private var found: [ListError] = []

    init(path: String) { self.path = path }

    mutating func add(_ error: ListError) { found.append(error) }

    func first(hasUsableLines: Bool) -> ListError? {
      guard let first = found.first else { return nil }
      let alike = found.filter { Self.kind($0) == Self.kind(first) }
      return ListError(path, line: first.line, first.problem, others: alike.count - 1, hasUsableLines: hasUsableLines)
    }

    /// The case's name without what it carries.
    private static func kind(_ error: ListError) -> String {
      Mirror(reflecting: error.problem).children.first?.label ?? "\(error.problem)"
    }
  }
}
