import Foundation
import TestImages
import Testing

/// Pictures that are turned, transparent or deep, from the folder to the prediction.
@Suite struct PictureTests {
  private let folder: TestFolder
  private static let pictures =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/pictures/files/"
  private static let small = [
    "--model", "mobilevit_xxs", "--image-size", "32", "--epochs", "1", "--batch-size", "4", "--threads", "1", "--kernels", "portable",
  ]

  init() throws { folder = try TestFolder() }

  /// A data set of copies of fixtures: by part and class.
  private func makeDataSet(_ files: [String: [String]]) throws -> String {
    for (place, names) in files {
      let place = "\(folder.path)/data/\(place)"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      for name in names { try FileManager.default.copyItem(atPath: Self.pictures + name, toPath: "\(place)/\(name)") }
    }
    return folder.path + "/data"
  }

  private func train(_ data: String, _ run: String = "run", _ flags: [String] = []) throws -> (run: String, outcome: Program.Outcome) {
    let run = "\(folder.path)/\(run)"
    let outcome = try Program.run(["train", "--data", data, "--run", run, "--no-ui"] + Self.small + flags)
    try #require(outcome.code == 0, "\(outcome.errors)")
    return (run, outcome)
  }

  private func describe(_ weights: String, _ flags: [String] = []) throws -> [String: Any] {
    let outcome = try Program.run(["describe", weights, "--json"] + flags)
    try #require(outcome.code == 0, "\(outcome.errors)")
    return try #require(try outcome.objects().first)
  }

  private func preprocessing(_ weights: String, _ flags: [String] = []) throws -> NSDictionary {
    try #require(try describe(weights, flags)["preprocessing"] as? NSDictionary)
  }

  private let turned = [
    "train/a": ["turned-1.png", "turned-3.png", "turned-6.jpg", "clear.png"],
    "train/b": ["square-61x37-1.png", "square-61x37-8.png", "profile-p3.jpg", "gray.gif"],
    "val/a": ["turned-5.jpg"], "val/b": ["square-61x37-2.png"],
  ]

  @Test func eachRuleThatConcernsAPictureIsReportedOnce() throws {
    let data = try makeDataSet(turned)
    let (_, outcome) = try train(data)
    #expect(outcome.output.contains("\n5 of 10 images turned upright as the camera noted\n"))
    #expect(outcome.output.contains("\n1 of 10 images with transparency, shown over white\n"))
    #expect(outcome.output.contains("\n1 of 10 images converted from a colour profile to sRGB\n"))
    let stored = try train(data, "stored", ["--orientation", "stored", "--background", "drop", "--color-management", "off"]).outcome
    #expect(stored.output.contains("\n5 of 10 images not upright, read as stored\n"))
    #expect(stored.output.contains("\n1 of 10 images with transparency, which is ignored\n"))
    #expect(stored.output.contains("\n1 of 10 images with a colour profile, which is ignored\n"))
  }

  @Test func aCheckpointRecordsHowPicturesWereRead() throws {
    let data = try makeDataSet(turned)
    let plain = try preprocessing(try train(data).run)
    #expect(plain["orientation"] as? String == "applied" && plain["background"] as? String == "white")
    #expect(plain["color_management"] as? String == "srgb" && plain["resize"] as? String == "stretch")
    #expect(plain["image_size"] as? Int == 32 && plain["sample_bits"] as? Int == 16)
    let flags = ["--orientation", "stored", "--background", "#010203", "--resize", "pad", "--normalization", "imagenet"]
    let run = try train(data, "other", flags).run
    let other = try preprocessing(run)
    #expect(other["orientation"] as? String == "stored" && other["background"] as? String == "#010203")
    #expect(other["resize"] as? String == "pad" && other["normalization"] as? String == "imagenet")
    #expect((other["mean"] as? [Double])?.map { ($0 * 1000).rounded() } == [485, 456, 406])
    // A flag comes before the record.
    #expect(try preprocessing(run, ["--resize", "crop", "--image-size", "64"])["resize"] as? String == "crop")
    // Fine-tuning takes the record over.
    let finer = try train(data, "finer", ["--weights", run + "/checkpoints/mobilevit_xxs/best"]).run
    #expect(try preprocessing(finer) == other)
  }

