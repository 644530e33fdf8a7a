import ImageData

/// Images that cannot be used: each with path and reason.
public struct BrokenImagesError: Error, Sendable, CustomStringConvertible {
  public let images: [ImageError]
  public let total: Int

  public init(_ images: [ImageError], of total: Int) {
    self.images = images
    self.total = total
  }

  public var description: String {
    let list = images.map { "\($0)\n" }.joined()
    return list + "\(images.count) of \(total) images cannot be used; repair or remove them, or add --skip-bad-images to do without them"
  }
}

extension ImageFolder {
  /// Scans a data set and looks at the header of every image, before time is lost on one that is broken.
  ///
  /// - Parameters:
  ///   - skipsBroken: whether broken images are left out rather than an error.
  ///   - goesOn: asked now and then; false ends the check, and the result is worth nothing.
  /// - Returns: the images that are left, and those left out.
  /// - Throws: `ImageFolderError`, `BrokenImagesError`.
  public static func checked(
    _ path: String, evaluationFraction: Double, seed: UInt64, skipsBroken: Bool, threads: Int,
    goesOn: @escaping @Sendable () -> Bool = { true }
  ) throws -> (folder: ImageFolder, leftOut: [ImageError]) {
    let folder = try ImageFolder(scanning: path, evaluationFraction: evaluationFraction, seed: seed)
    let samples = folder.training + folder.evaluation
    let broken = DataSetCheck.brokenImages(among: samples, threads: threads) { _ in goesOn() }
    guard !broken.isEmpty else { return (folder, []) }
    guard skipsBroken else { throw BrokenImagesError(broken, of: samples.count) }
    return (try folder.removing(broken), broken)
  }
}
