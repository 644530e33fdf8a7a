import Foundation
import TestImages
import Testing

/// What the program says and how it exits when it is used, rightly and wrongly, without training.
@Suite struct UsageTests {
  @Test func versionAndHelp() throws {
    #expect(try Program.run(["--version"]).output == "0.1.0\n")
    for arguments in [["--help"], ["train", "--help"], ["help", "predict"], []] {
      let help = try Program.run(arguments)
      #expect(help.code == 0 && help.output.contains("USAGE: mvit-tui") && help.errors.isEmpty, "\(arguments)")
    }
  }

  @Test(arguments: [
    (["fly"], 64, "there is no command \"fly\"; the commands are train, compare, watch"),
    (["trian", "--data", "d"], 64, "mvit-tui: there is no command \"trian\"; did you mean \"train\"?\n"),
    (["Evaluat", "--weights", "w"], 64, "did you mean \"evaluate\"?"),
    (["help", "predcit"], 64, "did you mean \"predict\"?"),
    (["compare", "mobilevit_s", "--data", "d", "--model", "x"], 64, "--model has no place here"),
    (["train", "--frobnicate"], 64, "--frobnicate"),
    (["train"], 64, "--data"),
    (["train", "--data", "d", "--epochs", "many"], 64, "--epochs"),
    (["train", "--data", "d", "--epochs", "0"], 64, "--epochs"),
    (["train", "--data", "d", "--batch-size", "0"], 64, "--batch-size"),
    (["train", "--data", "d", "--optimizer", "lion"], 64, "sgd or adamw"),
    (["train", "--data", "d", "--model", "resnet50"], 64, "mobilevit_xxs"),
    (["train", "--data", "d", "--image-size", "31"], 64, "--image-size"),
    (["train", "--data", "d", "--model", "tutorial_mobilevit_s", "--image-size", "96"], 64, "64 or 128"),
    (["train", "--data", "d", "--kernels", "mmx"], 64, "mmx"),
    (["train", "--data", "d", "--threads", "0"], 64, "--threads"),
    (["train", "--data", "d", "--resume"], 64, "--run"),
    (["train", "--data", "/no/such/folder"], 66, "/no/such/folder"),
    (["train", "--data", "d", "--config", "/no/such.toml"], 66, "/no/such.toml"),
    (["train", "--data", "d", "--weights", "/no/such.safetensors"], 66, "/no/such.safetensors"),
    (["evaluate", "--weights", "/no/such.safetensors", "--data", "d"], 66, "/no/such.safetensors"),
    (["predict", "--weights", "w"], 64, "image"),
    (["predict", "--weights", "w", "a.png", "--top", "0"], 64, "--top"),
    (["predict", "--weights", "w", "a.png", "--logits"], 64, "--json"),
    (["models", "--classes", "1"], 64, "--classes"),
    (["bench", "--model", "x", "--batch-size", "1", "--image-size", "64"], 64, "'x'"),
    (["bench", "--model", "mobilevit_s", "--batch-size", "0", "--image-size", "64"], 64, "--batch-size"),
    (["bench", "--model", "tutorial_mobilevit_s", "--batch-size", "1", "--image-size", "100"], 64, "--image-size"),
    (["runs", "/no/such/folder"], 66, "/no/such/folder"),
  ])
  func whatIsWrongIsSaidOnStandardError(arguments: [String], code: Int32, part: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == code, "\(outcome.errors)")
    #expect(outcome.errors.contains(part), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func aCommandsHelpListsWhatItTakes() throws {
    func options(_ command: String) throws -> Set<String> {
      let help = try Program.run(["help", command]).lines
      return Set(help.compactMap { $0.firstMatch(of: /^ +(--[a-z-]+)/).map { String($0.1) } })
    }
    let train = try options("train")
    let compare = try options("compare")
    #expect(train.subtracting(compare) == ["--model"] && compare.subtracting(train) == ["--sweep"])
    #expect(train.isSuperset(of: ["--data", "--lr", "--shuffle", "--threads", "--run", "--resume", "--theme", "--no-ui"]))
  }

  @Test func dataThatWillNotDoIsToldByItsPath() throws {
    let folder = try TestFolder()
    let empty = folder.path + "/empty"
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    for run in [["--run", "run"], []] {
      let outcome = try Program.run(["train", "--data", empty] + run, in: folder.path)
      #expect(outcome.code == 65 && outcome.errors.contains(empty))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["empty"])
    }
  }

  @Test func brokenImagesAreListedBeforeAnythingStarts() throws {
    let folder = try TestFolder()
    let data = try folder.makeDataSet(train: 3, eval: 2, size: 8)
    try Data("no image".utf8).write(to: URL(fileURLWithPath: data + "/train/down/1.png"))
    try Data().write(to: URL(fileURLWithPath: data + "/eval/across/0.png"))
    let outcome = try Program.run(["train", "--data", data, "--run", folder.path + "/run"])
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains("train/down/1.png") && outcome.errors.contains("eval/across/0.png"))
    #expect(outcome.errors.contains("2 of 10 images") && outcome.errors.contains("--skip-bad-images"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/run"))
  }

  @Test func aConfigurationFileIsToldByLine() throws {
    let folder = try TestFolder()
    try Data("lr = 0.1\nepoch = 2\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/a.toml"))
    let outcome = try Program.run(["train", "--config", "a.toml"], in: folder.path)
    #expect(outcome.code == 64)
    #expect(outcome.errors == "mvit-tui: a.toml, line 2: \"epoch\" is not a setting; did you mean \"epochs\"?\n")
  }

  /// Counts of the publications, run with their own code.
  @Test(arguments: [
    (1000, ["mobilevit_xxs": 1_272_024, "mobilevit_xs": 2_317_848, "mobilevit_s": 5_578_632, "mobilenet_v2": 3_504_872]),
    (100, ["mobilevit_xxs": 983_124, "mobilevit_xs": 1_971_348, "mobilevit_s": 5_001_732, "mobilenet_v2": 2_351_972]),
    (10, ["mobilevit_xxs": 954_234, "mobilevit_xs": 1_936_698, "mobilevit_s": 4_944_042, "mobilenet_v2": 2_236_682]),
  ])
  func modelsAreListedWithTheirParameters(classes: Int, counts: [String: Int]) throws {
    let outcome = try Program.run(["models", "--classes", "\(classes)", "--image-size", "256", "--json"])
    let objects = try outcome.objects()
    #expect(outcome.code == 0 && objects.count == 7)
    for object in objects {
      #expect(Set(object.keys) == ["model", "parameters", "macs", "classes", "image_size"])
      let name = try #require(object["model"] as? String)
      if let count = counts[name] { #expect(object["parameters"] as? Int == count, "\(name)") }
    }
    let macs = try #require(objects.first?["macs"] as? Int)
    #expect((406_000_000..<408_500_000).contains(macs))
  }

  @Test func benchReportsTheContractsFigures() throws {
    let outcome = try Program.run(
      ["bench", "--model", "mobilevit_xxs", "--batch-size", "2", "--image-size", "32", "--steps", "3", "--threads", "1", "--json"])
    let object = try #require(try outcome.objects().first)
    #expect(outcome.code == 0 && outcome.lines.count == 1)
    #expect(
      Set(object.keys) == [
        "model", "batch_size", "image_size", "threads", "kernels", "loss", "train", "evaluation", "peak_memory_bytes",
      ])
    #expect(object["threads"] as? Int == 1)
    let loss = try #require(object["loss"] as? Double)
    #expect((1.5..<3.5).contains(loss))
    #expect(Set((object["train"] as? [String: Any] ?? [:]).keys) == ["median_step_seconds", "images_per_second"])
  }

  @Test func profileAccountsForTheWholeStep() throws {
    let arguments = ["profile", "--model", "mobilevit_xxs", "--batch-size", "2", "--image-size", "32", "--steps", "2", "--threads", "1"]
    let outcome = try Program.run(arguments + ["--json"])
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let objects = try outcome.objects()
    for object in objects {
      #expect(
        Set(object.keys) == [
          "model", "layer", "forward_seconds", "backward_seconds", "flops", "bytes", "share_of_step", "share_of_limit",
        ])
    }
    let layers = objects.compactMap { $0["layer"] as? String }
    #expect(layers.contains("stem.conv") && layers.contains("head.fc") && layers.suffix(2) == ["update", "other"])
    #expect(Set(layers).count == layers.count)
    #expect(abs(objects.compactMap { $0["share_of_step"] as? Double }.reduce(0, +) - 1) < 0.01)

    let table = try Program.run(arguments + ["--sort"])
    #expect(table.code == 0 && table.lines.count == objects.count + 3)
    #expect(table.lines[0].hasPrefix("mobilevit_xxs, batch 2 at 32x32, 1 threads, ") && table.lines[1].contains("of limit"))
    func milliseconds(_ line: String) -> Double { line.split(separator: " ").dropFirst().prefix(2).compactMap { Double($0) }.reduce(0, +) }
    let times = table.lines.dropFirst(2).dropLast().map(milliseconds)
    // Each is rounded twice.
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 >= $1 - 0.021 }, "\(table.output)")
    #expect(table.lines.last?.hasPrefix("step ") == true)
  }
}
