/// Room for one batch: images [capacity, size, size, 3] and labels [capacity].
final class BatchSlot {
  let images: UnsafeMutablePointer<Float>
  let labels: UnsafeMutablePointer<Int32>
  private let capacity: Int
  private let elementCount: Int

  /// - Parameters:
  ///   - capacity: images of a full batch.
  ///   - elementCount: floats of one image.
  init(capacity: Int, elementCount: Int) {
    self.capacity = capacity
    self.elementCount = elementCount
    let bytes = capacity * elementCount * MemoryLayout<Float>.stride
    // Cache lines, so that vector loads of the first convolution are aligned and two workers share no line at the start.
    images = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).bindMemory(
      to: Float.self, capacity: capacity * elementCount)
    labels = .allocate(capacity: capacity)
  }

  deinit {
    images.deallocate()
    labels.deallocate()
  }

  func image(_ place: Int) -> UnsafeMutablePointer<Float> { images + place * elementCount }

  /// Closes the gaps at `missing` places, keeping the order of the others.
  func compact(missing: [Bool], count: Int) {
    var kept = 0
    for place in 0..<count where !missing[place] {
      if kept != place {
        image(kept).update(from: image(place), count: elementCount)
        labels[kept] = labels[place]
      }
      kept += 1
    }
  }
}

/// A batch ready for the network. Its memory belongs to the loader and holds until the loader's next `next()`.
public struct Batch {
  /// [count, size, size, 3]
  public let images: UnsafeMutablePointer<Float>
  /// [count], class indices.
  public let labels: UnsafeMutablePointer<Int32>
  /// What `EpochSplit` gives the batch, less the broken images that were skipped; 0 where all of them were, as such a
  /// batch may still be the one that ends an epoch.
  public let count: Int
  /// Where the batch starts.
  public let start: DataPosition
  /// Where the next batch starts: position 0 of the next epoch after the last batch of this one.
  public let end: DataPosition

  public var isLastOfEpoch: Bool { end.epoch != start.epoch }
}
