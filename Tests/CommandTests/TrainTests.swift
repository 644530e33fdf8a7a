import Foundation
import ScalarLogs
import TestImages
import Testing
import WeightFiles

/// Training, evaluating and predicting through the program itself.
@Suite struct TrainTests {
  private let folder: TestFolder
  private let data: String
  private let flags: [String]

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 8, eval: 4)
    flags = [
      "train", "--data", data, "--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "4", "--epochs", "2", "--lr", "0.01",
      "--threads", "1",
    ]
  }

  private func run(_ name: String) -> String { folder.path + "/" + name }
  private func checkpoint(_ name: String, _ link: String = "latest") -> String { run(name) + "/checkpoints/mobilevit_xxs/" + link }
  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  @Test func theLinesOfJSONAreTheContracts() throws {
    let outcome = try Program.run(flags + ["--run", run("a"), "--json", "--tensorboard"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let objects = try outcome.objects()
    let keys: [String: Set<String>] = [
      "step": ["event", "model", "epoch", "step", "loss", "accuracy", "learning_rate", "images_per_second"],
      "evaluation": ["event", "model", "epoch", "step", "loss", "accuracy"], "checkpoint": ["event", "path", "kind"],
      "end": ["event", "reason"],
    ]
    for object in objects { #expect(Set(object.keys) == keys[object["event"] as? String ?? ""]) }
    func all(_ event: String) -> [[String: Any]] { objects.filter { $0["event"] as? String == event } }
    #expect(all("step").compactMap { $0["step"] as? Int } == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(all("step").compactMap { $0["epoch"] as? Int } == [0, 0, 0, 0, 1, 1, 1, 1])
    #expect(all("evaluation").compactMap { $0["epoch"] as? Int } == [0, 1])
    #expect(all("end").first?["reason"] as? String == "finished" && objects.last?["event"] as? String == "end")
    for checkpoint in all("checkpoint") { #expect((checkpoint["path"] as? String)?.hasPrefix(run("a") + "/checkpoints/") == true) }
    #expect(try String(contentsOfFile: run("a") + "/events.jsonl", encoding: .utf8) == outcome.output)

    // Both logs hold the very numbers of the lines. (Read as floats: JSONSerialization errs in the last bit of a double.)
    func numbers(_ event: String, _ key: String) -> [Float] { all(event).compactMap { $0[key] as? Double }.map(Float.init) }
    for format in [LogFormat.visualDL, .tensorBoard] {
      let records = try ScalarLogReader(ScalarLog(format, folder: run("a") + "/scalars/mobilevit_xxs", name: ".")).read()
      for (tag, key) in [("train/loss", "loss"), ("train/acc", "accuracy"), ("train/lr", "learning_rate")] {
        #expect(records.filter { $0.tag == tag }.map(\.value) == numbers("step", key))
      }
      #expect(records.filter { $0.tag == "eval/acc" }.map(\.value) == numbers("evaluation", "accuracy"))
    }
  }

  @Test func aCheckpointIsAllThatEvaluationAndPredictionNeed() throws {
    let trained = try Program.run(flags + ["--run", run("a"), "--json"])
    let last = try #require(try trained.objects().last { $0["event"] as? String == "evaluation" })
    let weights = checkpoint("a") + "/model.safetensors"
    let evaluated = try #require(try Program.run(["evaluate", "--weights", weights, "--data", data, "--json"]).objects().first)
    #expect(evaluated["accuracy"] as? Double == last["accuracy"] as? Double)
    #expect(Float(evaluated["loss"] as? Double ?? 0) == Float(last["loss"] as? Double ?? 1))
    #expect(evaluated["images"] as? Int == 8)

    let images = ["across/0", "down/1", "across/2"].map { "\(data)/eval/\($0).png" }
    let predicted = try Program.run(["predict", "--weights", weights, "--json", "--logits", "--top", "2"] + images)
    let objects = try predicted.objects()
    #expect(predicted.code == 0)
    #expect(objects.compactMap { $0["path"] as? String } == images)
    for object in objects {
      #expect(Set(object.keys) == ["path", "logits", "top"])
      let top = try #require(object["top"] as? [[String: Any]])
      #expect(Set(top.compactMap { $0["class"] as? String }) == ["across", "down"])
      #expect(abs(top.compactMap { $0["probability"] as? Double }.reduce(0, +) - 1) < 1e-6)
      let logits = try #require(object["logits"] as? [Double])
      #expect(top.first?["class"] as? String == (logits[0] >= logits[1] ? "across" : "down"))
    }
    let broken = try Program.run(["predict", "--weights", weights, "/no/such.png", images[0]])
    #expect(broken.code == 66 && broken.errors.contains("/no/such.png") && broken.lines.count == 1)
  }

  @Test func aRunIsRefusedResumedOrFinished() throws {
    #expect(try Program.run(flags + ["--run", run("a")]).code == 0)
    let refused = try Program.run(flags + ["--run", run("a")])
    #expect(refused.code == 64 && refused.errors.contains("--resume"))
    let finished = try Program.run(["train", "--run", run("a"), "--resume"])
    #expect(finished.code == 0 && finished.output.contains("finished"))
    let conflicting = try Program.run(flags + ["--run", run("a"), "--resume", "--epochs", "5", "--seed", "3", "--threads", "2"])
    #expect(conflicting.code == 64)
    #expect(conflicting.errors.contains("--epochs (5, the run has 2)") && conflicting.errors.contains("--seed (3, the run has 8888)"))
    #expect(!conflicting.errors.contains("--threads"))
    let listed = try Program.run(["runs", folder.path])
    #expect(listed.code == 0 && listed.lines.count == 2 && listed.lines[1].contains("finished") && listed.lines[1].contains("2/2"))
  }

  /// Without --run, each of two runs that begin at the same moment has a folder of its own.
  @Test func runsThatBeginTogetherHaveFoldersOfTheirOwn() throws {
    let line = flags.map { "'\($0)'" }.joined(separator: " ")
    let outcome = try Program.bash("$PROGRAM \(line) & first=$!; $PROGRAM \(line); second=$?; wait $first && exit $second", in: folder.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let listed = try Program.run(["runs"], in: folder.path)
    #expect(listed.lines.filter { $0.contains("finished") }.count == 2, "\(listed.output)")
  }

  @Test func itsOwnConfigurationRepeatsARun() throws {
    #expect(try Program.run(flags + ["--run", run("a")]).code == 0)
    #expect(try Program.run(["train", "--config", run("a") + "/config.toml", "--run", run("b")], in: "/").code == 0)
    for file in ["model.safetensors", "optimizer.safetensors", "state.json"] {
      #expect(try bytes(checkpoint("a") + "/" + file) == bytes(checkpoint("b") + "/" + file), "\(file)")
    }
    #expect(try bytes(run("a") + "/config.toml") == bytes(run("b") + "/config.toml"))
  }

  @Test(arguments: [(SIGINT, Int32(130), "SIGINT"), (SIGTERM, 143, "SIGTERM")])
  func signalsEndARunAfterACheckpoint(signal: Int32, code: Int32, name: String) throws {
    #expect(try Program.run(flags + ["--run", run("whole")]).code == 0)
    let stopped = try Program.run(flags + ["--run", run("a"), "--epochs", "2", "--json"]) { line, process in
      // Twice: the second one must not cost the checkpoint.
      if line.contains("\"step\":3,") {
        kill(process.processIdentifier, signal)
        kill(process.processIdentifier, signal)
      }
    }
    #expect(stopped.code == code, "\(stopped.errors)")
    #expect(stopped.lines.last == "{\"event\":\"end\",\"reason\":\"\(name)\"}")
    let steps = stopped.lines.filter { $0.contains("\"event\":\"step\"") }.count
    #expect(FileManager.default.fileExists(atPath: checkpoint("a", "step-\(steps)")))
    #expect(try Program.run(["train", "--run", run("a"), "--resume"]).code == 0)
    for file in ["model.safetensors", "optimizer.safetensors", "state.json"] {
      #expect(try bytes(checkpoint("a") + "/" + file) == bytes(checkpoint("whole") + "/" + file), "\(file)")
    }
  }

  @Test func aKilledRunGoesOn() throws {
    let frequent = flags + ["--checkpoint-every", "1"]
    #expect(try Program.run(frequent + ["--run", run("whole")]).code == 0)
    for step in [2, 4, 5] {
      let resuming = step > 2 ? ["--resume"] : []
      let killed = try Program.run(frequent + ["--run", run("a"), "--json"] + resuming) { line, process in
        if line.contains("\"step\":\(step),\"loss\"") { kill(process.processIdentifier, SIGKILL) }
      }
      #expect(killed.code == 128 + SIGKILL)
    }
    #expect(try Program.run(frequent + ["--run", run("a"), "--resume"]).code == 0)
    for file in ["model.safetensors", "optimizer.safetensors", "state.json"] {
      #expect(try bytes(checkpoint("a") + "/" + file) == bytes(checkpoint("whole") + "/" + file), "\(file)")
    }
    func values(_ name: String) throws -> [String] {
      let records = try ScalarLogReader(ScalarLog(.visualDL, folder: run(name) + "/scalars/mobilevit_xxs", name: ".")).read()
      return records.filter { $0.tag != "train/images_per_second" }.map { "\($0.tag) \($0.step) \($0.value)" }
    }
    #expect(try values("a") == values("whole"))
  }

  /// The reader of standard output goes away: the run ends as on SIGTERM, with a checkpoint.
  @Test func aClosedPipeEndsARun() throws {
    let line = flags.map { "'\($0)'" }.joined(separator: " ")
    let outcome = try Program.bash("$PROGRAM \(line) --run '\(run("a"))' --epochs 200 --json | head -n 2; exit ${PIPESTATUS[0]}")
    #expect(outcome.code == 143)
    #expect(outcome.lines.count == 2)
    #expect(FileManager.default.fileExists(atPath: checkpoint("a") + "/model.safetensors"))
  }

  /// A limit on file sizes stands for a full disk: the weights still fit, the optimizer's file and later checkpoints do not.
  @Test func whatCannotBeWrittenEndsARunWithItsLastCheckpointIntact() throws {
    #expect(
      try Program.run(flags + ["--run", run("a"), "--epochs", "4"]) { line, process in
        if line.contains("epoch 1/4: train") { kill(process.processIdentifier, SIGINT) }
      }.code == 130)
    let before = try FileManager.default.destinationOfSymbolicLink(atPath: checkpoint("a"))
    let full = try Program.bash("ulimit -f 1000; exec $PROGRAM train --run '\(run("a"))' --resume")
    #expect(full.code == 73, "\(full.errors)")
    #expect(full.errors.contains("model.safetensors") && full.errors.contains("raise the limit with `ulimit -f`"))
    #expect(!full.errors.contains(".partial"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: checkpoint("a")) == before)
    #expect(throws: Never.self) { try SafetensorsFile(path: checkpoint("a") + "/model.safetensors") }
    #expect(try Program.run(["train", "--run", run("a"), "--resume"]).code == 0)
  }

  @Test func aPlaceThatCannotBeWrittenIsTold() throws {
    let outcome = try Program.run(flags + ["--run", "/proc/no/run"])
    #expect(outcome.code == 73 && outcome.errors.contains("/proc/no"))
  }

  @Test func weightsCanBeGoneOnFrom() throws {
    #expect(try Program.run(flags + ["--run", run("a")]).code == 0)
    let weights = checkpoint("a") + "/model.safetensors"
    let tuned = try Program.run([
      "train", "--data", data, "--weights", weights, "--image-size", "32", "--epochs", "1", "--lr", "0", "--augment", "none",
      "--batch-size", "4", "--run", run("b"),
    ])
    #expect(tuned.code == 0, "\(tuned.errors)")
    let text = try String(contentsOfFile: run("b") + "/config.toml", encoding: .utf8)
    #expect(text.contains("model = \"mobilevit_xxs\"") && text.contains("normalization = \"tutorial\""))
    // At rate 0 only the running statistics move.
    let (before, after) = (try SafetensorsFile(path: weights), try SafetensorsFile(path: checkpoint("b") + "/model.safetensors"))
    #expect(try after.floats("head.fc.weight") == before.floats("head.fc.weight"))
    #expect(try after.floats("stem.bn.running_mean") != before.floats("stem.bn.running_mean"))

    let three = try folder.makeDataSet("three", classes: ["across", "down", "slanted"], train: 4, eval: 2)
    let other = try Program.run([
      "train", "--data", three, "--weights", weights, "--image-size", "32", "--epochs", "1", "--batch-size", "4", "--run", run("c"),
    ])
    #expect(other.code == 0, "\(other.errors)")
    #expect(other.output.contains("is for 2 classes, the data has 3: it starts at random"))
    let mismatch = try Program.run(["evaluate", "--weights", weights, "--data", three])
    #expect(mismatch.code == 65 && mismatch.errors.contains("class \"slanted\" does not occur in training"), "\(mismatch.errors)")
  }

  /// Stopped without a word, as by SIGSTOP or Ctrl-Z: the step under way took no longer for it, and there is as much left to do.
  @Test func timeInWhichTheProcessWasStoppedIsNoTimeAtWork() throws {
    let data = try folder.makeDataSet("stopped", train: 300, eval: 2)
    var isStopped = false
    let outcome = try Program.run([
      "train", "--data", data, "--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "2", "--epochs", "1", "--threads", "1",
      "--no-ui", "--json", "--run", folder.path + "/stopped-run",
    ]) { line, process in
      guard line.contains("\"step\":20,") else { return }
      kill(process.processIdentifier, SIGSTOP)
      var state = siginfo_t()
      isStopped =
        waitid(P_PID, id_t(process.processIdentifier), &state, WSTOPPED | WEXITED | WNOWAIT) == 0
        && Int(state.si_code) == Int(CLD_STOPPED)
      Thread.sleep(forTimeInterval: 5)
      kill(process.processIdentifier, SIGCONT)
    }
    #expect(outcome.code == 0, "\(outcome.errors)")
    let speeds = try outcome.objects().filter { $0["event"] as? String == "step" }.compactMap { $0["images_per_second"] as? Double }
    // Two images in five seconds would be 0.4 a second.
    #expect(isStopped && speeds.count == 300 && speeds.allSatisfy { $0 > 0.5 && $0 < 1e6 }, "\(speeds)")
    // The stop came between two steps of the run, or within one.
    let log = ScalarLog(.visualDL, folder: folder.path + "/stopped-run/scalars/mobilevit_xxs", name: ".")
    let times = try ScalarLogReader(log).read().filter { $0.tag == "train/loss" }.map(\.wallTime)
    #expect(times.count == 300 && zip(times, times.dropFirst()).contains { $1 - $0 > 4.5 }, "\(times)")
  }
}
