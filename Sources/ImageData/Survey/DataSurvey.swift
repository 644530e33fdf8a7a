/// A data set's folder as training would read it, with all that its headers tell.
public struct DataSurvey: Sendable {
  /// A part and its images of each class, those included that cannot be read.
  public struct Part: Sendable {
    public let role: DataPart
    /// Relative to the data set's folder or as named outright; nil where the images are class folders alone or a share of another part.
    public let folder: String?
    public let isSetAside: Bool
    public let samples: [ImageSample]
    /// By class.
    public let counts: [Int]
  }

  /// An image that cannot be used, and where it lies.
  public struct Fault: Sendable {
    public let part: DataPart
    public let error: ImageError
  }

  /// Images of one part that another part has too, byte for byte.
  public struct Duplicates: Sendable {
    public let part: DataPart
    public let other: DataPart
    public let images: SharedImages
  }

  public let folder: ImageFolder
  /// In the order of `DataPart`; those without images are missing.
  public let parts: [Part]
  /// In the order of parts and images.
  public let faults: [Fault]
  public let statistics: PictureStatistics
  /// Evaluation images that training has too, and test images that training or evaluation has; only where there are any.
  public let duplicates: [Duplicates]
  /// Bytes held to decode the image that takes most.
  public let decodingBytes: Int

  /// Scans the folders of a request and reads the header of every image.
  ///
  /// - Parameters:
  ///   - limits: of each thread that decodes.
  ///   - threads: that look at files side by side.
  /// - Throws: `ImageFolderError` for folders that training refuses.
  public init(_ request: DataRequest, limits: DecodeLimits, threads: Int) throws(ImageFolderError) {
    let folder = try ImageFolder(request)
    self.folder = folder
    parts = DataPart.allCases.compactMap { role in
      let samples = folder.samples(of: role)
      guard !samples.isEmpty else { return nil }
      var counts = [Int](repeating: 0, count: folder.classNames.count)
      for sample in samples { counts[sample.classIndex] += 1 }
      return Part(
        role: role, folder: folder.partNames[role], isSetAside: role == .evaluation && folder.isSplit, samples: samples, counts: counts)
    }
    let check = DataSetCheck(of: parts.flatMap(\.samples), limits: limits, threads: threads)
    statistics = PictureStatistics(check.headers.compactMap(\.self))
    decodingBytes = check.decodingBytes
    let places = Dictionary(parts.flatMap { part in part.samples.map { ($0.path, part.role) } }, uniquingKeysWith: { first, _ in first })
    faults = check.broken.map { Fault(part: places[$0.path] ?? .training, error: $0) }
    let pairs: [(DataPart, DataPart)] = [(.evaluation, .training), (.test, .training), (.test, .evaluation)]
    duplicates = pairs.compactMap { part, other in
      let images = SharedImages(folder.samples(of: part), in: folder.samples(of: other), threads: threads, limits: limits)
      return images.pairs.isEmpty ? nil : Duplicates(part: part, other: other, images: images)
    }
  }

  /// The images of training and evaluation that cannot be used: those that training refuses, or leaves out.
  public var faultsInTraining: [ImageError] { faults.filter { $0.part != .test }.map(\.error) }

  /// The class with most and the one with fewest training images, where one has at least thrice as many: what is learnt of the other
  /// is then little, and the accuracy says little about it.
  public var unevenness: (most: Int, fewest: Int)? {
    guard let counts = parts.first(where: { $0.role == .training })?.counts else { return nil }
    let order = counts.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
    guard let fewest = order.first, let most = order.last, counts[most] >= 3 * max(1, counts[fewest]) else { return nil }
    return (most, fewest)
  }
}

extension ImageFolder {
  fileprivate func samples(of part: DataPart) -> [ImageSample] {
    switch part {
    case .training: training
    case .evaluation: evaluation
    case .test: test
    }
  }
}
