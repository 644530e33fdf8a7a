/// The cells in which one screen differs from the one before, as runs within rows.
public struct GridDifference: Hashable, Sendable {
  /// `count` cells of row `y` from column `x` on. Never begins or ends within a wide character.
  public struct Run: Hashable, Sendable {
    public let x: Int
    public let y: Int
    public let count: Int

    public init(x: Int, y: Int, count: Int) {
      self.x = x
      self.y = y
      self.count = count
    }
  }

  public let runs: [Run]

  public var isEmpty: Bool { runs.isEmpty }
  /// Cells to be written.
  public var count: Int { runs.reduce(0) { $0 + $1.count } }

  /// - Parameters:
  ///   - old: what is on the screen; of another size or nil, everything has changed.
  ///   - gap: runs so few unchanged cells apart are joined, repeating cells being shorter than moving the cursor.
  public init(from old: Grid?, to new: Grid, joining gap: Int = 3) {
    let size = new.size
    guard let old, old.size == size else {
      runs = size.width == 0 ? [] : (0..<size.height).map { Run(x: 0, y: $0, count: size.width) }
      return
    }
    var found: [Run] = []
    old.cells.withUnsafeBufferPointer { before in
      new.cells.withUnsafeBufferPointer { after in
        for y in 0..<size.height {
          Self.appendRuns(of: y, width: size.width, before, after, gap, &found)
        }
      }
    }
    runs = found
  }

  private static func appendRuns(
    of y: Int, width: Int, _ before: UnsafeBufferPointer<Cell>, _ after: UnsafeBufferPointer<Cell>, _ gap: Int, _ found: inout [Run]
  ) {
    let row = y * width
    var start = -1
    var end = -1
    for x in 0..<width where before[row + x] != after[row + x] {
      if start >= 0 && x - end > gap {
        found.append(run(start, end, y, width, before, after))
        start = -1
      }
      if start < 0 { start = x }
      end = x + 1
    }
    if start >= 0 { found.append(run(start, end, y, width, before, after)) }
  }

  /// A run widened so that wide characters, old and new, are written whole.
  private static func run(
    _ start: Int, _ end: Int, _ y: Int, _ width: Int, _ before: UnsafeBufferPointer<Cell>, _ after: UnsafeBufferPointer<Cell>
  ) -> Run {
    var (start, end) = (start, end)
    func splits(_ x: Int) -> Bool {
      before[y * width + x].glyph.isContinuation || after[y * width + x].glyph.isContinuation
    }
    while start > 0 && splits(start) { start -= 1 }
    while end < width && splits(end) { end += 1 }
    return Run(x: start, y: y, count: end - start)
  }
}
