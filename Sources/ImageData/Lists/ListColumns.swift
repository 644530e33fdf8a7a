/// Which columns of a list hold the path, the label and the part.
struct ListColumns: Equatable {
  let path: Int
  /// nil where no label is needed.
  let label: Int?
  let part: Int?

  /// In the order of preference.
  static let pathNames = ["path", "file_name", "filename", "image_path", "file", "image"]
  static let labelNames = ["label", "class", "category", "target"]
  static let partNames = ["part", "split", "subset", "set"]

  /// Columns of a list without header, by their place: path, label and perhaps part.
  init(fields count: Int) {
    (path, label, part) = (0, 1, count > 2 ? 2 : nil)
  }

  /// - Parameters:
  ///   - names: the list's columns; case does not matter.
  ///   - labelColumn: the one that the user names.
  ///   - needsLabel: false where paths are enough.
  ///   - list: for errors.
  init(named names: [String], labelColumn: String?, needsLabel: Bool = true, list: String) throws(ListError) {
    let lower = names.map { $0.lowercased() }
    guard let path = Self.pathNames.lazy.compactMap({ lower.firstIndex(of: $0) }).first else {
      throw ListError(list, .noPathColumn(names))
    }
    if let labelColumn {
      let exact = names.indices.filter { names[$0] == labelColumn }
      let found = exact.isEmpty ? names.indices.filter { lower[$0] == labelColumn.lowercased() } : exact
      guard let place = found.first else { throw ListError(list, .unknownColumn(labelColumn, names)) }
      guard found.count == 1 else { throw ListError(list, .repeatedColumn(labelColumn)) }
      label = place
    } else {
      let candidates = names.indices.filter { Self.labelNames.contains(lower[$0]) }
      guard candidates.count < 2 || !needsLabel else { throw ListError(list, .severalLabelColumns(candidates.map { names[$0] })) }
      guard !candidates.isEmpty || !needsLabel else { throw ListError(list, .noLabelColumn(names)) }
      label = candidates.first
    }
    let taken = label
    // Where paths are enough, all images count whatever part they are in.
    let parts = needsLabel ? names.indices.filter { Self.partNames.contains(lower[$0]) && $0 != taken } : []
    guard parts.count < 2 else { throw ListError(list, .repeatedColumn(names[parts[1]])) }
    self.path = path
    part = parts.first
  }

  /// Whether the fields of a first line are the names of columns rather than an image's.
  static func isHeader(_ fields: [String], labelColumn: String?) -> Bool {
    let lower = fields.map { $0.lowercased() }
    let labels = labelNames + (labelColumn.map { [$0.lowercased()] } ?? [])
    if let first = lower.first, pathNames.contains(first) { return true }
    return lower.contains(where: pathNames.contains) && lower.contains(where: labels.contains)
  }
}
