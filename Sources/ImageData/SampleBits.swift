import CImageCodecs
import Foundation
import Synchronization

/// How it is decided how many bits of 16-bit samples count.
public enum SampleBitsRule: String, Sendable, Hashable, Codable, CaseIterable {
  /// By the training images.
  case auto
  case ten = "10"
  case twelve = "12"
  case sixteen = "16"

  /// nil where the training images decide.
  public var bits: SampleBits? {
    switch self {
    case .auto: nil
    case .ten: .ten
    case .twelve: .twelve
    case .sixteen: .sixteen
    }
  }
}

/// How many of their bits 16-bit samples use; the upper eight of them reach the network.
///
/// Cameras and microscopes store 10 or 12 bits in 16. The high byte of such samples is nearly black, and stretching every
/// picture by its own maximum would make brightness meaningless; so it is decided once, over the training images, and kept with
/// the model. Samples above what the bits hold, which only images outside training can have, become white.
public enum SampleBits: Int, Sendable, Hashable, Codable, CaseIterable {
  case ten = 10
  case twelve = 12
  case sixteen = 16

  /// The largest sample that the bits hold.
  public var maximum: Int { (1 << rawValue) - 1 }

  /// The fewest bits that hold `sample`; sixteen for 0, since an image without light says nothing.
  init(holding sample: Int) {
    self = sample == 0 ? .sixteen : Self.allCases.first { sample <= $0.maximum } ?? .sixteen
  }

  /// Decodes the images with 16-bit samples among `paths` and takes the fewest bits that hold them all; sixteen without any.
  ///
  /// The first image that uses more than twelve bits ends the search. An image that cannot be decoded has no say here: it is
  /// an error where it is read for training.
  ///
  /// - Parameters:
  ///   - paths: of images with 16-bit samples (`PictureHeader.isDeep`); others cost their header.
  ///   - threads: how many are decoded side by side.
  ///   - goesOn: asked before each image, on any thread; false ends the search, whose result then means nothing.
  public init(
    usedBy images: [ImageLocation], limits: DecodeLimits, threads: Int, goesOn: @escaping @Sendable () -> Bool = { true }
  ) {
    let most = Atomic<Int>(0)
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, images.count))) { _ in
      let scratch = ImageScratch()
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < images.count, most.load(ordering: .relaxed) <= Self.twelve.maximum, goesOn() else { return }
        guard let sample = Self.largestSample(images[index], limits: limits, scratch: scratch) else { continue }
        most.max(sample, ordering: .relaxed)
      }
    }
    self.init(holding: most.load(ordering: .relaxed))
  }

  /// nil for an image that has no 16-bit samples or cannot be decoded.
  private static func largestSample(_ image: ImageLocation, limits: DecodeLimits, scratch: ImageScratch) -> Int? {
    do throws(ImageError) {
      var reader = try ImageReader(image, limits: limits, rules: .asStored)
      guard reader.header.isDeep else { return nil }
      let row = scratch.row(bytes: reader.storedSize.width * 3)
      for _ in 0..<reader.storedSize.height {
        try reader.readRow(into: row)
        if reader.sampleMaximum > Self.twelve.maximum { break }
      }
      return reader.sampleMaximum
    } catch { return nil }
  }
}
