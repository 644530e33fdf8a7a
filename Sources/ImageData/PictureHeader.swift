import CImageCodecs

/// What a picture file says of itself before a pixel is decoded.
public struct PictureHeader: Sendable, Hashable {
  public let format: ImageFormat
  /// As stored; `size` is that of the upright picture.
  public let storedSize: PixelSize
  public let orientation: Orientation
  /// Whether the picture has an alpha channel, a transparent colour, or a first frame smaller than its canvas. It may still be
  /// opaque everywhere.
  public let hasAlpha: Bool
  /// Bits of a sample, or of a palette's index.
  public let bitsPerSample: Int
  public let profile: ColorProfile

  public enum ColorProfile: Sendable, Hashable {
    case none
    /// sRGB within one of 255 levels.
    case sRGB
    case other
    /// Damaged, or of other colours than the picture's; ignored.
    case unusable
  }

  public var size: PixelSize { orientation.turned(storedSize) }

  /// Whether 16-bit samples are stored, of which `SampleBits` decides how many bits count.
  public var isDeep: Bool { bitsPerSample == 16 }

  /// Reads the header of the file at `path`, with a few small reads.
  public init(inspecting path: String, limits: DecodeLimits = DecodeLimits()) throws(ImageError) {
    self = try ImageReader(path: path, limits: limits, rules: .asShown).header
  }

  init(_ header: codec_header) {
    format = ImageFormat(header.format)
    storedSize = PixelSize(width: Int(header.width), height: Int(header.height))
    guard let orientation = Orientation(rawValue: Int(header.orientation)) else {
      preconditionFailure("the decoder names one of eight orientations")
    }
    self.orientation = orientation
    hasAlpha = header.has_alpha
    bitsPerSample = Int(header.bits)
    profile =
      switch header.profile {
      case .none: .none
      case .srgb: .sRGB
      case .other: .other
      case .unusable: .unusable
      }
  }
}

/// How many pictures of a set each rule concerns; each is worth one line at the start of a run.
public struct PictureCounts: Sendable, Hashable {
  /// Pictures that could be read.
  public var pictures = 0
  /// Pictures whose stored pixels are not upright.
  public var turned = 0
  /// Pictures with transparency.
  public var transparent = 0
  /// Pictures with a colour profile other than sRGB.
  public var profiled = 0
  /// Pictures with a colour profile that cannot be used, which is ignored.
  public var unusableProfiles = 0
  /// Pictures with 16-bit samples.
  public var deep = 0

  public init() {}

  public init(_ headers: some Sequence<PictureHeader>) {
    for header in headers { add(header) }
  }

  mutating func add(_ header: PictureHeader) {
    pictures += 1
    turned += header.orientation == .upright ? 0 : 1
    transparent += header.hasAlpha ? 1 : 0
    profiled += header.profile == .other ? 1 : 0
    unusableProfiles += header.profile == .unusable ? 1 : 0
    deep += header.isDeep ? 1 : 0
  }

  /// A line of text for each rule that concerns a picture.
  public func lines(under rules: PictureRules) -> [String] {
    func images(_ count: Int) -> String { "\(count) of \(pictures) \(pictures == 1 ? "image" : "images")" }
    var lines: [String] = []
    if turned > 0 {
      lines.append(
        rules.orientation == .applied
          ? "\(images(turned)) turned upright as the camera noted" : "\(images(turned)) not upright, read as stored")
    }
    if transparent > 0 {
      lines.append(
        rules.background == .drop
          ? "\(images(transparent)) with transparency, which is ignored"
          : "\(images(transparent)) with transparency, shown over \(rules.background)")
    }
    if profiled > 0 {
      lines.append(
        rules.colorManagement == .sRGB
          ? "\(images(profiled)) converted from a colour profile to sRGB" : "\(images(profiled)) with a colour profile, which is ignored")
    }
    if unusableProfiles > 0 && rules.colorManagement == .sRGB {
      lines.append("\(images(unusableProfiles)) with a colour profile that is damaged or of other colours, which is ignored")
    }
    if deep > 0 {
      lines.append("\(images(deep)) with 16-bit samples, of which \(rules.sampleBits.rawValue) bits count")
    }
    return lines
  }
}
