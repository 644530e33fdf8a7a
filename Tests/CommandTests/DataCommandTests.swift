import Foundation
import TestImages
import Testing

/// What `data` shows of a folder.
@Suite struct DataCommandTests {
  private let folder: TestFolder
  private let data: String

  /// Two classes with a training, an evaluation and a test part; an evaluation image that training has, and a text among the images.
  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 4, eval: 2, size: 40)
    let files = FileManager.default
    try files.copyItem(atPath: data + "/eval", toPath: data + "/test")
    try files.removeItem(atPath: data + "/test/down/1.png")
    try files.copyItem(atPath: data + "/train/across/3.png", toPath: data + "/eval/across/copy.png")
    try Data("words".utf8).write(to: URL(fileURLWithPath: data + "/train/down/notes.txt"))
  }

  private func add(_ name: String, width: Int, height: Int) throws {
    try PNGFile.write([UInt8](repeating: 90, count: width * height * 3), width: width, height: height, to: data + "/" + name)
  }

  private let small = ["--image-size", "32", "--batch-size", "4", "--threads", "1", "--model", "mobilevit_xxs"]

  @Test func theObjectHasAllThatIsKnown() throws {
    try add("train/down/wide.png", width: 90, height: 30)
    let outcome = try Program.run(["data", data, "--json", "--no-estimate"])
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let object = try #require(try outcome.objects().first)
    #expect(
      Set(object.keys) == [
        "path", "images", "parts", "classes", "sizes", "formats", "orientations", "transparent", "sixteen_bit", "profiles",
        "unusable_profiles", "duplicates", "faults", "notes",
      ])
    let parts = try #require(object["parts"] as? [[String: Any]])
    #expect(parts.map { $0["part"] as? String } == ["train", "eval", "test"] && parts.map { $0["images"] as? Int } == [9, 5, 3])
    let classes = try #require(object["classes"] as? [[String: Any]])
    #expect(classes.map { $0["class"] as? String } == ["across", "down"])
    #expect(["train", "eval", "test"].map { classes[1][$0] as? Int } == [5, 2, 1])
    let sizes = try #require(object["sizes"] as? [String: Any])
    #expect(sizes["smallest"] as? [Int] == [40, 40] && sizes["largest"] as? [Int] == [90, 30] && sizes["median"] as? [Int] == [40, 40])
    #expect(sizes["most_frequent"] as? [Int] == [40, 40] && sizes["most_frequent_images"] as? Int == 16)
    #expect(object["formats"] as? [String: Int] == ["PNG": 17] && object["orientations"] as? [String: Int] == ["1": 17])
    let duplicates = try #require(object["duplicates"] as? [[String: Any]])
    #expect(duplicates.map { [$0["part"] as? String, $0["also_in"] as? String] } == [["eval", "train"], ["test", "eval"]])
    #expect(
      duplicates[0]["images"] as? [String] == ["eval/across/copy.png"] && duplicates[0]["same_as"] as? [String] == ["train/across/3.png"])
    #expect((object["notes"] as? [[String: String]]) == [["reason": "no_image", "path": "train/down/notes.txt"]])
  }

  @Test func theTextHasTablesAndAnEstimate() throws {
    for number in 0..<9 { try add("train/across/more\(number).png", width: 40, height: 40) }
    let outcome = try Program.run(["data", data] + small + ["--epochs", "3", "--examples", "1"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for line in [
      "\(data): 17 images to train on and 5 to evaluate in 2 classes; the 3 of test are kept for mvit-tui evaluate",
      "part   folder  images", "train  train       17", "class   train  eval  test", "down        4     2     1",
      "sizes: 40x40 smallest, 40x40 median, 40x40 largest; 40x40 most frequent (25 of 25 images)", "formats: 25 PNG",
      "duplicates: 1 eval images are in train too, byte for byte", "  eval/across/copy.png is train/across/3.png",
      "duplicates: 3 test images are in eval too, byte for byte", "  and 2 more", "not used: 1 file that is no image: train/down/notes.txt",
    ] {
      #expect(outcome.lines.contains(line), "\(line) in \(outcome.output)")
    }
    #expect(outcome.output.contains("uneven: \"across\" has 3.3 times as many training images as \"down\""))
    #expect(
      outcome.output.contains("estimate for mobilevit_xxs at 32x32, batch 4: ") && outcome.output.contains("estimate for 3 epochs: about "))
  }

  @Test func faultsAreNamedAndEndAsTrainsCheck() throws {
    try Data("no image".utf8).write(to: URL(fileURLWithPath: data + "/train/down/1.png"))
    try Data().write(to: URL(fileURLWithPath: data + "/test/across/0.png"))
    let flags = ["data", data, "--no-estimate"]
    let refused = try Program.run(flags)
    #expect(refused.code == 65 && refused.errors.contains("1 of 13 images cannot be used"), "\(refused.errors)")
    #expect(refused.output.contains("cannot be used: 2 images\n  \(data)/train/down/1.png: holds text"), "\(refused.output)")
    let object = try #require(try Program.run(flags + ["--json"]).objects().first)
    #expect((object["error"] as? String)?.contains("1 of 13 images cannot be used") == true && object["images"] as? Int == 16, "\(object)")
    let left = try Program.run(flags + ["--skip-bad-images", "--json"])
    #expect(try left.objects()[0]["error"] == nil)
    let faults = try #require(try left.objects().first?["faults"] as? [[String: String]])
    #expect(left.code == 0 && faults.map { $0["part"] } == ["train", "test"] && faults[1]["reason"] == "is empty; replace or remove it")
    let trained = try Program.run(["train", "--data", data, "--run", folder.path + "/run", "--no-ui"])
    #expect(trained.code == refused.code)
  }

  @Test func theDataFlagsOfTrainAreTaken() throws {
    let file = folder.path + "/config.toml"
    try "data = \"data\"\nimage-size = 32\nmodel = \"mobilevit_xxs\"\nepochs = 3\n".write(toFile: file, atomically: true, encoding: .utf8)
    let flags = [
      "--config", file, "--resize", "pad", "--orientation", "stored", "--background", "drop", "--color-management", "off",
      "--sample-bits", "12", "--augment", "none", "--normalization", "unit", "--no-shuffle", "--batch-size", "4", "--threads", "1",
    ]
    let outcome = try Program.run(["data", "--json"] + flags)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let estimate = try #require(try outcome.objects().first?["estimate"] as? [String: Any])
    #expect(estimate["model"] as? String == "mobilevit_xxs" && estimate["image_size"] as? Int == 32 && estimate["epochs"] as? Int == 3)
    let missing = try Program.run(["data", data, "--weights", "/no/such.safetensors"])
    #expect(missing.code == 66 && missing.errors.contains("/no/such.safetensors"), "\(missing.errors)")
  }

  @Test func whatTrainRefusesIsRefused() throws {
    try FileManager.default.createDirectory(atPath: data + "/train/empty", withIntermediateDirectories: true)
    let empty = try Program.run(["data", data, "--json"])
    #expect(empty.code == 65 && empty.errors.contains("no image in class \"empty\""))
    #expect(try Set(empty.objects()[0].keys) == ["path", "error"])
    for (arguments, code) in [(["/no/such"], Int32(66)), ([], 64), ([data, "--image-size", "31"], 64), ([data, "--data", data], 64)] {
      #expect(try Program.run(["data"] + arguments).code == code, "\(arguments)")
    }
    // A batch of one image.
    let single = try Program.run([
      "data", "--train-dir", data + "/eval", "--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "1",
    ])
    #expect(single.code == 64 && single.output.contains("(set aside)") && single.errors.contains("--batch-size"), "\(single.errors)")
  }
}
