/// A small picture, for a screen of coloured half blocks.
public struct Thumbnail: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// Red, green, blue, row by row from the top: `width * height * 3` bytes.
  public let pixels: [UInt8]

  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height * 3, "a thumbnail has three bytes a pixel")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The pixel's red, green and blue.
  public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    let place = (y * width + x) * 3
    return (pixels[place], pixels[place + 1], pixels[place + 2])
  }
}
