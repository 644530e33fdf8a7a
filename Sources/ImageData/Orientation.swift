import CImageCodecs

/// How stored pixels lie to the picture that they show: EXIF's eight orientations.
public enum Orientation: Int, Sendable, Hashable, CaseIterable, Codable {
  case upright = 1
  case mirrored
  case upsideDown
  /// Top and bottom are exchanged.
  case flipped
  /// Rows and columns are exchanged.
  case transposed
  /// Shown after a quarter turn clockwise.
  case turnedLeft
  case transversed
  /// Shown after a quarter turn counter-clockwise.
  case turnedRight

  /// Whether width and height change places.
  public var swapsSides: Bool { rawValue >= 5 }

  /// The size of the upright picture from that of the stored pixels, and the other way round.
  func turned(_ size: PixelSize) -> PixelSize { swapsSides ? PixelSize(width: size.height, height: size.width) : size }

  /// Whether stored columns run against the upright picture's.
  private var mirrors: Bool { [.mirrored, .upsideDown, .transversed, .turnedRight].contains(self) }
  private var flips: Bool { [.upsideDown, .flipped, .turnedLeft, .transversed].contains(self) }

  /// Where a part of the upright picture lies among stored pixels of `size`.
  func stored(_ part: PixelRectangle, in size: PixelSize) -> PixelRectangle {
    let width = swapsSides ? part.size.height : part.size.width
    let height = swapsSides ? part.size.width : part.size.height
    let left = swapsSides ? part.top : part.left
    let top = swapsSides ? part.left : part.top
    return PixelRectangle(
      left: mirrors ? size.width - left - width : left, top: flips ? size.height - top - height : top,
      size: PixelSize(width: width, height: height))
  }

  func stored(_ box: PixelBox, in size: PixelSize) -> PixelBox {
    let across = swapsSides ? (box.top, box.bottom) : (box.left, box.right)
    let down = swapsSides ? (box.left, box.right) : (box.top, box.bottom)
    let width = Float(size.width)
    let height = Float(size.height)
    return PixelBox(
      left: mirrors ? width - across.1 : across.0, top: flips ? height - down.1 : down.0,
      right: mirrors ? width - across.0 : across.1, bottom: flips ? height - down.0 : down.1)
  }

  /// Makes the stored `pixels` of `size` upright.
  func apply(_ pixels: UnsafePointer<UInt8>, size: PixelSize, to out: UnsafeMutablePointer<UInt8>) {
    codec_orient(pixels, Int32(size.width), Int32(size.height), Int32(rawValue), out)
  }
}
