import Foundation
import ScalarLogs
import TestImages
import Testing

/// Reports of runs that ended in all ways, and what `--resume` makes up for in a finished run.
@Suite struct ReportTests {
  private let folder: TestFolder
  private let data: String
  private let run: String

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 4, eval: 2)
    run = folder.path + "/run"
  }

  private var flags: [String] {
    ["--data", data, "--image-size", "32", "--batch-size", "4", "--epochs", "2", "--threads", "1", "--run", run, "--json"]
  }

  private var compared: [String] { ["compare", "mobilevit_xxs", "--sweep", "lr=0,0.01"] + flags }
  private let names = ["mobilevit_xxs@lr=0", "mobilevit_xxs@lr=0.01"]

  private func page() throws -> String { try String(contentsOfFile: run + "/report.html", encoding: .utf8) }
  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: run + "/" + path)) }
  private func resume() throws -> Program.Outcome { try Program.run(["compare", "--run", run, "--resume"]) }

  @Test func linesThatAreNoEventsAreReportedOnce() throws {
    #expect(try Program.run(["train", "--model", "mobilevit_xxs"] + flags).code == 0)
    #expect(try Program.run(["report", run]).errors.isEmpty)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: run + "/events.jsonl"))
    try file.seekToEnd()
    // The last one is torn, as a killed writer leaves it.
    try file.write(contentsOf: Data("\u{0}\u{0}\n{\"event\":\"step\"\n{\"event\":\"ste".utf8))
    try file.close()
    let reported = try Program.run(["report", run])
    #expect(reported.code == 0, "\(reported.errors)")
    let lines = reported.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains("events.jsonl: 2 lines hold no event"), "\(reported.errors)")
  }

  /// Never written, or of the session before: its process was killed between the last state and the page.
  @Test func aFinishedComparisonGetsTheReportThatIsMissing() throws {
    let stopped = try Program.run(compared) { line, process in
      if line.contains("\"event\":\"evaluation\"") { kill(process.processIdentifier, SIGTERM) }
    }
    #expect(stopped.code == 143, "\(stopped.errors)")
    let early = try page()
    #expect(early.contains("ended early: SIGTERM"))
    #expect(try resume().code == 0)
    let whole = try page()
    #expect(whole.contains("all epochs done"))
    let complete = try resume()
    #expect(complete.code == 0 && complete.output.contains("this run is finished; there is nothing to resume"), "\(complete.output)")

    for old in [nil, early, ""] {
      try FileManager.default.removeItem(atPath: run + "/report.html")
      if let old { try Data(old.utf8).write(to: URL(fileURLWithPath: run + "/report.html")) }
      let resumed = try resume()
      #expect(resumed.code == 0 && resumed.lines.count == 1, "\(resumed.errors)")
      #expect(resumed.output.contains("this run is finished, but its report was missing; it is in \(run)/report.html"), "\(resumed.output)")
      let made = try page()
      #expect(made.contains("all epochs done") && names.allSatisfy(made.contains) && made.contains("<h2>Confusion</h2>"))
    }
  }

  /// The evaluation is made again with the weights that are there; nothing else changes.
  @Test(arguments: ["predictions", "damaged", "log"]) func aFinishedRunRepeatsTheEvaluationThatIsMissing(what: String) throws {
    #expect(try Program.run(compared).code == 0)
    let name = names[1]
    let files = ["model.safetensors", "optimizer.safetensors", "state.json"].map { "checkpoints/\(name)/latest/\($0)" }
    let before = try files.map(bytes) + [bytes("predictions/\(name).json")]
    func values() throws -> [String] {
      try ScalarLogReader(ScalarLog(.visualDL, folder: "\(run)/scalars/\(name)", name: ".")).read()
        .filter { $0.tag != "train/images_per_second" }.map { "\($0.tag) \($0.step) \($0.value)" }
    }
    let curves = try values()
    switch what {
    case "predictions": try FileManager.default.removeItem(atPath: run + "/predictions")
    case "damaged": try Data("{".utf8).write(to: URL(fileURLWithPath: "\(run)/predictions/\(name).json"))
    default:
      let writer = try VisualDLWriter(folder: "\(run)/scalars/\(name)", clock: { 0 })
      try writer.cut { tag, step in !tag.hasPrefix("eval/") || step < 1 }
      try writer.synchronize()
    }
    let resumed = try resume()
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.output.contains("\(name) is finished, but its last evaluation is missing; it is evaluated again"), "\(resumed.output)")
    #expect(try files.map(bytes) + [bytes("predictions/\(name).json")] == before)
    #expect(try values() == curves)
    #expect(try resume().output.contains("nothing to resume"))
  }

  @Test func reportMakesThePageOfAnyRun() throws {
    var whileRunning: Program.Outcome?
    let killed = try Program.run(compared) { line, process in
      if line.contains("\"event\":\"step\""), line.contains("\"epoch\":1") {
        whileRunning = whileRunning ?? (try? Program.run(["report", run + "/"]))
        kill(process.processIdentifier, SIGKILL)
      }
    }
    #expect(killed.code == 128 + SIGKILL)
    let running = try #require(whileRunning)
    #expect(running.code == 0 && running.output == "\(run)/report.html\n", "\(running.errors)")
    #expect(try page().contains("still running"))
    let outcome = try Program.run(["report", run])
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let page = try page()
    #expect(page.contains("ended early: interrupted") && names.allSatisfy(page.contains) && page.contains("MACs an image"))
    #expect(try resume().code == 0)
    #expect(try Program.run(["report", run]).code == 0)
    #expect(try self.page().contains("all epochs done"))
  }

  @Test func aSingleRunAndOneThatNeverBeganHaveReportsToo() throws {
    let single = try Program.run(["train", "--model", "mobilevit_xxs"] + flags)
    #expect(single.code == 0 && !FileManager.default.fileExists(atPath: run + "/report.html"))
    #expect(try Program.run(["report", "run"], in: folder.path).output == "run/report.html\n")
    #expect(try page().contains("<h1>Run run</h1>"))
    for name in ["scalars", "checkpoints", "predictions", "events.jsonl"] { try FileManager.default.removeItem(atPath: run + "/" + name) }
    let empty = try Program.run(["report", run])
    #expect(empty.code == 0, "\(empty.errors)")
    #expect(try page().contains("ended early: interrupted"))
  }

  @Test func whatIsNoRunHasNoReport() throws {
    let missing = try Program.run(["report", folder.path + "/nowhere"])
    #expect(missing.code == 66 && missing.errors.contains("/nowhere: there is no such folder; name a run's folder"), "\(missing.errors)")
    let images = try Program.run(["report", data])
    #expect(images.code == 66 && images.errors.contains("is no run, as it has no config.toml"), "\(images.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: data).sorted() == ["eval", "train"])
    #expect(try Program.run(["report"]).code == 64)
    #expect(try Program.run(["report", ""]).code == 64)
  }

  // MARK: Dropped models

  /// At this rate every step multiplies the weights by a million.
  private func diverging(_ rates: String) -> [String] {
    ["compare", "mobilevit_xxs", "--sweep", "lr=" + rates, "--weight-decay", "1", "--schedule", "constant"]
      + flags.filter { $0 != "--json" }
  }

  @Test func aDivergedModelIsReportedEverywhereAndTheOtherFinishes() throws {
    let outcome = try Program.run(diverging("0.01,1e6"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let match = try #require(outcome.output.firstMatch(of: /mobilevit_xxs@lr=1e6 (diverged at step [0-9]+) and ends alone/))
    let words = String(match.1)
    #expect(outcome.lines.contains { $0.hasPrefix("mobilevit_xxs@lr=1e6: step") && $0.contains(words) }, "\(outcome.output)")
    #expect(outcome.lines.contains { $0.contains("mobilevit_xxs@lr=1e6, \(words)") }, "\(outcome.output)")
    #expect(try page().contains("mobilevit_xxs@lr=1e6 <span class=\"bad\">\(words)</span>"))
    let listed = try Program.run(["runs", folder.path])
    #expect(listed.lines.contains { $0.contains("mobilevit_xxs@lr=1e6") && $0.contains(words) }, "\(listed.output)")
    #expect(listed.lines.contains { $0.contains("mobilevit_xxs@lr=0.01") && $0.contains("finished") }, "\(listed.output)")
    let resumed = try resume()
    #expect(resumed.code == 0 && resumed.output.contains("nothing to resume"), "\(resumed.errors)")
    #expect(try Program.run(["report", run]).code == 0)
    #expect(try page().contains(words) && page().contains("all epochs done"))
  }

  @Test func withoutAnyModelLeftTheExitCodeIs70() throws {
    let outcome = try Program.run(diverging("1e6,9e5"))
    #expect(outcome.code == 70 && outcome.errors.contains("the training no longer gives finite numbers"), "\(outcome.errors)")
    #expect(try page().contains("ended early: diverged"))
    let resumed = try resume()
    #expect(resumed.code == 70, "\(resumed.output)\(resumed.errors)")
  }

  /// A comparison of a version that knew no other way, or one that asks for it.
  @Test func stopStillEndsTheWholeComparison() throws {
    let outcome = try Program.run(diverging("1e6,0.01") + ["--on-nan", "stop"])
    #expect(outcome.code == 70, "\(outcome.errors)")
    #expect(try String(contentsOfFile: run + "/config.toml", encoding: .utf8).contains("on-nan = \"stop\""))
    #expect(try resume().code == 70)
    #expect(!FileManager.default.fileExists(atPath: run + "/checkpoints/mobilevit_xxs@lr=1e6/diverged.json"))
  }
}
