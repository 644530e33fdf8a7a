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

  /// An arrow for tables.
  public var arrow: Unicode.Scalar { self == .rising ? "↑" : self == .falling ? "↓" : "→" }
}

/// One fact in words, "name: value, trend", for screen readers and for `--no-ui`: no box, no braille, no colour.
public struct PlainLine: Hashable, Sendable {
  public var name: String
  public var value: String
  public var trend: Trend?

  public init(_ name: String, _ value: String, _ trend: Trend? = nil) {
    self.name = name
    self.value = value
    self.trend = trend
  }

  public var text: String { "\(name): \(value)" + (trend.map { ", \($0.rawValue)" } ?? "") }
}

/// Facts in words under headings, from the top down, one a line.
public struct PlainText: Widget, Hashable, Sendable {
  public var heading: String
  public var lines: [PlainLine]

  public init(_ heading: String, _ lines: [PlainLine]) {
    self.heading = heading
    self.lines = lines
  }

  /// The same outside of a screen.
  public var text: String { ([heading] + lines.map(\.text)).joined(separator: "\n") }

  public func draw(on canvas: inout Canvas, in rect: Rect) {
    canvas.text(heading, in: rect.row(0), canvas.look[.title])
    for (index, line) in lines.enumerated() { canvas.text(line.text, in: rect.row(index + 1), canvas.look[.text]) }
  }
}
