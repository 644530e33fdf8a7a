/// One image of a data set.
public struct ImageSample: Sendable, Hashable {
  public let path: String
  /// From the data set's folder on; the same wherever that folder lies.
  public let relativePath: String
  public let classIndex: Int
  public let byteCount: Int64

  public init(path: String, relativePath: String, classIndex: Int, byteCount: Int64) {
    self.path = path
    self.relativePath = relativePath
    self.classIndex = classIndex
    self.byteCount = byteCount
  }
}
