import CImageCodecs

/// What is made of a picture file beside its plain pixels: orientation, transparency, colour profile, bits, and the way to the
/// network's square. Documentation/data.md lists the steps in their order.
///
/// The rules belong to a model as its normalisation does: a checkpoint keeps them, and evaluation and prediction read under the
/// same. A key that is missing in encoded rules has its value of `asStored`, which is how pictures were read before there were
/// rules.
public struct PictureRules: Sendable, Hashable, Codable {
  public var orientation: OrientationRule
  public var background: Background
  public var colorManagement: ColorManagement
  public var resize: ResizeRule
  /// Side of the square that `resize: crop` cuts out, as a share of the shorter side of the picture, above 0 and at most 1.
  public var cropFraction: Double
  /// Bits that 16-bit samples use, over the training images; see `SampleBits.init(usedBy:)`.
  public var sampleBits: SampleBits

  public init(
    orientation: OrientationRule, background: Background, colorManagement: ColorManagement, resize: ResizeRule = .stretch,
    cropFraction: Double = Self.commonCropFraction, sampleBits: SampleBits = .sixteen
  ) {
    precondition(cropFraction > 0 && cropFraction <= 1, "a crop is a share of the picture")
    self.orientation = orientation
    self.background = background
    self.colorManagement = colorManagement
    self.resize = resize
    self.cropFraction = cropFraction
    self.sampleBits = sampleBits
  }

  /// Pixels as the file stores them: nothing turned, alpha dropped, profiles ignored, stretched to the square.
  public static let asStored = PictureRules(orientation: .stored, background: .drop, colorManagement: .off)

  /// Pictures as a viewer shows them: upright, over white, in sRGB; stretched to the square.
  public static let asShown = PictureRules(orientation: .applied, background: .color(.white), colorManagement: .sRGB)

  /// 224 of 256 pixels, which ImageNet's classifiers are measured with.
  public static let commonCropFraction = 0.875

  /// The crop that published weights are meant for: timm's 0.9 for MobileViT (`unit`), torchvision's 0.875 (`imagenet`).
  public static func cropFraction(of normalization: Normalization) -> Double {
    normalization == .unit ? 0.9 : commonCropFraction
  }

  /// The rules for weights that record none: the tutorial's read pictures as stored; others read them as shown, and cut out the
  /// centre if their normalisation is one that weights are published with.
  public static func published(with normalization: Normalization, isTutorial: Bool) -> PictureRules {
    var rules = isTutorial ? PictureRules.asStored : .asShown
    rules.resize = normalization == .tutorial || isTutorial ? .stretch : .crop
    rules.cropFraction = cropFraction(of: normalization)
    return rules
  }

  private enum CodingKeys: String, CodingKey {
    case orientation, background
    case colorManagement = "color_management"
    case resize
    case cropFraction = "crop_fraction"
    case sampleBits = "sample_bits"
  }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    self = .asStored
    orientation = try keys.decodeIfPresent(OrientationRule.self, forKey: .orientation) ?? orientation
    background = try keys.decodeIfPresent(Background.self, forKey: .background) ?? background
    colorManagement = try keys.decodeIfPresent(ColorManagement.self, forKey: .colorManagement) ?? colorManagement
    resize = try keys.decodeIfPresent(ResizeRule.self, forKey: .resize) ?? resize
    cropFraction = try keys.decodeIfPresent(Double.self, forKey: .cropFraction) ?? cropFraction
    sampleBits = try keys.decodeIfPresent(SampleBits.self, forKey: .sampleBits) ?? sampleBits
    guard cropFraction > 0, cropFraction <= 1 else {
      throw DecodingError.dataCorruptedError(forKey: .cropFraction, in: keys, debugDescription: "a crop is above 0 and at most 1")
    }
  }
}

/// What is done with the orientation that a camera notes beside the pixels (EXIF, or TIFF's own tag).
public enum OrientationRule: String, Sendable, Hashable, Codable, CaseIterable {
  /// The picture is turned and mirrored until it is upright.
  case applied
  /// The pixels stay as they lie in the file. HEIC and AVIF have no such state: their pictures are always upright.
  case stored
}

/// What is done with a colour profile in the file.
public enum ColorManagement: String, Sendable, Hashable, Codable, CaseIterable {
  /// Converted to sRGB with perceptual intent where the profile is not sRGB already (within one of 255 levels).
  case sRGB = "srgb"
  /// Ignored.
  case off
}

/// How a picture that is not square becomes one.
public enum ResizeRule: String, Sendable, Hashable, Codable, CaseIterable {
  /// Both sides become N; the aspect ratio is lost.
  case stretch
  /// A centred square is cut out, `cropFraction` of the shorter side.
  case crop
  /// The whole picture keeps its aspect ratio, centred; the bars are of the background's colour, black where that is `drop`.
  case pad
}

/// What is seen through the transparent parts of a picture.
public enum Background: Sendable, Hashable {
  case color(RGBColor)
  /// Transparency is ignored: what the file holds behind it is seen.
  case drop

  var color: RGBColor {
    switch self {
    case .color(let color): color
    case .drop: .black
    }
  }
}

/// `drop`, a colour's name, or `#rrggbb`.
extension Background: LosslessStringConvertible, Codable {
  public init?(_ description: String) {
    if description.lowercased() == "drop" {
      self = .drop
    } else if let color = RGBColor(description) {
      self = .color(color)
    } else {
      return nil
    }
  }

  public var description: String {
    switch self {
    case .color(let color): color.description
    case .drop: "drop"
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let background = Background(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "a background is drop, a colour's name or #rrggbb")
    }
    self = background
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A colour in sRGB, 8 bits a channel.
public struct RGBColor: Sendable, Hashable, LosslessStringConvertible {
  public let red: UInt8
  public let green: UInt8
  public let blue: UInt8

  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  public static let white = RGBColor(red: 255, green: 255, blue: 255)
  public static let black = RGBColor(red: 0, green: 0, blue: 0)

  /// Colours that have names here.
  public static let names: KeyValuePairs<String, RGBColor> = [
    "white": .white, "black": .black, "gray": RGBColor(red: 128, green: 128, blue: 128),
    "red": RGBColor(red: 255, green: 0, blue: 0), "green": RGBColor(red: 0, green: 128, blue: 0),
    "blue": RGBColor(red: 0, green: 0, blue: 255),
  ]

  /// A name in any case, or `#rrggbb`.
  public init?(_ description: String) {
    let text = description.lowercased()
    if let named = Self.names.first(where: { $0.key == text }) {
      self = named.value
      return
    }
    let digits = text.dropFirst()
    guard text.hasPrefix("#"), digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else {
      return nil
    }
    self.init(red: UInt8(value >> 16), green: UInt8(value >> 8 & 255), blue: UInt8(value & 255))
  }

  public var description: String {
    if let named = Self.names.first(where: { $0.value == self }) { return named.key }
    let value = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
    let digits = String(value, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }
}

extension PictureRules {
  /// What the decoder does of them.
  var codecRules: codec_rules {
    let ground = background.color
    return codec_rules(
      reads_orientation: orientation == .applied, converts_profile: colorManagement == .sRGB, over_background: background != .drop,
      background: (ground.red, ground.green, ground.blue), sample_bits: UInt8(sampleBits.rawValue))
  }
}
