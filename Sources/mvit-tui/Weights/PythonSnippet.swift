import ImageData
import SystemText
import WeightFiles

/// Python code that gives the same logits for image files as `predict`, with Pillow and PyTorch; for weights in the names of code that
/// no package has, code that reads the pictures likewise.
///
/// Of the rules of reading it holds only what the weights need. Pillow opens 16-bit gray as such and 16-bit colours with their upper
/// 8 bits, so colours of which fewer bits count are read by `predict` alone; the code's head says so.
struct PythonSnippet {
  /// The weight file, as the code shall name it.
  let file: String
  let model: String
  let scheme: NamingScheme
  let preprocessing: Preprocessing
  let classNames: [String]

  /// For the documentation.
  static let example = PythonSnippet(
    file: "model.safetensors", model: "mobilevit_xxs", scheme: .timmMobileViT,
    preprocessing: Preprocessing(imageSize: 256, normalization: .tutorial, rules: .asShown), classNames: ["cat", "dog"])

  var text: String {
    ([head, loading] + (convertsProfiles ? [Self.conversion] : []) + [picture, main]).joined(separator: "\n\n\n") + "\n"
  }

  private var rules: PictureRules { preprocessing.rules }
  private var convertsProfiles: Bool { rules.colorManagement == .sRGB }
  private var size: Int { preprocessing.imageSize }

  // MARK: Parts

  private var head: String {
    var packages = ["torch", "pillow", "numpy", "safetensors"]
    if builder?.package == "timm" { packages.append("timm") }
    if builder?.package == "torchvision" { packages.append("torchvision") }
    var pillow = ["Image"]
    if convertsProfiles { pillow.append("ImageCms") }
    if rules.orientation == .applied || rules.resize == .pad { pillow.append("ImageOps") }
    var lines = ["# pip install \(packages.joined(separator: " "))"]
    let bits = rules.sampleBits.rawValue
    if bits < 16 { lines.append("# Pillow reads the upper 8 of the 16 bits of colours; mvit-tui predict uses the lower \(bits).") }
    if convertsProfiles { lines.append("import io") }
    lines += ["import sys", "", "import numpy as np"]
    if let builder { lines.append("import \(builder.package)") }
    lines += [
      "import torch", "from PIL import \(pillow.joined(separator: ", "))", "from safetensors.torch import load_file", "",
      "FILE = \(file.pythonQuoted)", "SIZE = \(size)  # pixels a side",
      "MEAN = \(Self.tuple(preprocessing.normalization.mean))  # normalization \(preprocessing.normalization.rawValue)",
      "STD = \(Self.tuple(preprocessing.normalization.deviation))",
    ]
    lines.append("CLASSES = [\(classNames.map { Self.shown($0).pythonQuoted }.joined(separator: ", "))]")
    return lines.joined(separator: "\n")
  }

  /// Whether the code makes the model, or leaves that to its user.
  var makesModel: Bool { builder != nil }

  /// The call that makes the model, for the schemes whose names a package shares.
  private var builder: (package: String, call: String)? {
    switch scheme {
    case .timmMobileViT: ("timm", "timm.create_model(\"\(model)\", num_classes=len(CLASSES))")
    case .torchvisionMobileNetV2: ("torchvision", "torchvision.models.mobilenet_v2(num_classes=len(CLASSES))")
    case .timmMobileNetV2: ("timm", "timm.create_model(\"mobilenetv2_100\", num_classes=len(CLASSES))")
    case .huggingFaceMobileViT, .tutorialMobileViT, .paddleMobileNetV2: nil
    }
  }

  private var loading: String {
    guard let builder else {
      return """
        def load():
            # These tensors have the names of \(scheme.label): fill a model of that code with them.
            raise NotImplementedError(sorted(load_file(FILE)))
        """
    }
    return """
      def load():
          model = \(builder.call)
          model.load_state_dict(load_file(FILE), strict=True)
          return model.eval()
      """
  }

