import CImageCodecs

/// Samples that can be prepared for the network one by one: decoded, augmented, normalised.
///
/// Preparing is a pure function of (sample, epoch): whether an image came from the cache, and which thread prepared it,
/// makes no difference to a single bit. May be used from several threads and by several loaders. The cache is the source's
/// own, so that it never holds pictures read under other rules than the source's.
public final class ImageSource: Sendable {
  public let samples: [ImageSample]
  public let preparation: ImagePreparation
  private let limits: DecodeLimits
  private let table: NormalizationTable
  private let cache: ImageCache
  private let largestKept: Int

  /// - Parameter budget: for decoded images; shared with other sources if the same is given to them.
  public init(
    samples: [ImageSample], preparation: ImagePreparation, budget: CacheBudget, limits: DecodeLimits
  ) {
    self.samples = samples
    self.preparation = preparation
    self.limits = limits
    table = NormalizationTable(preparation.normalization)
    cache = ImageCache(count: samples.count, budget: budget)
    // One poster must not take the place of hundreds of photographs.
    largestKept = budget.total / 16
  }

  /// Writes sample `index` as it is in `epoch` to `out`, [imageSize, imageSize, 3].
  ///
  /// - Parameter draw: the number that its augmentation depends on; nil for `index`.
  public func write(
    _ index: Int, draw: Int? = nil, epoch: Int, to out: UnsafeMutablePointer<Float>, scratch: ImageScratch
  ) throws(ImageError) {
    let target = preparation.target
    let draws = AugmentationDraws(seed: preparation.seed, epoch: epoch, image: draw ?? index)
    switch preparation.augmentation {
    case .none:
      try withResized(index, scratch: scratch) { normalize($0, into: out) }
    case .tutorial:
      try withResized(index, scratch: scratch) { pixels in
        let rotated = scratch.rotated(target)
        Rotation(degrees: draws.rotation, size: target).apply(pixels, to: rotated)
        normalize(rotated, into: out)
      }
    case .standard:
      let cropped = scratch.resized(target)
      try writeCropped(index, draws: draws, into: cropped, scratch: scratch)
      normalize(cropped, mirrored: draws.isMirrored, into: out)
    }
  }

  /// The image resized whole, [imageSize, imageSize, 3]; kept in that form, since it is the same in every epoch.
  private func withResized(
    _ index: Int, scratch: ImageScratch, body: (UnsafePointer<UInt8>) -> Void
  ) throws(ImageError) {
    if let image = cache[index] { return body(image.pixels) }
    var reader = try ImageReader(samples[index].location, limits: limits, rules: preparation.rules)
    let target = preparation.target
    let kept = try cache.make(index, size: target) { (pixels) throws(ImageError) in
      try readSquare(&reader, into: pixels, scratch: scratch)
    }
    if let kept { return body(kept.pixels) }
    let pixels = scratch.resized(target)
    try readSquare(&reader, into: pixels, scratch: scratch)
    body(pixels)
  }

  private func readSquare(
    _ reader: inout ImageReader, into pixels: UnsafeMutablePointer<UInt8>, scratch: ImageScratch
  ) throws(ImageError) {
    let target = preparation.target
    let view = PictureView(of: reader.size, rules: preparation.rules, target: target)
    if view.size == target { return try reader.read(view, into: pixels, scratch: scratch) }
    let part = scratch.part(view.size)
    try reader.read(view, into: part, scratch: scratch)
    place(part, view, ground: preparation.rules.background.color, in: target, to: pixels)
  }

  /// A random part of the image, resized. The original is what can be kept: each epoch cuts another part out of it.
  private func writeCropped(
    _ index: Int, draws: AugmentationDraws, into pixels: UnsafeMutablePointer<UInt8>, scratch: ImageScratch
  ) throws(ImageError) {
    let target = preparation.target
    if let image = cache[index] {
      let crop = draws.crop(of: image.orientation.turned(image.size))
      return image.write(PictureView(part: .crop(crop), size: target), into: pixels, scratch: scratch)
    }
    var reader = try ImageReader(samples[index].location, limits: limits, rules: preparation.rules)
    let view = PictureView(part: .crop(draws.crop(of: reader.size)), size: target)
    let header = reader.header
    if header.storedSize.byteCount <= largestKept,
      let image = try cache.make(
        index, size: header.storedSize, orientation: header.orientation,
        fill: { (pixels) throws(ImageError) in try reader.readStored(into: pixels) })
    {
      return image.write(view, into: pixels, scratch: scratch)
    }
    try reader.read(view, into: pixels, scratch: scratch)
  }

  private func normalize(_ pixels: UnsafePointer<UInt8>, mirrored: Bool = false, into out: UnsafeMutablePointer<Float>) {
    let size = Int32(preparation.imageSize)
    table.values.withUnsafeBufferPointer { table in
      guard let table = table.baseAddress else { return }
      if mirrored {
        codec_map_pixels_mirrored(pixels, size, size, table, out)
      } else {
        codec_map_pixels(pixels, Int64(size) * Int64(size), table, out)
      }
    }
  }
}
