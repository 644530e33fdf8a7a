import CImageCodecs
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
  ///   - limits: of each image; the threads together hold no more than their `totalBytes`.
  ///   - threads: how many are decoded side by side.
  ///   - goesOn: asked before each image, on any thread; false ends the search, whose result then means nothing.
  public init(
    usedBy images: [ImageLocation], limits: DecodeLimits, threads: Int, goesOn: @escaping @Sendable () -> Bool = { true }
  ) {
    let most = Atomic<Int>(0)
    LimitedWork.run(
      images.count, limits: limits, threads: threads, goesOn: { most.load(ordering: .relaxed) <= Self.twelve.maximum && goesOn() }
    ) { index, share in
      do throws(ImageError) {
        if let sample = try Self.largestSample(images[index], limits: share) { most.max(sample, ordering: .relaxed) }
        return true
      } catch { return !error.wantsMemory }
    }
    self.init(holding: most.load(ordering: .relaxed))
  }

  /// nil for an image that has no 16-bit samples.
  private static func largestSample(_ image: ImageLocation, limits: DecodeLimits) throws(ImageError) -> Int? {
    var reader = try ImageReader(image, limits: limits, rules: .asStored)
    guard reader.header.isDeep else { return nil }
    let scratch = ImageScratch()
    let row = scratch.row(bytes: reader.storedSize.width * 3)
    for _ in 0..<reader.storedSize.height {
      try reader.readRow(into: row)
      if reader.sampleMaximum > Self.twelve.maximum { break }
    }
    return reader.sampleMaximum
  }
}
