/// The versions of a run's images that the epoch under way is made of.
public struct EpochVersions: Codable, Sendable, Hashable {
  public struct Change: Codable, Sendable, Hashable {
    /// Images of the epoch that were visited before.
    public var image: Int
    public var version: Int
  }

  /// The version that the epoch was begun with, or will be.
  public var began: Int
  /// Later versions that came in the midst of it, rising.
  public private(set) var changes: [Change] = []

  public init(began: Int = 0) { self.began = began }

  public var current: Int { changes.last?.version ?? began }

  /// These with another version from `image` on: an epoch that has not begun is begun with it.
  public func changed(to version: Int, at image: Int) -> EpochVersions {
    if image == 0 { return EpochVersions(began: version) }
    var result = self
    result.changes.append(Change(image: image, version: version))
    return result
  }
}

extension DataRecord {
  /// What the batches of a run keep to.
  public struct BatchRule: Sendable, Hashable {
    /// Images that a batch may have at most.
    public let batchSize: Int
    /// Images that a batch must have after a change, for the batch norms.
    public let smallest: Int
    /// nil for sorted order.
    public let shuffleSeed: UInt64?

    public init(batchSize: Int, smallest: Int, shuffleSeed: UInt64?) {
      self.batchSize = batchSize
      self.smallest = min(smallest, batchSize)
      self.shuffleSeed = shuffleSeed
    }
  }

  /// The visits of a run: of `epoch` as its versions say, of all later ones with the current version.
  ///
  /// The number of batches stays. The rest of an epoch that is under way keeps its order without the images that are missing; images
  /// that are new join in the next epoch.
  ///
  /// - Parameter epochs: ends with the current version.
  /// - Returns: nil for versions that no run can have come by, and for a current version without training images.
  public func plan(_ epochs: EpochVersions, epoch: Int, _ rule: BatchRule) -> EpochPlan? {
    guard epochs.current == current, epochs.began >= 0 else { return nil }
    let (order, split) = cut(current, rule)
    guard order.count > 0 else { return nil }
    if epochs.changes.isEmpty { return EpochPlan(order, split: split) }
    return rest(epochs, epoch, rule).map { EpochPlan(order, split: split, rest: $0) }
  }

  /// Order and batches of an epoch that is begun with a version.
  private func cut(_ version: Int, _ rule: BatchRule) -> (EpochOrder, EpochSplit) {
    let count = images.count(where: { !$0.isEvaluation && $0.isPart(of: version) })
    let split =
      version == 0
      ? EpochSplit(count: count, batchSize: rule.batchSize)
      : EpochSplit(images: count, batches: batches, batchSize: rule.batchSize, smallest: rule.smallest)
    return (EpochOrder(count: count, shuffleSeed: rule.shuffleSeed), split)
  }

  /// A visit of one of `images`.
  private struct Planned {
    let place: Int
    let draw: Int32
  }

  private func rest(_ epochs: EpochVersions, _ epoch: Int, _ rule: BatchRule) -> EpochRest? {
    let (order, firstSplit) = cut(epochs.began, rule)
    guard order.count > 0 else { return nil }
    let begun = places(of: epochs.began)
    var split = firstSplit
    let whole = EpochPlan.visits(order, split, epoch: epoch).map { Planned(place: begun[Int($0)], draw: $0) }
    var (first, visits) = (0, whole)
    var version = epochs.began
    for change in epochs.changes {
      guard change.image >= max(1, first), change.image - first < visits.count, change.version > version else { return nil }
      version = change.version
      let left = split.batches - split.batchesDone(before: change.image - first)
      var kept = visits[(change.image - first)...].filter { images[$0.place].isPart(of: change.version) }
      if kept.count < left * rule.smallest {
        // Too few are left for the batches that are: the epoch begins again, with the images that are there.
        let again = whole.filter { images[$0.place].isPart(of: change.version) }
        let others = places(of: change.version).enumerated().map { Planned(place: $1, draw: Int32($0)) }
        let pool = again.isEmpty ? others : again
        guard !pool.isEmpty else { return nil }
        var next = 0
        while kept.count < left * rule.smallest {
          kept.append(pool[next % pool.count])
          next += 1
        }
      }
      (first, visits) = (change.image, kept)
      split = EpochSplit(images: kept.count, batches: left, batchSize: rule.batchSize, smallest: rule.smallest)
    }
    var now: [Int: Int32] = [:]
    for (index, place) in places(of: current).enumerated() { now[place] = Int32(index) }
    return EpochRest(
      epoch: epoch, first: first,
      visits: visits.map { visit in
        guard let image = now[visit.place] else { preconditionFailure("what is visited is there") }
        return EpochVisit(image: image, draw: visit.draw)
      }, split: split)
  }

  /// The training images of a version, in their order, as places among `images`.
  private func places(of version: Int) -> [Int] {
    images.indices.filter { !images[$0].isEvaluation && images[$0].isPart(of: version) }
  }
}
