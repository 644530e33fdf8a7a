/// How much of a length a part gets when a rectangle is split.
public enum Extent: Hashable, Sendable {
  /// Exactly so many cells, fewer only where there is no room.
  case fixed(Int)
  /// A share (0...1) of the whole length.
  case fraction(Double)
  /// A share by weight of what the others leave, at least `minimum` while there is room.
  case flexible(weight: Double = 1, minimum: Int = 0)

  /// What the others leave.
  public static let rest = Extent.flexible()
}

extension Extent {
  /// The lengths of parts that fill `length` exactly, `gap` cells between them.
  ///
  /// Where the room is too small, parts towards the end give way first, down to nothing. Where no part is flexible, the last
  /// one takes what is left over.
  public static func split(_ length: Int, into extents: [Extent], gap: Int = 0) -> [Int] {
    guard !extents.isEmpty else { return [] }
    let room = max(0, length - gap * (extents.count - 1))
    var lengths = extents.map { extent in
      switch extent {
      case .fixed(let count): max(0, count)
      case .fraction(let share): max(0, Int((Double(room) * min(max(share, 0), 1)).rounded()))
      case .flexible(_, let minimum): max(0, minimum)
      }
    }
    var excess = lengths.reduce(0, +) - room
    for index in lengths.indices.reversed() where excess > 0 {
      let cut = min(excess, lengths[index])
      lengths[index] -= cut
      excess -= cut
    }
    if excess < 0 { distribute(-excess, over: extents, lengths: &lengths) }
    return lengths
  }

  private static func distribute(_ spare: Int, over extents: [Extent], lengths: inout [Int]) {
    let weights = extents.map { extent in
      if case .flexible(let weight, _) = extent { max(0, weight) } else { 0.0 }
    }
    let total = weights.reduce(0, +)
    guard total > 0 else {
      lengths[lengths.count - 1] += spare
      return
    }
    // Shares are cut at rounded running sums, so that they add up to `spare` whatever the weights.
    var sum = 0.0
    var given = 0
    for index in lengths.indices {
      sum += weights[index]
      let upTo = Int((Double(spare) * sum / total).rounded())
      lengths[index] += upTo - given
      given = upTo
    }
  }
}

extension Rect {
  /// Splits into rows from top to bottom, one for each extent.
  public func rows(_ extents: [Extent], gap: Int = 0) -> [Rect] {
    var top = y
    return Extent.split(height, into: extents, gap: gap).map { length in
      defer { top += length + gap }
      return Rect(x: x, y: min(top, bottom), width: width, height: min(length, max(0, bottom - top)))
    }
  }

  /// Splits into columns from left to right, one for each extent.
  public func columns(_ extents: [Extent], gap: Int = 0) -> [Rect] {
    var left = x
    return Extent.split(width, into: extents, gap: gap).map { length in
      defer { left += length + gap }
      return Rect(x: min(left, right), y: y, width: min(length, max(0, right - left)), height: height)
    }
  }
}