  private static let conversion = """
    def to_srgb(image, profile):
        \"\"\"Converts colours by a profile, unless it is unusable or sRGB already (within one of 255 levels).\"\"\"
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if image.mode == "L" and profile.profile.xcolor_space.strip() == "RGB":
                image = image.convert("RGB")
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            convert = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), image.mode, mode)
            if image.mode != "CMYK":
                levels = [min(16 * i, 255) for i in range(17)]
                colors = np.array([(r, g, b) for r in levels for g in levels for b in levels], np.uint8)
                trial = Image.fromarray(colors[None]).convert(image.mode)
                before, after = (np.asarray(x.convert("RGB"), int) for x in (trial, ImageCms.applyTransform(trial, convert)))
                if abs(before - after).max() <= 1:
                    return image
            return ImageCms.applyTransform(image, convert)
        except (ImageCms.PyCMSError, OSError):
            return image
    """

  private var picture: String {
    var lines = [
      "def picture(path):", "    \"\"\"A picture as the network wants it, [3, SIZE, SIZE].\"\"\"", "    image = Image.open(path)",
    ]
    if rules.orientation == .applied { lines.append("    image = ImageOps.exif_transpose(image)") }
    if convertsProfiles { lines.append("    profile = image.info.get(\"icc_profile\")") }
    lines += [
      "    if image.mode.startswith(\"I\"):  # 16-bit gray, of which \(rules.sampleBits.rawValue) bits count",
      "        image = Image.fromarray((np.asarray(image) >> \(rules.sampleBits.rawValue - 8)).clip(0, 255).astype(np.uint8))",
    ]
    lines += [
      "    transparent = image.mode in (\"RGBA\", \"LA\", \"PA\") or \"transparency\" in image.info",
      "    if image.mode not in (\"L\", \"CMYK\") or transparent:",
      "        image = image.convert(\"RGBA\" if transparent else \"RGB\")",
    ]
    if convertsProfiles { lines += ["    if profile:", "        image = to_srgb(image, profile)"] }
    switch rules.background {
    case .color(let color):
      lines += [
        "    if transparent:",
        "        ground = Image.new(\"RGBA\", image.size, (\(color.red), \(color.green), \(color.blue), 255))",
        "        image = Image.alpha_composite(ground, image)",
      ]
    case .drop: break
    }
    lines += ["    image = image.convert(\"RGB\")"] + resizing
    lines += [
      "    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255",
      "    return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]",
    ]
    return lines.joined(separator: "\n")
  }

  private var resizing: [String] {
    switch rules.resize {
    case .stretch: return ["    image = image.resize((SIZE, SIZE), Image.Resampling.BILINEAR)"]
    case .crop:
      return [
        "    side = \(rules.cropFraction) * min(image.size)",
        "    left, top = (image.width - side) / 2, (image.height - side) / 2",
        "    image = image.resize((SIZE, SIZE), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))",
      ]
    case .pad:
      var ground = RGBColor.black
      if case .color(let color) = rules.background { ground = color }
      let bars = "(\(ground.red), \(ground.green), \(ground.blue))"
      return ["    image = ImageOps.pad(image, (SIZE, SIZE), Image.Resampling.BILINEAR, color=\(bars))"]
    }
  }

  private var main: String {
    """
    if __name__ == "__main__":
        sys.stdout.reconfigure(errors="backslashreplace")  # paths need not be UTF-8
        model = load()
        for path in sys.argv[1:]:
            with torch.inference_mode():
                logits = model(picture(path)[None])[0]
            print(path, CLASSES[logits.argmax()], logits.tolist())
    """
  }

  // MARK: Values

  /// A name that Python can print: it refuses bytes that are no characters.
  private static func shown(_ name: String) -> String {
    name.unicodeScalars.contains { $0.strayByte != nil } ? name.plainLine : name
  }

  private static func tuple(_ values: [Float]) -> String { "(" + values.map { "\($0)" }.joined(separator: ", ") + ")" }
}
