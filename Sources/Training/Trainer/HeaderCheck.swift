import ImageData

/// Images that cannot be used: each with path and reason.
public struct BrokenImagesError: Error, Sendable, CustomStringConvertible {
  public let images: [ImageError]
  public let total: Int
  /// Whether a run is being resumed, which knows the images.
  public var isResuming = false

  public init(_ images: [ImageError], of total: Int) {
    self.images = images
    self.total = total
  }

  public var description: String {
    let list = images.map { "\($0)\n" }.joined()
    let start = list + "\(images.count) of \(total) images cannot be used; "
    let cure = "repair or remove them, or add --skip-bad-images to do without them"
    return start + (isResuming ? "restore them from a copy; or \(cure), each with --accept-changed-data" : cure)
  }
}

/// The images of a folder that can be used.
public struct CheckedImages<Folder: Sendable>: Sendable {
  public let folder: Folder
  /// Images that cannot be used, each with path and reason.
  public let leftOut: [ImageError]
  /// Bytes held to decode the image that takes most.
  public let decodingBytes: Int
  /// How many of the images each rule of reading concerns; `PictureCounts.lines(under:)` puts them into words.
  public let counts: PictureCounts

  public init(_ folder: Folder, leftOut: [ImageError] = [], decodingBytes: Int = 0, counts: PictureCounts = PictureCounts()) {
    self.folder = folder
    self.leftOut = leftOut
    self.decodingBytes = decodingBytes
    self.counts = counts
  }
}

/// How the images of a folder are looked at before time is lost on one that is broken.
public struct HeaderCheck: Sendable {
  private let skipsBroken: Bool
  private let limits: DecodeLimits
  private let threads: Int
  private let goesOn: @Sendable () -> Bool

  /// - Parameters:
  ///   - skipsBroken: whether broken images are left out rather than an error.
  ///   - limits: of each thread that decodes, later on.
  ///   - threads: that look at files side by side.
  ///   - goesOn: asked now and then; false ends the check without a result.
  public init(skipsBroken: Bool, limits: DecodeLimits, threads: Int, goesOn: @escaping @Sendable () -> Bool = { true }) {
    self.skipsBroken = skipsBroken
    self.limits = limits
    self.threads = threads
    self.goesOn = goesOn
  }

  /// Scans a data set to train on.
  ///
  /// - Throws: `ImageFolderError`, `BrokenImagesError`, `CancellationError`.
  public func folder(_ request: DataRequest) throws -> CheckedImages<ImageFolder> {
    let folder = try ImageFolder(request)
    return try checked(folder, folder.training + folder.evaluation) { try folder.removing($0) }
  }

  /// Scans images to evaluate a finished model on.
  ///
  /// - Parameter classNames: of the model, if it knows them.
  /// - Throws: `ImageFolderError`, `BrokenImagesError`, `CancellationError`.
  public func evaluationImages(
    _ path: String, classNames: [String]?, selection: EvaluationImages.Selection = EvaluationImages.Selection()
  ) throws -> CheckedImages<EvaluationImages> {
    let images = try EvaluationImages(scanning: path, classNames: classNames, selection: selection)
    return try checked(images, images.samples) { images.removing($0) }
  }

  private func checked<Folder>(
    _ folder: Folder, _ samples: [ImageSample], without: ([ImageError]) throws -> Folder
  ) throws -> CheckedImages<Folder> {
    let check = DataSetCheck(of: samples, limits: limits, threads: threads) { [goesOn] _ in goesOn() }
    // What is broken is known in part only: neither a list for people nor a data set to train on.
    guard goesOn() else { throw CancellationError() }
    guard skipsBroken || check.broken.isEmpty else { throw BrokenImagesError(check.broken, of: samples.count) }
    return CheckedImages(
      check.broken.isEmpty ? folder : try without(check.broken), leftOut: check.broken, decodingBytes: check.decodingBytes,
      counts: check.counts)
  }
}
