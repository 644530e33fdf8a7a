/// Where a value is heading, in a word.
public enum Trend: String, Hashable, Sendable {
  case rising, falling, steady

  /// The trend from the first to the last finite value, changes below `tolerance` of their span's size counting as none.
  ///
  /// - Returns: nil for fewer than two finite values.
  public init?(_ values: [Double], tolerance: Double = 0.01) {
    let finite = values.filter(\.isFinite)
    guard finite.count >= 2, let first = finite.first, let last = finite.last else { return nil }
    let scale = max(abs(first), abs(last))
    self = abs(last - first) <= tolerance * scale ? .steady : last > first ? .rising : .falling
  }
}

/// One fact in words, "name: value, trend", for screen readers: no box, no braille, no colour.
public struct PlainLine: Hashable, Sendable {
  public var name: String
  public var value: String
  public var trend: Trend?

  public init(_ name: String, _ value: String, _ trend: Trend? = nil) {
    self.name = name
    self.value = value
    self.trend = trend
  }

  /// Name and value of more than `longest` characters are cut, and the text tells how much there was.
  public var text: String {
    "\(name.shortened(to: Self.longest)): \(value.shortened(to: Self.longest))" + (trend.map { ", \($0.rawValue)" } ?? "")
  }

  public static let longest = 2000
}

/// Facts in words under a heading, from the top down, one a line; what does not fit scrolls.
public struct PlainText: Widget, Hashable, Sendable {
  public var heading: String
  public var lines: [PlainLine]
  /// Rows scrolled away under the heading.
  public var first: Int

  public init(_ heading: String, _ lines: [PlainLine], first: Int = 0) {
    self.heading = heading
    self.lines = lines
    self.first = first
  }

  /// Rows of a line: one that is too long for the window is broken, so that nothing of it is lost.
  private static func rows(_ line: PlainLine, _ width: Int) -> [String] { Paragraph.wrap(line.text, to: width) }

  /// The last `first` that is worth having.
  public func lastFirst(in size: Size) -> Int {
    max(0, lines.reduce(0) { $0 + Self.rows($1, size.width).count } - max(0, size.height - 1))
  }

  /// The `first` that has a line in the middle of the window, as far as there is text around it.
  public func first(showing line: Int, in size: Size) -> Int {
    let above = lines.prefix(line).reduce(0) { $0 + Self.rows($1, size.width).count }
    // With the last line everything that follows it comes into view.
    return min(max(0, above - size.height / 2), lastFirst(in: size))
  }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    canvas.text(heading, in: rect.row(0), canvas.look[.title])
    let start = min(max(0, first), lastFirst(in: rect.size))
    let rows = lines.lazy.flatMap { Self.rows($0, rect.width) }.dropFirst(start).prefix(max(0, rect.height - 1))
    for (index, row) in rows.enumerated() { canvas.text(row, in: rect.row(index + 1), canvas.look[.text]) }
  }
}