  /// The same stored pixels with two orientations are one picture only to a model that reads as stored.
  @Test func predictionFollowsTheCheckpoint() throws {
    let data = try makeDataSet(turned)
    let pair = ["turned-1.png", "turned-8.png"].map { Self.pictures + $0 }
    func logits(_ run: String, _ flags: [String] = []) throws -> [[Double]] {
      let outcome = try Program.run(["predict", "--run", run, "--json", "--logits", "--threads", "1"] + flags + pair)
      return try outcome.objects().compactMap { $0["logits"] as? [Double] }
    }
    func differ(_ logits: [[Double]]) -> Bool { zip(logits[0], logits[1]).contains { abs($0 - $1) > 1e-3 } }
    let run = try train(data).run
    #expect(try differ(logits(run)))
    #expect(try !differ(logits(run, ["--orientation", "stored"])))
    let stored = try train(data, "stored", ["--orientation", "stored"]).run
    #expect(try !differ(logits(stored)))
    #expect(try differ(logits(stored, ["--orientation", "applied"])))
  }

  /// Two black drawings on clear ground: without a ground they are one picture.
  @Test func drawingsOnClearGroundAreDifferentPictures() throws {
    let run = try train(try makeDataSet(turned)).run
    let files = ["clear.png", "clear-level.png"].map { Self.pictures + $0 }
    let outcome = try Program.run(["predict", "--run", run, "--json", "--logits", "--background", "black"] + files)
    let white = try Program.run(["predict", "--run", run, "--json", "--logits"] + files)
    #expect(outcome.code == 0 && white.code == 0 && outcome.output != white.output)
  }

  @Test func theBitsThatTheTrainingImagesUseAreKept() throws {
    let data = try makeDataSet([
      "train/a": ["used-12.png", "used-10.png"], "train/b": ["used-12-colour.png", "used-10-colour.tiff"], "val/a": ["used-10.tiff"],
      "val/b": ["used-12.tiff"],
    ])
    let (run, outcome) = try train(data)
    #expect(outcome.output.contains("\n6 of 6 images with 16-bit samples, of which 12 bits count\n"))
    #expect(try preprocessing(run)["sample_bits"] as? Int == 12)
    let given = try train(data, "given", ["--sample-bits", "16"])
    #expect(given.outcome.output.contains("of which 16 bits count"))
    #expect(try preprocessing(given.run)["sample_bits"] as? Int == 16)
    let again = try Program.run(["train", "--run", run, "--resume", "--no-ui", "--sample-bits", "10"])
    #expect(again.code == 64 && again.errors.contains("--sample-bits (10, the run has auto)"), "\(again.errors)")
  }

  @Test func weightsFromElsewhereAreReadAsTheirPublishersRead() throws {
    let run = try train(try makeDataSet(turned)).run
    let own = run + "/checkpoints/mobilevit_xxs/latest/model.safetensors"
    let foreign = folder.path + "/foreign.safetensors"
    try Self.write(own, without: ["preprocessing", "normalization", "image_size"], to: foreign)
    let described = try describe(foreign)
    #expect(described["preprocessing_source"] as? String == "model")
    let rules = try preprocessing(foreign)
    #expect(rules["resize"] as? String == "crop" && rules["crop_fraction"] as? Double == 0.9 && rules["normalization"] as? String == "unit")
    #expect(rules["orientation"] as? String == "applied" && rules["image_size"] as? Int == 256)
    // A checkpoint of a version that recorded size and normalisation alone.
    let older = folder.path + "/older.safetensors"
    try Self.write(own, without: ["preprocessing"], to: older)
    let before = try preprocessing(older)
    #expect(before["resize"] as? String == "stretch" && before["orientation"] as? String == "stored")
    #expect(before["background"] as? String == "drop" && before["color_management"] as? String == "off")
  }

