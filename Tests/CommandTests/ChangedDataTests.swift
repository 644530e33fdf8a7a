import Foundation
import TestImages
import Testing

/// Runs whose images were repaired, removed or added: each piece of advice in an error is followed.
@Suite struct ChangedDataTests {
  private let folder: TestFolder
  private let data: String

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 6, eval: 2)
  }

  private static let model = ["--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "4", "--epochs", "2", "--threads", "1"]
  private static let steps = 6
  private var run: String { folder.path + "/run" }

  private func train(_ flags: [String] = []) throws -> Program.Outcome {
    try Program.run(["train", "--data", data, "--run", run, "--no-ui"] + Self.model + flags)
  }

  private func resume(_ flags: [String] = [], _ run: String? = nil) throws -> Program.Outcome {
    try Program.run(["train", "--run", run ?? self.run, "--resume", "--no-ui"] + flags)
  }

  /// Begins a run and interrupts it at its second step.
  private func begin(_ flags: [String] = [], data: String? = nil) throws {
    var steps = 0
    let all = ["train", "--data", data ?? self.data, "--run", run, "--json"] + Self.model + flags
    let outcome = try Program.run(all) { line, process in
      if line.contains("\"event\":\"step\"") { steps += 1 }
      if steps == 2 { process.interrupt() }
    }
    try #require(outcome.code == 130, "\(outcome.errors)")
  }

  /// Damages an image in its midst, where its header and its end tell nothing.
  private func damage(_ name: String) throws {
    let path = data + "/" + name
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for index in 60..<120 { bytes[index] ^= 0xFF }
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  /// Cuts an image off, which is found before training.
  private func cut(_ name: String) throws {
    let path = data + "/" + name
    try Data(contentsOf: URL(fileURLWithPath: path)).prefix(100).write(to: URL(fileURLWithPath: path))
  }

  private func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: data + "/" + name) }

  /// Another image, of another size.
  private func put(_ name: String, size: Int = 24) throws {
    let path = data + "/" + name
    try FileManager.default.createDirectory(
      atPath: String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)), withIntermediateDirectories: true)
    try PNGFile.write([UInt8](repeating: 99, count: size * size * 3), width: size, height: size, to: path)
  }

  private func copyRun(_ name: String) throws -> String {
    try FileManager.default.copyItem(atPath: run, toPath: folder.path + "/" + name)
    return folder.path + "/" + name
  }

  private func steps(_ run: String) throws -> [Int] {
    try String(contentsOfFile: run + "/events.jsonl", encoding: .utf8).split(separator: "\n").compactMap { line in
      guard line.contains("\"event\":\"step\""), let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      else {
        return nil
      }
      return object["step"] as? Int
    }
  }

  private func expectFinished(_ outcome: Program.Outcome, _ run: String? = nil, steps count: Int = steps) throws {
    #expect(outcome.code == 0 && outcome.output.contains("done"), "\(outcome.output)\(outcome.errors)")
    #expect(try steps(run ?? self.run) == Array(1...count))
  }

  /// "replace or remove it", "--skip-bad-images", "--accept-changed-data once it is replaced or removed", "restore them".
  @Test(arguments: ["train/across/0.png", "eval/down/1.png"])
  func anImageThatBreaksInTheMidst(image: String) throws {
    let sound = folder.path + "/sound.png"
    try FileManager.default.copyItem(atPath: data + "/" + image, toPath: sound)
    try damage(image)
    let broken = try train()
    #expect(broken.code == 65 && broken.errors.contains("replace or remove it"), "\(broken.errors)")
    let runs = try ["replaced", "removed", "skipped", "restored"].map(copyRun)
    let again = try resume()
    #expect(again.code == 65 && again.errors.contains("replace or remove it"), "\(again.errors)")

    try expectFinished(try resume(["--skip-bad-images"], runs[2]), runs[2])
    try put(image)
    let refused = try resume([], runs[0])
    #expect(refused.code == 65 && refused.errors.contains("1 image has another size (\(image))"), "\(refused.errors)")
    #expect(refused.errors.contains("add --accept-changed-data"))
    let accepted = try resume(["--accept-changed-data"], runs[0])
    try expectFinished(accepted, runs[0])
    #expect(accepted.output.contains("resumes with changed images after step"))
    try remove(image)
    let missing = try resume([], runs[1])
    #expect(missing.code == 65 && missing.errors.contains("1 image is missing or unreadable (\(image))"), "\(missing.errors)")
    try expectFinished(try resume(["--accept-changed-data"], runs[1]), runs[1])
    try FileManager.default.copyItem(atPath: sound, toPath: data + "/" + image)
    try expectFinished(try resume([], runs[3]), runs[3])
  }

  /// "restore them from a copy; or repair or remove them, or add --skip-bad-images, each with --accept-changed-data"
  @Test func anImageThatIsBrokenBeforeTheRunIsResumed() throws {
    let image = "train/down/3.png"
    let sound = folder.path + "/sound.png"
    try FileManager.default.copyItem(atPath: data + "/" + image, toPath: sound)
    try begin()
    let runs = try ["repaired", "removed", "restored"].map(copyRun)
    try cut(image)
    let broken = try resume()
    #expect(broken.code == 65 && broken.errors.contains("restore them from a copy; or repair or remove them"), "\(broken.errors)")
    #expect(broken.errors.contains("or add --skip-bad-images to do without them, each with --accept-changed-data"))
    let skipping = try resume(["--skip-bad-images"])
    #expect(skipping.code == 65 && skipping.errors.contains("1 image is missing or unreadable (\(image))"), "\(skipping.errors)")
    try expectFinished(try resume(["--skip-bad-images", "--accept-changed-data"]))
    try put(image)
    try expectFinished(try resume(["--accept-changed-data"], runs[0]), runs[0])
    try remove(image)
    try expectFinished(try resume(["--accept-changed-data"], runs[1]), runs[1])
    try FileManager.default.copyItem(atPath: sound, toPath: data + "/" + image)
    try expectFinished(try resume([], runs[2]), runs[2])
  }

  @Test func whatDiffersIsNamed() throws {
    try begin()
    for name in ["across/0", "across/1", "down/0", "down/1"] { try remove("train/\(name).png") }
    for name in ["eval/down/new", "train/down/new"] { try put(name + ".png") }
    try put("train/down/2.png")
    let refused = try resume()
    #expect(
      refused.errors.contains(
        "\(data): 4 images are missing or unreadable (train/across/0.png, train/across/1.png, train/down/0.png, ...), "
          + "2 are new (train/down/new.png, eval/down/new.png) and 1 has another size (train/down/2.png) against the run's images; "
          + "restore them, or add --accept-changed-data to resume with the images that are there"), "\(refused.errors)")
    let accepted = try Program.run(["train", "--run", run, "--resume", "--json", "--accept-changed-data"])
    #expect(accepted.code == 0, "\(accepted.errors)")
    let change = try #require(try accepted.objects().first)
    #expect(change["event"] as? String == "data_changed" && change["missing"] as? Int == 4 && change["new"] as? Int == 2)
    #expect(accepted.errors.contains("an epoch keeps its 3 steps"))
    // The next resume needs no flag.
    #expect(try resume().output.contains("this run is finished"))
  }

  @Test func classesAreKept() throws {
    try begin()
    // "restore some of its images"
    let (class1, aside) = (data + "/train/down", folder.path + "/aside")
    try FileManager.default.moveItem(atPath: class1, toPath: aside)
    try FileManager.default.createDirectory(atPath: class1, withIntermediateDirectories: true)
    let empty = try resume(["--accept-changed-data"])
    #expect(
      empty.code == 65
        && empty.errors.contains("no image in class \"down\", and a run keeps its classes; restore some of its images or begin a new run"),
      "\(empty.errors)")
    try FileManager.default.copyItem(atPath: aside + "/0.png", toPath: class1 + "/0.png")
    let some = try copyRun("some")
    try expectFinished(try resume(["--accept-changed-data"], some), some)
    try FileManager.default.removeItem(atPath: class1)
    try FileManager.default.moveItem(atPath: aside, toPath: class1)

    try put("train/new/0.png")
    for flags in [[], ["--accept-changed-data"]] {
      let added = try resume(flags)
      #expect(
        added.code == 65 && added.errors.contains("class \"new\" is new, and a run keeps its classes; restore them or begin a new run"),
        "\(added.errors)")
    }
    try put("eval/other/0.png")
    try remove("train/new")
    let evaluated = try resume()
    #expect(
      evaluated.code == 65 && evaluated.errors.contains("\"other\" does not occur in training; remove it here"), "\(evaluated.errors)")
    try remove("eval/other")
    try FileManager.default.createDirectory(atPath: data + "/training/down", withIntermediateDirectories: true)
    try put("training/down/0.png")
    try expectFinished(try resume())
  }

  /// "rename those that the run does not use"
  @Test func aSecondFolderOfTheSamePart() throws {
    try FileManager.default.moveItem(atPath: data + "/eval", toPath: data + "/val")
    try begin()
    try put("training/down/0.png")
    let several = try resume()
    #expect(several.code == 65 && several.errors.contains("rename those that the run does not use"), "\(several.errors)")
    try FileManager.default.moveItem(atPath: data + "/training", toPath: data + "/other")
    try expectFinished(try resume())
  }

  /// "restore some of them, or replace the broken ones and add --accept-changed-data"
  @Test func aClassWhoseImagesAreAllBroken() throws {
    try begin(["--skip-bad-images"])
    let other = try copyRun("other")
    try FileManager.default.copyItem(atPath: data, toPath: folder.path + "/copy")
    for number in 0..<6 { try cut("train/down/\(number).png") }
    let bare = try resume(["--accept-changed-data"])
    #expect(
      bare.code == 65 && bare.errors.contains("in class \"down\"; restore some of them, or replace the broken ones and add"),
      "\(bare.errors)")
    try put("train/down/2.png")
    try expectFinished(try resume(["--accept-changed-data"]))
    try remove("train")
    try FileManager.default.moveItem(atPath: folder.path + "/copy/train", toPath: data + "/train")
    try expectFinished(try resume([], other), other)
  }

  @Test func whatWasSetAsideToEvaluateStays() throws {
    try begin(["--eval-fraction", "0.3"], data: data + "/train")
    let sides = try parts()
    try remove("train/" + (sides.first { $0.value == "eval" }?.key ?? ""))
    for number in 10..<20 { try put("train/down/\(number).png") }
    // Eight images to train on were two steps an epoch, and are so still.
    try expectFinished(try resume(["--accept-changed-data"]), steps: 4)
    let now = try parts()
    for (path, part) in now where sides[path] != nil { #expect(part == sides[path], "\(path)") }
    // `evaluate` measures what is set aside now, and nothing that was trained on.
    let measured = try Program.run(["evaluate", "--run", run, "--data", data + "/train", "--json", "--threads", "1"])
    let line = try #require(try measured.objects().first, "\(measured.errors)")
    let held = now.filter { $0.value == "eval" && FileManager.default.fileExists(atPath: data + "/train/" + $0.key) }
    #expect(line["images"] as? Int == held.count && line["source"] as? String == "checkpoint")
    #expect(!measured.errors.contains("overestimated"), "\(measured.errors)")
  }

  private func parts() throws -> [String: String] {
    let record = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: run + "/data.json"))) as? [String: Any]
    let images = try #require(record?["images"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: images.compactMap { image in (image["path"] as? String).map { ($0, image["part"] as? String ?? "") } })
  }

  /// "restore it from a copy, or remove it if no change of the run's images was ever accepted", "restore it or begin a new run"
  @Test func aDamagedRecord() throws {
    try begin()
    let file = run + "/data.json"
    let text = try Data(contentsOf: URL(fileURLWithPath: file))
    try Data("{".utf8).write(to: URL(fileURLWithPath: file))
    let damaged = try resume()
    #expect(damaged.code == 65 && damaged.errors.contains("\(file): cannot be read"), "\(damaged.errors)")
    let runs = try ["removed", "changed"].map(copyRun)
    try text.write(to: URL(fileURLWithPath: file))
    try expectFinished(try resume())
    try FileManager.default.removeItem(atPath: runs[0] + "/data.json")
    try expectFinished(try resume([], runs[0]), runs[0])
    #expect(try Data(contentsOf: URL(fileURLWithPath: runs[0] + "/data.json")) == text)

    try text.write(to: URL(fileURLWithPath: runs[1] + "/data.json"))
    try put("train/down/2.png")
    var isFirst = true
    _ = try Program.run(["train", "--run", runs[1], "--resume", "--json", "--accept-changed-data"]) { line, process in
      guard line.contains("\"event\":\"step\""), isFirst else { return }
      isFirst = false
      process.interrupt()
    }
    let kept = try Data(contentsOf: URL(fileURLWithPath: runs[1] + "/data.json"))
    try FileManager.default.removeItem(atPath: runs[1] + "/data.json")
    let missing = try resume([], runs[1])
    #expect(missing.code == 65 && missing.errors.contains("restore it or begin a new run"), "\(missing.errors)")
    try kept.write(to: URL(fileURLWithPath: runs[1] + "/data.json"))
    #expect(try resume([], runs[1]).code == 0)
  }

  @Test func theFlagIsForAResume() throws {
    let outcome = try train(["--accept-changed-data"])
    #expect(outcome.code == 64 && outcome.errors.contains("add --run and --resume"), "\(outcome.errors)")
    try begin()
    try expectFinished(try resume(["--accept-changed-data"]))
    #expect(!(try String(contentsOfFile: run + "/events.jsonl", encoding: .utf8)).contains("data_changed"))
  }

  /// A comparison whose models are at different places when the images change.
  @Test func aComparison() throws {
    var steps = 0
    let all = ["compare", "mobilevit_xxs", "mobilenet_v2", "--data", data, "--run", run, "--json"] + Self.model.dropFirst(2)
    _ = try Program.run(all) { line, process in
      if line.contains("\"event\":\"step\"") { steps += 1 }
      if steps == 4 { process.interrupt() }
    }
    try remove("train/across/1.png")
    try put("train/across/new.png")
    let accepted = try Program.run(["compare", "--run", run, "--resume", "--no-ui", "--accept-changed-data"])
    #expect(accepted.code == 0, "\(accepted.errors)")
    #expect(accepted.output.split(separator: "\n").count { $0.contains("resumes with changed images") } == 2)
    let page = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
    #expect(page.contains("class=\"boundary\"") && page.contains(">data changed ("))
  }
}
