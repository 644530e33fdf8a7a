import ImageData
import TrainingEvents

extension Preprocessing {
  /// For people: the steps in their order, each with its setting.
  var lines: [String] {
    let bits = rules.sampleBits == .sixteen ? "the upper 8 of 16" : "the upper 8 of the lower \(rules.sampleBits.rawValue)"
    let size = "\(imageSize) x \(imageSize)"
    let resizing =
      switch rules.resize {
      case .stretch: "stretched to \(size)"
      case .crop: "the centred square of \(rules.cropFraction) of the shorter side, resized to \(size)"
      case .pad: "fitted into \(size), centred, with bars"
      }
    let numbers = normalization == .unit ? "" : ", mean \(normalization.mean), deviation \(normalization.deviation)"
    return [
      "16-bit samples: \(bits) bits",
      "colour profiles: \(rules.colorManagement == .sRGB ? "converted to sRGB" : "ignored") (color-management \(rules.colorManagement.rawValue))",
      "transparency: \(rules.background == .drop ? "ignored" : "over \(rules.background)") (background \(rules.background))",
      "orientation: \(rules.orientation == .applied ? "upright as the camera noted" : "as stored") (orientation \(rules.orientation.rawValue))",
      "\(resizing), antialiased bilinear filter (resize \(rules.resize.rawValue))",
      "values from 0 to 1\(numbers) (normalization \(normalization.rawValue))",
    ]
  }

  var line: JSONLine {
    var line = JSONLine()
    line.add("image_size", imageSize)
    line.add("filter", "bilinear, antialiased")
    line.add("resize", rules.resize.rawValue)
    line.add("crop_fraction", rules.cropFraction)
    line.add("orientation", rules.orientation.rawValue)
    line.add("background", "\(rules.background)")
    line.add("color_management", rules.colorManagement.rawValue)
    line.add("sample_bits", rules.sampleBits.rawValue)
    line.add("normalization", normalization.rawValue)
    line.add("mean", normalization.mean)
    line.add("std", normalization.deviation)
    return line
  }
}
