/// Width and height of an image in pixels.
public struct PixelSize: Sendable, Hashable {
  public let width: Int
  public let height: Int

  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  public init(square side: Int) { self.init(width: side, height: side) }

  public var count: Int { width * height }
  /// Bytes of an 8-bit RGB image of this size.
  public var byteCount: Int { count * 3 }
}

/// A part of an image in whole pixels, from the upper left corner.
public struct PixelRectangle: Sendable, Hashable {
  public let left: Int
  public let top: Int
  public let size: PixelSize

  public init(left: Int, top: Int, size: PixelSize) {
    self.left = left
    self.top = top
    self.size = size
  }

  /// The whole of an image.
  public init(all size: PixelSize) { self.init(left: 0, top: 0, size: size) }
}

/// A part of an image in fractions of pixels, as Pillow's `resize(box:)` takes it.
public struct PixelBox: Sendable, Hashable {
  public let left: Float
  public let top: Float
  public let right: Float
  public let bottom: Float

  public init(left: Float, top: Float, right: Float, bottom: Float) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  /// The whole of an image.
  public init(all size: PixelSize) {
    self.init(left: 0, top: 0, right: Float(size.width), bottom: Float(size.height))
  }
}
