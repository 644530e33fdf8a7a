/// One image of a data set.
public struct ImageSample: Sendable, Hashable {
  public let location: ImageLocation
  /// From the data set's folder on; the same wherever that folder lies.
  public let relativePath: String
  public let classIndex: Int
  public let byteCount: Int64

  /// For people, and what tells images apart.
  public var path: String { location.path }

  public init(_ location: ImageLocation, relativePath: String, classIndex: Int, byteCount: Int64) {
    self.location = location
    self.relativePath = relativePath
    self.classIndex = classIndex
    self.byteCount = byteCount
  }

  /// An image in a file of its own.
  public init(path: String, relativePath: String, classIndex: Int, byteCount: Int64) {
    self.init(ImageLocation(path: path), relativePath: relativePath, classIndex: classIndex, byteCount: byteCount)
  }
}