  @Test func aDamagedRecordIsRefused() throws {
    let run = try train(try makeDataSet(turned)).run
    let damaged = folder.path + "/damaged.safetensors"
    try Self.write(
      run + "/checkpoints/mobilevit_xxs/latest/model.safetensors", replacing: ["preprocessing": "{\"resize\":\"squash\"}"], to: damaged)
    for command in [["describe", damaged], ["predict", "--weights", damaged, Self.pictures + "clear.png"]] {
      let outcome = try Program.run(command)
      #expect(
        outcome.code == 65 && outcome.errors.contains("\(damaged): has metadata \"preprocessing\" that makes no sense"), "\(outcome.errors)"
      )
    }
  }

  @Test func describePrintsPythonThatNamesWhatTheWeightsNeed() throws {
    let run = try train(try makeDataSet(turned), "run", ["--resize", "pad"]).run
    let outcome = try Program.run(["describe", run])
    #expect(outcome.code == 0 && outcome.lines[1].hasPrefix("model: mobilevit_xxs, ") && outcome.lines[2] == "classes: 2, a, b")
    let python = try Program.run(["describe", run, "--python"]).output
    #expect(outcome.output.hasSuffix(python))
    for text in [
      "timm.create_model(\"mobilevit_xxs\", num_classes=len(CLASSES))", "CLASSES = [\"a\", \"b\"]", "SIZE = 32",
      "ImageOps.exif_transpose(image)", "ImageOps.pad(image, (SIZE, SIZE), Image.Resampling.BILINEAR, color=(255, 255, 255))",
    ] { #expect(python.contains(text), "\(text)") }
    let stored = try Program.run(["describe", run, "--python", "--orientation", "stored", "--color-management", "off"]).output
    #expect(!stored.contains("exif_transpose") && !stored.contains("ImageCms"))
    #expect(try describe(run)["python"] as? String == python)
    #expect(outcome.output.contains("\nPython code that gives the same logits") && !python.contains("16-bit colours"))
    #expect(python.contains("    sys.stdout.reconfigure(errors=\"backslashreplace\")  # "))
    let missing = try Program.run(["describe", folder.path + "/none"])
    #expect(missing.code == 66 && missing.output.isEmpty)
  }

  @Test func codeThatMakesNoModelPromisesNoLogits() throws {
    let data = try makeDataSet(turned)
    let run = folder.path + "/tutorial"
    let flags = [
      "--model", "tutorial_mobilevit_xxs", "--image-size", "64", "--batch-size", "2", "--epochs", "1", "--sample-bits", "12", "--no-ui",
    ]
    let trained = try Program.run(["train", "--data", data, "--run", run] + flags)
    try #require(trained.code == 0, "\(trained.errors)")
    let outcome = try Program.run(["describe", run])
    #expect(outcome.output.contains("\nPython code that reads pictures likewise; the model is yours to make:\n"), "\(outcome.output)")
    #expect(!outcome.output.contains("same logits"))
    #expect(outcome.output.contains("\n# Pillow reads the upper 8 of the 16 bits of colours; mvit-tui predict uses the lower 12.\n"))
  }

  /// Copies a safetensors file with other metadata.
  private static func write(_ file: String, without keys: [String] = [], replacing: [String: String] = [:], to copy: String) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    let length = bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    var header = try #require(try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
    var metadata = try #require(header["__metadata__"] as? [String: String])
    for key in keys { metadata[key] = nil }
    metadata.merge(replacing) { $1 }
    header["__metadata__"] = metadata
    var new = try JSONSerialization.data(withJSONObject: header)
    while new.count % 8 != 0 { new.append(UInt8(ascii: " ")) }
    let prefix = (0..<8).map { UInt8(new.count >> (8 * $0) & 255) }
    try (Data(prefix) + new + bytes[(8 + length)...]).write(to: URL(fileURLWithPath: copy))
  }
}
