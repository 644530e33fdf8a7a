import Files
import Foundation
import TestImages
import Testing

/// The objects of `runs --json`.
@Suite struct ListedRunJSONTests {
  private let folder: TestFolder
  private var runs: String { folder.path + "/runs" }

  /// Runs of an epoch: a model alone, and a comparison.
  init() throws {
    folder = try TestFolder()
    let flags = [
      "--no-ui", "--data", try folder.makeDataSet(train: 4, eval: 2), "--image-size", "32", "--batch-size", "4", "--threads", "1",
      "--epochs", "1",
    ]
    for (name, command) in [("alone", ["train", "--model", "mobilevit_xxs"]), ("both", ["compare", "mobilevit_xxs", "mobilenet_v2"])] {
      let trained = try Program.run(command + flags + ["--run", "\(runs)/\(name)"])
      try #require(trained.code == 0, "\(trained.errors)")
    }
  }

  /// The objects by the last component of their paths.
  private func listed() throws -> [String: [String: Any]] {
    let outcome = try Program.run(["runs", runs, "--json"])
    try #require(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return Dictionary(
      uniqueKeysWithValues: try outcome.objects().map { (($0["path"] as? String)?.split(separator: "/").last.map(String.init) ?? "", $0) })
  }

  @Test func aRunHasTheDocumentedKeys() throws {
    let runs = try listed()
    #expect(runs.keys.sorted() == ["alone", "both"])
    let alone = try #require(runs["alone"])
    #expect(
      Set(alone.keys) == [
        "path", "state", "models", "best_accuracy", "best_epoch", "best_step", "best_model", "epochs_done", "epochs", "step", "began",
        "changed", "bytes", "by_model", "faults",
      ])
    #expect(alone["state"] as? String == "finished" && alone["models"] as? [String] == ["mobilevit_xxs"])
    #expect(alone["epochs_done"] as? Int == 1 && alone["epochs"] as? Int == 1 && alone["step"] as? Int == 2)
    // Epochs count from 0 in JSON.
    #expect(alone["best_epoch"] as? Int == 0 && (alone["faults"] as? [String])?.isEmpty == true)
    #expect((alone["began"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    let model = try #require((alone["by_model"] as? [[String: Any]])?.first)
    let bytes = try #require(model["checkpoint_bytes"] as? Int)
    // Weights and velocity of about a million floats each, counted once though three names lead there.
    #expect((7_000_000..<9_000_000).contains(bytes), "\(bytes)")
    #expect((alone["bytes"] as? Int ?? 0) > bytes)
    #expect(runs["both"]?["models"] as? [String] == ["mobilevit_xxs", "mobilenet_v2"])
    #expect((runs["both"]?["by_model"] as? [[String: Any]])?.compactMap { $0["model"] as? String } == ["mobilenet_v2", "mobilevit_xxs"])
  }

  @Test func aDamagedRunNamesItsFaultAndTheOthersAreListed() throws {
    let state = "\(runs)/alone/checkpoints/mobilevit_xxs/latest/state.json"
    try Data("{".utf8).write(to: URL(fileURLWithPath: state))
    let listed = try listed()
    #expect(listed["alone"]?["state"] as? String == "damaged")
    let faults = try #require(listed["alone"]?["faults"] as? [String])
    #expect(faults.count == 1 && faults[0].contains("state.json"), "\(faults)")
    #expect(listed["alone"]?["step"] as? Int == 2 && listed["alone"]?["best_accuracy"] == nil)
    #expect(listed["both"]?["state"] as? String == "finished")
    #expect(try Program.run(["runs", runs]).output.contains(" damaged "))
  }

  /// The first model diverges before the second has a checkpoint.
  @Test func aModelThatDivergedEndsNoRunOfOthers() throws {
    let checkpoints = "\(runs)/both/checkpoints/"
    let files = FileManager.default
    try #"{"format":1,"epoch":0,"step":1,"cause":"loss"}"#.write(
      toFile: checkpoints + "mobilevit_xxs/diverged.json", atomically: true, encoding: .utf8)
    var both = try #require(try listed()["both"])
    #expect(both["state"] as? String == "finished" && both["epochs_done"] as? Int == 1)
    try files.moveItem(atPath: checkpoints + "mobilenet_v2", toPath: folder.path + "/kept")
    both = try #require(try listed()["both"])
    #expect(both["state"] as? String == "finished" && both["epochs_done"] as? Int == 0 && both["epochs"] as? Int == 1, "\(both)")
    let events = "\(runs)/both/events.jsonl"
    let lines = try String(contentsOfFile: events, encoding: .utf8).split(separator: "\n").filter { !$0.contains("\"end\"") }
    try (lines.joined(separator: "\n") + "\n").write(toFile: events, atomically: true, encoding: .utf8)
    both = try #require(try listed()["both"])
    #expect(both["state"] as? String == "interrupted", "\(both)")
    try files.copyItem(atPath: checkpoints + "mobilevit_xxs", toPath: checkpoints + "mobilenet_v2")
    both = try #require(try listed()["both"])
    #expect(both["state"] as? String == "diverged" && both["epochs_done"] as? Int == 1, "\(both)")
  }

  @Test func aKilledRunIsAsFarAsItsLog() throws {
    let events = "\(runs)/alone/events.jsonl"
    let lines = try String(contentsOfFile: events, encoding: .utf8).split(separator: "\n").filter { !$0.contains("\"end\"") }
    let torn = "{\"event\":\"step\",\"model\":\"mobilevit_xxs\",\"epoch\":0,\"st"
    let step = "{\"event\":\"step\",\"model\":\"mobilevit_xxs\",\"epoch\":1,\"step\":7}"
    try (lines.joined(separator: "\n") + "\n" + step + "\n" + torn).write(toFile: events, atomically: true, encoding: .utf8)
    let alone = try #require(try listed()["alone"])
    #expect(alone["step"] as? Int == 7)
  }

  @Test(.enabled(if: geteuid() == 0)) func aFolderThatCannotBeSearchedIsAnError() throws {
    let outcome = try Program.bash(
      """
      chown -R 65534:65534 . && chmod 755 . && chmod 000 runs/alone
      setpriv --reuid=65534 --regid=65534 --clear-groups "$PROGRAM" runs runs --json; code=$?
      chmod 755 runs/alone
      exit $code
      """, in: folder.path)
    let objects = try outcome.objects()
    #expect(outcome.code == 0 && objects.count == 2)
    #expect(Set(objects[0].keys) == ["path", "error"] && objects[0]["path"] as? String == "runs/alone")
    #expect((objects[0]["error"] as? String)?.contains("Permission denied") == true)
    #expect(objects[1]["state"] as? String == "finished")
  }
}
