import Synchronization

/// Images that are both trained and evaluated on: the same bytes under two names.
///
/// Only files of equal size are read: 12 KB of each first, and the whole of those that agree in these.
public struct SharedImages: Sendable {
  /// An evaluation image and a training image with the same bytes.
  public struct Pair: Sendable, Hashable {
    /// Relative to the data set's folder.
    public let evaluation: String
    public let training: String

    public init(evaluation: String, training: String) {
      self.evaluation = evaluation
      self.training = training
    }
  }

  /// One for each evaluation image that training has too, in the order of the evaluation images.
  public let pairs: [Pair]
  /// Evaluation images looked at.
  public let evaluationCount: Int

  /// Compares the two parts of a data set.
  ///
  /// - Parameters:
  ///   - threads: how many groups of files are compared side by side.
  ///   - limits: of each image, where it must be unpacked; the threads together hold no more than their `totalBytes`.
  ///   - goesOn: asked now and then, on any thread; false ends the comparison early.
  public init(in folder: ImageFolder, threads: Int, limits: DecodeLimits, goesOn: @escaping @Sendable () -> Bool = { true }) {
    self.init(folder.evaluation, in: folder.training, threads: threads, limits: limits, goesOn: goesOn)
  }

  /// Compares images to evaluate or test with, `held`, with others, `trained`.
  init(
    _ held: [ImageSample], in trained: [ImageSample], threads: Int, limits: DecodeLimits,
    goesOn: @escaping @Sendable () -> Bool = { true }
  ) {
    let evaluation = Dictionary(grouping: held.indices.filter { held[$0].byteCount > 0 }) { held[$0].byteCount }
    let training = Dictionary(grouping: trained.indices.filter { evaluation[trained[$0].byteCount] != nil }) { trained[$0].byteCount }
    let sizes = training.keys.sorted()
    let found = Mutex<[(Int, Pair)]>([])
    LimitedWork.run(sizes.count, limits: limits, threads: threads, goesOn: goesOn) { place, share in
      guard sizes[place] <= Int64(share.memoryBytes) || share.memoryBytes == limits.memoryBytes else { return false }
      guard let some = evaluation[sizes[place]], let others = training[sizes[place]] else { return true }
      let pairs = Self.pairs(some.map { ($0, held[$0]) }, others.map { trained[$0] }, limit: share.memoryBytes)
      if !pairs.isEmpty { found.withLock { $0 += pairs } }
      return true
    }
    pairs = found.withLock { $0.sorted { $0.0 < $1.0 }.map(\.1) }
    evaluationCount = held.count
  }

  /// Pairs among files of one size, each with the place of its evaluation image.
  private static func pairs(
    _ held: [(place: Int, sample: ImageSample)], _ trained: [ImageSample], limit: Int
  ) -> [(Int, Pair)] {
    func bySamples(_ sample: ImageSample) -> ContentHash? {
      ContentHash(samplesOf: sample.location, byteCount: sample.byteCount, limit: limit)
    }
    let wanted = Dictionary(grouping: held) { bySamples($0.sample) }
    var candidates: [ContentHash: [ImageSample]] = [:]
    for sample in trained {
      if let hash = bySamples(sample), wanted[hash] != nil { candidates[hash, default: []].append(sample) }
    }
    var result: [(Int, Pair)] = []
    for (samples, others) in candidates {
      // Of two training images with the same bytes the first is named.
      var whole: [ContentHash: ImageSample] = [:]
      for other in others {
        if let hash = ContentHash(of: other.location, limit: limit), whole[hash] == nil { whole[hash] = other }
      }
      for (place, sample) in wanted[samples] ?? [] {
        guard let hash = ContentHash(of: sample.location, limit: limit), let other = whole[hash] else { continue }
        result.append((place, Pair(evaluation: sample.relativePath, training: other.relativePath)))
      }
    }
    return result
  }

  /// A sentence for people; nil where nothing is shared.
  public var warning: String? {
    guard !pairs.isEmpty else { return nil }
    let examples = pairs.prefix(2).map { "\($0.evaluation) is \($0.training)" }.joined(separator: ", ")
    let verb = pairs.count == 1 ? "is a training image" : "are training images"
    return "\(pairs.count) of \(evaluationCount) evaluation images \(verb) too, byte for byte (\(examples)), so the accuracy is "
      + "overestimated; remove them from one part, or add --allow-duplicates"
  }
}
