import Tensors

/// Class folders divided into training and evaluation, class by class.
///
/// Each image is ranked by a hash of its relative path and the seed, and the first ones evaluate: adding or removing an
/// image leaves the choice among the others nearly as it was, and their order plays no part. Images whose sides are known keep them,
/// and of the others those evaluate whose rank lies within the share of all ranks.
struct StratifiedSplit {
  private(set) var training: [ImageSample] = []
  private(set) var evaluation: [ImageSample] = []

  /// - Parameter known: of a run that had some of the images; nil to divide all of them.
  init(_ classes: ClassFolders, evaluationFraction: Double, seed: UInt64, known: KnownSides? = nil) {
    let random = CounterRandom(seed: seed, purpose: .split)
    let byClass = Dictionary(grouping: classes.samples, by: \.classIndex)
    for index in classes.classNames.indices {
      let samples = byClass[index] ?? []
      let ranks = samples.map { sample in
        var hash = StableHash()
        hash.add(sample.relativePath)
        return random.bits(hash.value)
      }
      let held =
        known.map { Self.held(samples, ranks, evaluationFraction, $0) }
        ?? Set(Self.order(ranks).prefix(Self.evaluationCount(samples.count, evaluationFraction)))
      for (place, sample) in samples.enumerated() {
        if held.contains(place) { evaluation.append(sample) } else { training.append(sample) }
      }
    }
  }

  private static func order(_ ranks: [UInt64]) -> [Int] { ranks.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) } }

  /// Places of the images of one class that evaluate.
  private static func held(_ samples: [ImageSample], _ ranks: [UInt64], _ fraction: Double, _ known: KnownSides) -> Set<Int> {
    let sides = samples.map { known.isEvaluation($0.relativePath) }
    var held = Set(samples.indices.filter { sides[$0] ?? (Double(ranks[$0]) < fraction * 0x1p64) })
    // A class cannot do without a training image: the last of the new ones is it then.
    if held.count == samples.count, let last = order(ranks).last(where: { sides[$0] == nil }) { held.remove(last) }
    return held
  }

  private static func evaluationCount(_ count: Int, _ fraction: Double) -> Int {
    guard fraction > 0, count > 1 else { return 0 }
    return min(count - 1, max(1, Int((Double(count) * fraction).rounded())))
  }
}
