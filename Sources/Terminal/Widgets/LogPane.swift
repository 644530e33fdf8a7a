/// Lines of a log, the newest at the bottom.
public struct LogPane: Widget, Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    /// When, as it is to be read: "12:03:04". May be empty.
    public var time: String
    public var text: String
    public var key: ThemeKey

    public init(_ text: String, time: String = "", _ key: ThemeKey = .text) {
      self.text = text
      self.time = time
      self.key = key
    }
  }

  public var entries: [Entry]
  /// Lines scrolled up from the newest; 0 follows.
  public var scrolledBy: Int
  public var wraps: Bool

  public init(_ entries: [Entry], scrolledBy: Int = 0, wraps: Bool = true) {
    self.entries = entries
    self.scrolledBy = scrolledBy
    self.wraps = wraps
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    guard !rect.isEmpty else { return }
    let look = canvas.look
    let times = entries.suffix(1000).reduce(0) { max($0, $1.time.columns) }
    let left = times > 0 && rect.width > times + 8 ? times + 1 : 0
    let width = rect.width - left
    // Only as many entries are broken into lines as can be seen, from the newest back.
    let wanted = rect.height + max(0, scrolledBy)
    var lines: [(entry: Entry, text: String, isFirst: Bool)] = []
    for entry in entries.reversed() {
      let broken = wraps ? Paragraph.wrap(entry.text, to: width) : [entry.text]
      for (index, text) in broken.enumerated().reversed() { lines.append((entry, text, index == 0)) }
      if lines.count >= wanted { break }
    }
    let scrolled = min(max(0, scrolledBy), max(0, lines.count - rect.height))
    let visible = lines.dropFirst(scrolled).prefix(rect.height).reversed()
    for (index, line) in visible.enumerated() {
      let row = rect.row(index)
      if line.isFirst && left > 0 { canvas.text(line.entry.time, in: row, look[.dim]) }
      canvas.text(line.text, in: row.droppingLeft(left), look[line.entry.key])
    }
  }
}
