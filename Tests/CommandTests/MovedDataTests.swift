import Foundation
import TestImages
import Testing

/// Runs whose images lie elsewhere when they are resumed.
@Suite struct MovedDataTests {
  private let folder: TestFolder
  private let data: String

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 4, eval: 2)
  }

  private static let model = ["--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "4", "--epochs", "2", "--threads", "1"]
  private var run: String { folder.path + "/run" }

  /// Begins a run in `run` and interrupts it at its first step.
  private func begin(_ flags: [String], in place: String? = nil) throws {
    var isFirst = true
    let outcome = try Program.run(flags + ["--run", run, "--json"], in: place) { line, process in
      if line.contains("\"event\":\"step\""), isFirst {
        isFirst = false
        process.interrupt()
      }
    }
    try #require(outcome.code == 130, "\(outcome.errors)")
  }

  private func train(_ flags: [String]) throws { try begin(["train"] + Self.model + flags) }

  private func resume(_ flags: [String] = [], command: String = "train", in place: String? = nil) throws -> Program.Outcome {
    try Program.run([command, "--run", run, "--resume", "--no-ui"] + flags, in: place)
  }

  private func move(_ old: String, _ new: String) throws {
    try FileManager.default.moveItem(atPath: folder.path + "/" + old, toPath: folder.path + "/" + new)
  }

  private func configuration(_ run: String? = nil) throws -> String {
    try String(contentsOfFile: (run ?? self.run) + "/config.toml", encoding: .utf8)
  }

  private func expectFinished(_ outcome: Program.Outcome) {
    #expect(outcome.code == 0 && outcome.output.contains("done"), "\(outcome.output)\(outcome.errors)")
  }

  @Test func theErrorNamesTheFlagAndTheNextResumeNeedsNone() throws {
    try train(["--data", data])
    try move("data", "elsewhere")
    let missing = try resume()
    #expect(missing.code == 66)
    #expect(missing.errors.contains("\(data): there is no such folder; if it was moved, name the place where it is now with --data"))
    // Another folder is refused, and changes nothing.
    let other = try folder.makeDataSet("other", classes: ["across", "down"], train: 5, eval: 2)
    let refused = try resume(["--data", other])
    #expect(refused.code == 65 && refused.errors.contains("2 images are new (train/across/4.png, train/down/4.png)"), "\(refused.errors)")
    #expect(try configuration().contains("data = \"\(data)\""))

    var isFirst = true
    let stopped = try Program.run(["train", "--run", run, "--resume", "--json", "--data", folder.path + "/elsewhere/"]) { line, process in
      guard line.contains("\"event\":\"step\""), isFirst else { return }
      isFirst = false
      process.interrupt()
    }
    try #require(stopped.code == 130 || stopped.code == 0, "\(stopped.errors)")
    #expect(try configuration().contains("data = \"\(folder.path)/elsewhere\""))
    let last = try resume()
    #expect(last.code == 0, "\(last.errors)")
    #expect(!(try String(contentsOfFile: run + "/events.jsonl", encoding: .utf8)).contains("data_changed"))
  }

  /// The moved run ends with the bytes of one whose images stayed.
  @Test func theWeightsAreThoseOfAnUnmovedRun() throws {
    let whole = folder.path + "/whole"
    #expect(try Program.run(["train"] + Self.model + ["--data", data, "--run", whole, "--no-ui"]).code == 0)
    try train(["--data", data])
    try move("data", "elsewhere")
    expectFinished(try resume(["--data", folder.path + "/elsewhere"]))
    for file in ["model.safetensors", "optimizer.safetensors", "state.json"] {
      let path = "/checkpoints/mobilevit_xxs/latest/" + file
      #expect(FileManager.default.contentsEqual(atPath: whole + path, andPath: run + path), "\(file)")
    }
  }

  @Test func aFolderWithoutPartsKeepsItsDivision() throws {
    let plain = data + "/train"
    try train(["--data", plain, "--eval-fraction", "0.4"])
    try FileManager.default.moveItem(atPath: plain, toPath: folder.path + "/plain")
    expectFinished(try resume(["--data", folder.path + "/plain"]))
  }

  @Test func partsThatWereNamedMoveWithTheirFolderOrByTheirOwnFlags() throws {
    try train(["--data", data, "--train-dir", data + "/train", "--eval-dir", data + "/eval"])
    try move("data", "elsewhere")
    let missing = try resume()
    #expect(missing.code == 66 && missing.errors.contains("is now with --train-dir"), "\(missing.errors)")
    let place = folder.path + "/elsewhere"
    // The flag that the error names, then the one that the next error names.
    let half = try resume(["--train-dir", place + "/train"])
    #expect(half.code == 66 && half.errors.contains("is now with --eval-dir"), "\(half.errors)")
    let copy = folder.path + "/copy"
    try FileManager.default.copyItem(atPath: run, toPath: copy)
    expectFinished(try resume(["--train-dir", place + "/train", "--eval-dir", place + "/eval"]))
    #expect(try configuration().contains("train-dir = \"\(place)/train\""))
    // Both at once.
    let both = try Program.run(["train", "--run", copy, "--resume", "--no-ui", "--data", place])
    expectFinished(both)
    #expect(try configuration(copy).contains("eval-dir = \"\(place)/eval\""))
  }

  @Test func aTrainingPartAloneIsTheWholeOfTheData() throws {
    try train(["--train-dir", data + "/train"])
    try move("data", "elsewhere")
    let place = folder.path + "/elsewhere/train"
    expectFinished(try resume(["--train-dir", place]))
    #expect(try configuration().contains("\ndata = \"\(place)\"") && configuration().contains("\ntrain-dir = \"\(place)\""))
  }

  @Test func classFoldersBehindLinksMayMoveAndMayBecomeFolders() throws {
    try move("data/train/down", "disk")
    let link = data + "/train/down"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path + "/disk")
    try train(["--data", data])
    try move("disk", "mounted")
    let dead = try resume()
    #expect(
      dead.code == 65 && dead.errors.contains("mount the disk with the folder, or let the link lead to where the folder is now"),
      "\(dead.errors)")
    try FileManager.default.removeItem(atPath: link)
    // What is advised for a new run would take the class away.
    let classless = try resume()
    #expect(classless.code == 65 && classless.errors.contains("and a run keeps its classes; restore them"), "\(classless.errors)")
    let copy = folder.path + "/copy"
    try FileManager.default.copyItem(atPath: run, toPath: copy)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path + "/mounted")
    expectFinished(try resume())
    try FileManager.default.removeItem(atPath: link)
    try move("mounted", "data/train/down")
    expectFinished(try Program.run(["train", "--run", copy, "--resume", "--no-ui"]))
  }

  @Test func aComparisonMovesAsOne() throws {
    try begin(["compare", "mobilevit_xxs", "mobilenet_v2"] + Self.model.dropFirst(2) + ["--data", data])
    try move("data", "elsewhere")
    expectFinished(try resume(["--data", "elsewhere"], command: "compare", in: folder.path))
    #expect(FileManager.default.fileExists(atPath: run + "/report.html"))

    // The report of a finished comparison needs no image; a missing evaluation does.
    try FileManager.default.removeItem(atPath: run + "/report.html")
    try move("elsewhere", "third")
    let reported = try resume(command: "compare")
    #expect(reported.code == 0 && reported.output.contains("its report was missing"), "\(reported.errors)")
    try FileManager.default.removeItem(atPath: run + "/predictions/mobilenet_v2.json")
    let missing = try resume(command: "compare")
    #expect(missing.code == 66 && missing.errors.contains("--data"), "\(missing.errors)")
    expectFinished(try resume(["--data", folder.path + "/third"], command: "compare"))
    #expect(FileManager.default.fileExists(atPath: run + "/predictions/mobilenet_v2.json"))
  }

  @Test func runAndDataMoveTogetherAndThePathMayBeRelative() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/work/runs", withIntermediateDirectories: true)
    try move("data", "work/data")
    try begin(["train"] + Self.model + ["--data", "data"], in: folder.path + "/work")
    try move("run", "work/runs/a")
    try move("work", "moved")
    let outcome = try Program.run(
      ["train", "--run", "../runs/a", "--resume", "--no-ui", "--data", "../data"], in: folder.path + "/moved/runs")
    expectFinished(outcome)
    #expect(try configuration(folder.path + "/moved/runs/a").contains("data = \"\(folder.path)/moved/data\""))
  }

  /// A run inside of the data set is no part of it, before and after both moved.
  @Test func aRunInsideOfItsData() throws {
    try begin(["train"] + Self.model + ["--data", data + "/train"])
    try move("run", "data/train/run")
    try move("data/train", "inside")
    let outcome = try Program.run(
      ["train", "--run", folder.path + "/inside/run", "--resume", "--no-ui", "--data", folder.path + "/inside"])
    expectFinished(outcome)
  }

  /// A folder that holds nothing but one of its own name is looked through; renamed, it still is.
  @Test func aWrappedFolderMayBeRenamed() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/photos", withIntermediateDirectories: true)
    try move("data/train", "photos/photos")
    try train(["--data", folder.path + "/photos"])
    try move("photos", "pictures")
    let copy = folder.path + "/copy"
    try FileManager.default.copyItem(atPath: run, toPath: copy)
    expectFinished(try resume(["--data", folder.path + "/pictures"]))
    #expect(try configuration().contains("data = \"\(folder.path)/pictures/photos\""))
    expectFinished(try Program.run(["train", "--run", copy, "--resume", "--no-ui", "--data", folder.path + "/pictures/photos"]))
  }

  @Test func aFolderOfNoneOfTheImagesIsToldFromAChangedOne() throws {
    try train(["--data", data])
    try FileManager.default.createDirectory(atPath: folder.path + "/flat", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: data + "/train/across", toPath: folder.path + "/flat/across")
    try FileManager.default.copyItem(atPath: data + "/train/down", toPath: folder.path + "/flat/down")
    let refused = try resume(["--data", folder.path + "/flat"])
    #expect(refused.code == 65 && refused.errors.contains("holds none of the 12 images of the run; name"), "\(refused.errors)")
    expectFinished(try resume(["--data", data]))
  }
}
