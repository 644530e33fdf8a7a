/// Finds the intended word for a mistyped one.
public enum Spelling {
  /// The likeliest of `names`: equal but for case, beginning alike, or within a third of its letters (one at least) of edits.
  ///
  /// - Returns: nil if none is likely.
  public static func nearest(to word: String, among names: [String]) -> String? {
    let wanted = word.lowercased()
    guard !wanted.isEmpty else { return nil }
    if let same = names.first(where: { $0.lowercased() == wanted }) { return same }
    if let prefix = names.first(where: { $0.hasPrefix(wanted) || wanted.hasPrefix($0) }) { return prefix }
    let near = names.map { (name: $0, edits: edits(from: wanted, to: $0)) }.filter { $0.edits <= max(1, $0.name.count / 3) }
    return near.min { $0.edits < $1.edits }?.name
  }

  /// Those of `names` that are within a third of their letters (one at least) of edits or begin alike, the likeliest first.
  public static func likeliest(for word: String, among names: [String], atMost count: Int) -> [String] {
    let wanted = word.lowercased()
    guard !wanted.isEmpty else { return [] }
    let measured = names.map { (edits: edits(from: wanted, to: $0.lowercased()), name: $0) }
    let near = measured.filter { $0.edits <= max(1, $0.name.count / 3) || $0.name.lowercased().hasPrefix(wanted) }
    return near.sorted { $0 < $1 }.prefix(count).map(\.name)
  }

  /// Letters to insert, remove, replace or swap with their neighbours (Damerau's distance, optimal string alignment).
  static func edits(from first: String, to second: String) -> Int {
    let a = Array(first)
    let b = Array(second)
    var rows = [[Int](0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
