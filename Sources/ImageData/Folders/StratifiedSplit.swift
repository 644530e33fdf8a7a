import Tensors

/// Class folders divided into training and evaluation, class by class.
///
/// Each image is ranked by a hash of its relative path and the seed, and the first ones evaluate: adding or removing an
/// image leaves the choice among the others nearly as it was, and their order plays no part.
struct StratifiedSplit {
  private(set) var training: [ImageSample] = []
  private(set) var evaluation: [ImageSample] = []

  init(_ classes: ClassFolders, evaluationFraction: Double, seed: UInt64) {
    let random = CounterRandom(seed: seed, purpose: .split)
    let byClass = Dictionary(grouping: classes.samples, by: \.classIndex)
    for index in classes.classNames.indices {
      let samples = byClass[index] ?? []
      let ranks = samples.map { sample in
        var hash = StableHash()
        hash.add(sample.relativePath)
        return random.bits(hash.value)
      }
      let order = samples.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
      let held = Set(order.prefix(Self.evaluationCount(samples.count, evaluationFraction)))
      for (place, sample) in samples.enumerated() {
        if held.contains(place) { evaluation.append(sample) } else { training.append(sample) }
      }
    }
  }

  private static func evaluationCount(_ count: Int, _ fraction: Double) -> Int {
    guard fraction > 0, count > 1 else { return 0 }
    return min(count - 1, max(1, Int((Double(count) * fraction).rounded())))
  }
}
