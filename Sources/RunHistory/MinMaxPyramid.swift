/// What a stretch of a curve spans. Values that are no finite numbers are left out.
public struct Extremes: Sendable, Equatable {
  public var lowest: Float
  public var highest: Float
  /// For a logarithmic axis; infinite if nothing is above zero.
  public var lowestPositive: Float

  static let none = Extremes(lowest: .infinity, highest: -.infinity, lowestPositive: .infinity)

  /// Whether there was no finite value.
  public var isEmpty: Bool { lowest > highest }

  @inline(__always)
  mutating func include(_ value: Float) {
    guard value.isFinite else { return }
    if value < lowest { lowest = value }
    if value > highest { highest = value }
    if value > 0, value < lowestPositive { lowestPositive = value }
  }

  @inline(__always)
  mutating func include(_ other: Extremes) {
    if other.lowest < lowest { lowest = other.lowest }
    if other.highest > highest { highest = other.highest }
    if other.lowestPositive < lowestPositive { lowestPositive = other.lowestPositive }
  }
}

/// Values in order, with the extremes of blocks of 16, of 16 times 16, and so on.
///
/// Any stretch's extremes take at most 30 looks a level, so a curve of a million points is drawn without walking it and
/// without losing a single spike. Only whole blocks are kept: appending is amortised constant.
struct MinMaxPyramid: Sendable {
  private static let fanOut = 16

  private(set) var values: ContiguousArray<Float> = []
  private var levels: [ContiguousArray<Extremes>] = []

  var count: Int { values.count }

  mutating func reserve(_ capacity: Int) { values.reserveCapacity(capacity) }

  mutating func append(_ value: Float) {
    values.append(value)
    guard values.count % Self.fanOut == 0 else { return }
    var block = Extremes.none
    for index in values.count - Self.fanOut..<values.count { block.include(values[index]) }
    push(block, level: 0)
  }

  private mutating func push(_ block: Extremes, level: Int) {
    if level == levels.count { levels.append([]) }
    levels[level].append(block)
    let count = levels[level].count
    guard count % Self.fanOut == 0 else { return }
    var above = Extremes.none
    for index in count - Self.fanOut..<count { above.include(levels[level][index]) }
    push(above, level: level + 1)
  }

  /// Forgets all values from `count` on.
  mutating func truncate(to count: Int) {
    guard count < values.count else { return }
    values.removeLast(values.count - count)
    var blocks = count
    for level in levels.indices {
      blocks /= Self.fanOut
      levels[level].removeLast(levels[level].count - blocks)
    }
  }

  /// The first place of a value that the extremes of all values have; found from the largest blocks down.
  ///
  /// - Parameter isHere: whether a stretch with these extremes holds the value; asked at most 16 times a level.
  func firstPlace(where isHere: (Extremes) -> Bool) -> Int? {
    var block: Int?
    for level in levels.indices.reversed() {
      // Without a block above all of this level's are candidates: fewer than 16, and those that no whole block above covers.
      let uncovered = level + 1 < levels.count ? levels[level + 1].count * Self.fanOut : 0
      let candidates = block.map { $0 * Self.fanOut..<($0 + 1) * Self.fanOut } ?? uncovered..<levels[level].count
      let found = candidates.first { isHere(levels[level][$0]) }
      block = found ?? (block == nil ? nil : candidates.lowerBound)
    }
    let uncovered = (levels.first?.count ?? 0) * Self.fanOut
    let candidates = block.map { $0 * Self.fanOut..<($0 + 1) * Self.fanOut } ?? uncovered..<values.count
    return candidates.first { place in
      var extremes = Extremes.none
      extremes.include(values[place])
      return isHere(extremes)
    }
  }

  /// The extremes of the values at `range`.
  func extremes(_ range: Range<Int>) -> Extremes {
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count, "the stretch lies outside the curve")
    var result = Extremes.none
    var low = range.lowerBound
    var high = range.upperBound
    values.withUnsafeBufferPointer { values in
      while low < high, low % Self.fanOut != 0 {
        result.include(values[low])
        low += 1
      }
      while high > low, high % Self.fanOut != 0 {
        high -= 1
        result.include(values[high])
      }
    }
    for level in levels {
      low /= Self.fanOut
      high /= Self.fanOut
      if low >= high { break }
      level.withUnsafeBufferPointer { blocks in
        while low < high, low % Self.fanOut != 0 {
          result.include(blocks[low])
          low += 1
        }
        while high > low, high % Self.fanOut != 0 {
          high -= 1
          result.include(blocks[high])
        }
      }
    }
    return result
  }
}
