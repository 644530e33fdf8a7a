/// How a data set was split when a model was trained on it, as its checkpoints record it.
public struct RecordedSplit: Sendable, Hashable {
  public let seed: UInt64
  /// Share of each class folder set aside for evaluation; without effect on a data set in parts.
  public let evaluationFraction: Double
  /// `ImageFolder.scanFingerprint` of the data set.
  public let fingerprint: String
  /// How the folders of the data set were understood.
  public let layout: LayoutRule
  /// The column of a list that held the class, where it was named.
  public let labelColumn: String?
  /// Some of the training images by content, so that they are recognised elsewhere.
  public let trainingSample: TrainingSample
  /// The sides of the images of a run whose images changed; nil where seed and share say it all.
  public var known: KnownSides?

  public init(
    seed: UInt64, evaluationFraction: Double, fingerprint: String, layout: LayoutRule, labelColumn: String? = nil,
    trainingSample: TrainingSample = TrainingSample()
  ) {
    self.layout = layout
    self.labelColumn = labelColumn
    self.seed = seed
    self.evaluationFraction = evaluationFraction
    self.fingerprint = fingerprint
    self.trainingSample = trainingSample
  }

  /// Reads a few of the folder's training images. Unreadable ones are left out.
  public init(of folder: ImageFolder) { self.init(of: folder, unreadable: { _ in }) }

  /// Reads a few of the folder's training images.
  ///
  /// - Parameter unreadable: called with each that cannot be read; it is left out unless this throws.
  public init(of folder: ImageFolder, unreadable: (ImageError) throws -> Void) rethrows {
    self.init(
      seed: folder.request.seed, evaluationFraction: folder.request.evaluationFraction, fingerprint: folder.scanFingerprint,
      layout: folder.request.layout, labelColumn: folder.request.labelColumn,
      trainingSample: try TrainingSample(of: folder, unreadable: unreadable))
  }
}

/// A few training images, chosen by a hash of their names: size and content of each.
///
/// A folder that holds a share of the training images holds about the same share of these, whatever it is called and wherever
/// it lies. Of 32 none is found with a chance of 1 in 30 where a tenth of the training images is there, and of 1 in 10,000
/// where a quarter is.
public struct TrainingSample: Sendable, Hashable {
  static let capacity = 32

  private struct Entry: Hashable, Sendable {
    let byteCount: Int64
    let hash: ContentHash
  }

  private let entries: [Entry]

  public init() { entries = [] }

  /// Reads up to 32 training images. Unreadable ones are left out.
  public init(of folder: ImageFolder) { self.init(of: folder, unreadable: { _ in }) }

  /// Reads up to 32 training images.
  ///
  /// - Parameter unreadable: called with each that cannot be read; it is left out unless this throws.
  public init(of folder: ImageFolder, unreadable: (ImageError) throws -> Void) rethrows {
    let ranked = folder.training.indices.map { index in
      var hash = StableHash()
      hash.add(folder.training[index].relativePath)
      return (hash.value, index)
    }
    var entries: [Entry] = []
    for (_, index) in ranked.sorted(by: <).prefix(Self.capacity) {
      let sample = folder.training[index]
      do throws(ImageError) {
        entries.append(Entry(byteCount: sample.byteCount, hash: try ContentHash(reading: sample.location)))
      } catch {
        try unreadable(error)
      }
    }
    self.entries = entries
  }

  /// Different images in it.
  public var count: Int { Set(entries).count }

  /// How many of these images are among `samples`. Only files of a size that occurs here are read.
  public func matches(in samples: [ImageSample]) -> Int {
    let sizes = Set(entries.map(\.byteCount))
    var left = Set(entries)
    for sample in samples where sizes.contains(sample.byteCount) && !left.isEmpty {
      if let hash = ContentHash(of: sample.location) { left.remove(Entry(byteCount: sample.byteCount, hash: hash)) }
    }
    return count - left.count
  }

  /// `size:hash` of each, separated by spaces.
  public var text: String { entries.map { "\($0.byteCount):\($0.hash.digits)" }.joined(separator: " ") }

  /// - Parameter text: as `text` writes it; nil where it is not.
  public init?(text: String) {
    var entries: [Entry] = []
    for item in text.split(separator: " ") {
      let halves = item.split(separator: ":")
      guard halves.count == 2, let size = Int64(halves[0]), let hash = ContentHash(digits: halves[1]) else { return nil }
      entries.append(Entry(byteCount: size, hash: hash))
    }
    self.entries = entries
  }
}
