/// Extensions by which people mean "this is an image", decodable here or not.
enum ImageExtension {
  private static let known: Set<String> = [
    "png", "apng", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "bmp", "dib", "tif", "tiff", "ppm", "pgm", "pbm", "pnm",
    "heic", "heif", "avif", "jp2", "jxl",
  ]

  static func matches(_ name: String) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return known.contains(name[name.index(after: dot)...].lowercased())
  }
}
