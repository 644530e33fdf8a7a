import Tensors

/// The order in which an epoch visits the images: a pure function of (seed, epoch), so that a run can start anywhere.
public struct EpochOrder: Sendable, Hashable {
  public let count: Int
  /// nil: sorted order in every epoch.
  public let shuffleSeed: UInt64?

  /// - Parameter shuffleSeed: nil for sorted order.
  public init(count: Int, shuffleSeed: UInt64?) {
    precondition(count >= 0 && count <= Int(Int32.max), "an epoch holds up to 2^31 images")
    self.count = count
    self.shuffleSeed = shuffleSeed
  }

  /// The image at each position of `epoch` (Fisher-Yates from the end).
  public func images(epoch: Int) -> [Int32] {
    var images = [Int32](unsafeUninitializedCapacity: count) { buffer, filled in
      for i in 0..<count { buffer.initializeElement(at: i, to: Int32(i)) }
      filled = count
    }
    guard let shuffleSeed, count > 1 else { return images }
    let random = CounterRandom(seed: shuffleSeed, purpose: .shuffle, UInt64(epoch))
    images.withUnsafeMutableBufferPointer { buffer in
      for last in stride(from: count - 1, to: 0, by: -1) {
        buffer.swapAt(last, random.integer(UInt64(last), below: last + 1))
      }
    }
    return images
  }
}

/// A place in a run: so many images of so many epochs have been consumed.
public struct DataPosition: Sendable, Hashable, Codable {
  /// From 0.
  public var epoch: Int
  /// Images of this epoch already consumed.
  public var image: Int

  public init(epoch: Int = 0, image: Int = 0) {
    self.epoch = epoch
    self.image = image
  }
}
