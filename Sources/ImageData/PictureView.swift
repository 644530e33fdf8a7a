/// The part of an upright picture that is wanted, and where it goes in the target.
struct PictureView {
  enum Part {
    /// Cut out before it is resized: the filter does not see beyond it.
    case crop(PixelRectangle)
    /// As Pillow's `resize(box:)`: the filter sees the picture around it.
    case box(PixelBox)
  }

  let part: Part
  /// Size that the part is resized to.
  let size: PixelSize
  /// Where its upper left corner goes; beside it, the target keeps the background.
  let left: Int
  let top: Int

  init(part: Part, size: PixelSize, left: Int = 0, top: Int = 0) {
    self.part = part
    self.size = size
    self.left = left
    self.top = top
  }

  /// The view of a picture of `size` in a square of `target` under a rule.
  init(of size: PixelSize, rules: PictureRules, target: PixelSize) {
    switch rules.resize {
    case .stretch:
      self.init(part: .crop(PixelRectangle(all: size)), size: target)
    case .crop:
      let side = Double(min(size.width, size.height)) * rules.cropFraction
      let left = (Double(size.width) - side) / 2
      let top = (Double(size.height) - side) / 2
      self.init(
        part: .box(PixelBox(left: Float(left), top: Float(top), right: Float(left + side), bottom: Float(top + side))), size: target)
    case .pad:
      let inner = Self.fitted(size, into: target.width)
      self.init(
        part: .crop(PixelRectangle(all: size)), size: inner, left: Self.centred(inner.width, in: target.width),
        top: Self.centred(inner.height, in: target.height))
    }
  }

  /// As Pillow's `ImageOps.contain`.
  private static func fitted(_ size: PixelSize, into side: Int) -> PixelSize {
    let width = Double(size.width)
    let height = Double(size.height)
    let other = (min(width, height) / max(width, height) * Double(side)).rounded(.toNearestOrEven)
    let shorter = max(1, Int(other))
    if width > height { return PixelSize(width: side, height: shorter) }
    return width < height ? PixelSize(width: shorter, height: side) : PixelSize(square: side)
  }

  /// As Pillow's `ImageOps.pad` centres.
  private static func centred(_ inner: Int, in side: Int) -> Int { Int((Double(side - inner) * 0.5).rounded(.toNearestOrEven)) }
}

/// Stored pixels, held or still to be read, that can be looked at through views.
struct StoredPicture {
  let size: PixelSize
  let orientation: Orientation
  /// Feeds every row of the part's rows to the resampler, top to bottom; `rows` and `left` cut them out.
  typealias Rows<E: Error> = (_ rows: Range<Int>, _ left: Int, _ resampler: Resampler) throws(E) -> Void

  /// Resizes the part that `view` wants and makes it upright; writes [view.size.height, view.size.width, 3].
  func write<E: Error>(
    _ view: PictureView, into out: UnsafeMutablePointer<UInt8>, scratch: ImageScratch, rows: Rows<E>
  ) throws(E) {
    let target = orientation.turned(view.size)
    let pixels = orientation == .upright ? out : scratch.turned(target)
    let resampler = scratch.resampler
    switch view.part {
    case .crop(let crop):
      let part = orientation.stored(crop, in: size)
      resampler.setUp(from: part.size, to: target, turns: orientation.swapsSides)
      resampler.begin(pixels)
      try rows(part.top..<part.top + part.size.height, part.left, resampler)
    case .box(let box):
      resampler.setUp(from: size, box: orientation.stored(box, in: size), to: target, turns: orientation.swapsSides)
      resampler.begin(pixels)
      try rows(0..<size.height, 0, resampler)
    }
    if orientation != .upright { orientation.apply(pixels, size: target, to: out) }
  }
}

/// Copies a resized part into a square of the background's colour.
func place(_ part: UnsafePointer<UInt8>, _ view: PictureView, ground: RGBColor, in target: PixelSize, to out: UnsafeMutablePointer<UInt8>) {
  for pixel in 0..<target.count {
    out[3 * pixel] = ground.red
    out[3 * pixel + 1] = ground.green
    out[3 * pixel + 2] = ground.blue
  }
  for y in 0..<view.size.height {
    (out + ((view.top + y) * target.width + view.left) * 3).update(from: part + y * view.size.width * 3, count: view.size.width * 3)
  }
}
