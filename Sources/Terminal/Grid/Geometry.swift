/// A cell's place: column `x` from the left, row `y` from the top, both from 0.
public struct Point: Hashable, Sendable {
  public var x: Int
  public var y: Int

  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}

/// An extent in cells, never negative.
public struct Size: Hashable, Sendable, CustomStringConvertible {
  public let width: Int
  public let height: Int

  public init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
  }

  /// Whether `other` fits into this size.
  public func holds(_ other: Size) -> Bool { other.width <= width && other.height <= height }

  public var description: String { "\(width)x\(height)" }
}

/// A rectangle of cells. Its extent is never negative; an empty one draws nothing.
public struct Rect: Hashable, Sendable {
  public let x: Int
  public let y: Int
  public let width: Int
  public let height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  public init(_ size: Size) {
    self.init(x: 0, y: 0, width: size.width, height: size.height)
  }

  /// One past the last column.
  public var right: Int { x + width }
  /// One past the last row.
  public var bottom: Int { y + height }
  public var size: Size { Size(width: width, height: height) }
  public var isEmpty: Bool { width == 0 || height == 0 }

  public func contains(x column: Int, y row: Int) -> Bool {
    column >= x && column < right && row >= y && row < bottom
  }

  /// The common part; empty where there is none.
  public func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(x: left, y: top, width: min(right, other.right) - left, height: min(bottom, other.bottom) - top)
  }

  /// This rectangle without `horizontal` columns at either side and `vertical` rows above and below.
  public func inset(horizontal: Int, vertical: Int) -> Rect {
    let dx = min(horizontal, width / 2)
    let dy = min(vertical, height / 2)
    return Rect(x: x + dx, y: y + dy, width: width - 2 * dx, height: height - 2 * dy)
  }

  /// The row `index` rows below the top, one row high; empty outside.
  public func row(_ index: Int) -> Rect {
    Rect(x: x, y: y + index, width: width, height: index >= 0 && index < height ? 1 : 0)
  }

  /// This rectangle less `count` rows at the top.
  public func droppingTop(_ count: Int) -> Rect {
    let cut = min(max(0, count), height)
    return Rect(x: x, y: y + cut, width: width, height: height - cut)
  }

  /// This rectangle less `count` rows at the bottom.
  public func droppingBottom(_ count: Int) -> Rect {
    Rect(x: x, y: y, width: width, height: height - min(max(0, count), height))
  }

  /// This rectangle less `count` columns at the left.
  public func droppingLeft(_ count: Int) -> Rect {
    let cut = min(max(0, count), width)
    return Rect(x: x + cut, y: y, width: width - cut, height: height)
  }

  /// This rectangle less `count` columns at the right.
  public func droppingRight(_ count: Int) -> Rect {
    Rect(x: x, y: y, width: width - min(max(0, count), width), height: height)
  }

  /// A rectangle of `size`, cut to fit, in the middle of this one.
  public func centered(_ size: Size) -> Rect {
    let w = min(size.width, width)
    let h = min(size.height, height)
    return Rect(x: x + (width - w) / 2, y: y + (height - h) / 2, width: w, height: h)
  }
}
