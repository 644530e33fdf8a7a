import Foundation
import TestImages
import Testing

/// The command of `--on-end`.
@Suite struct EndCommandTests {
  private let folder: TestFolder
  private let flags: [String]
  /// Writes the variables of this program to a file, sorted.
  private let writes: String

  init() throws {
    folder = try TestFolder()
    flags = [
      "train", "--data", try folder.makeDataSet(train: 4, eval: 2), "--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "4",
      "--threads", "1", "--no-ui", "--run", folder.path + "/run",
    ]
    writes = "env | grep ^MVIT_ | sort > '\(folder.path)/end'; echo said"
  }

  /// What the command found in its environment; nil if it did not run.
  private func found() -> [String: String]? {
    guard let text = try? String(contentsOfFile: folder.path + "/end", encoding: .utf8) else { return nil }
    let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
    return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
  }

  @Test func aFinishedRunTellsWhatItReached() throws {
    let outcome = try Program.run(
      flags + ["--epochs", "2", "--json", "--on-end", writes + "; test -f '\(folder.path)/run/lock' || echo free"])
    #expect(outcome.code == 0)
    // Its words stay off the JSON lines.
    let last = try #require(try outcome.objects().last)
    #expect(last["event"] as? String == "end" && outcome.errors.contains("said\nfree\n"), "\(outcome.errors)")
    let variables = try #require(found())
    let best = try #require(
      try outcome.objects().filter { $0["event"] as? String == "evaluation" }.compactMap { $0["accuracy"] as? Double }.max())
    #expect(Double(variables["MVIT_BEST_ACCURACY"] ?? "") == best)
    var expected = [
      "MVIT_OUTCOME": "finished", "MVIT_EXIT_CODE": "0", "MVIT_MESSAGE": "all epochs are done", "MVIT_RUN": folder.path + "/run",
      "MVIT_MODELS": "mobilevit_xxs", "MVIT_BEST_MODEL": "mobilevit_xxs", "MVIT_EPOCHS": "2",
    ]
    expected["MVIT_BEST_ACCURACY"] = variables["MVIT_BEST_ACCURACY"]
    #expect(variables == expected)
  }

  @Test func aStoppedADivergedAndAFailedRunTellSo() throws {
    let stopped = try Program.run(flags + ["--epochs", "100000", "--json", "--on-end", writes]) { line, process in
      if line.contains("\"evaluation\"") { kill(process.processIdentifier, SIGINT) }
    }
    #expect(stopped.code == 130 && found()?["MVIT_OUTCOME"] == "stopped" && found()?["MVIT_EXIT_CODE"] == "130", "\(stopped.errors)")
    let wild = ["--lr", "1e6", "--weight-decay", "1000", "--schedule", "constant", "--checkpoint-every", "1", "--epochs", "9"]
    let diverged = try Program.run(flags.dropLast() + [folder.path + "/wild", "--on-end", writes] + wild)
    #expect(diverged.code == 70 && found()?["MVIT_OUTCOME"] == "diverged" && found()?["MVIT_EXIT_CODE"] == "70", "\(diverged.errors)")
    #expect(found()?["MVIT_MESSAGE"]?.hasPrefix("the training no longer gives finite numbers") == true)
    try Data("a\u{1B}b".utf8).write(to: URL(fileURLWithPath: folder.path + "/data/train/down/x\u{1B}.png"))
    let failed = try Program.run(flags.dropLast() + [folder.path + "/none", "--on-end", writes])
    #expect(failed.code == 65 && found()?["MVIT_OUTCOME"] == "failed" && found()?["MVIT_EXIT_CODE"] == "65", "\(failed.errors)")
    #expect(found()?["MVIT_MESSAGE"]?.contains("x\\u{1B}.png") == true, "\(found() ?? [:])")
  }

  @Test func aWrongFlagRunsNothing() throws {
    for wrong in [["--image-size", "31"], ["--run", folder.path + "/data"]] {
      #expect(try Program.run(flags + wrong + ["--on-end", writes]).code == 64)
      #expect(found() == nil)
    }
  }

  @Test func itsFailureIsReportedAndChangesNoCode() throws {
    let outcome = try Program.run(flags + ["--epochs", "1", "--on-end", "exit 3"])
    #expect(outcome.code == 0 && outcome.errors == "mvit-tui: --on-end: the command ended with code 3\n", "\(outcome.errors)")
  }

  /// Else ssh or sudo in the command would be stopped when they ask at the terminal, and the program would wait without end.
  @Test func itHasASessionOfItsOwn() throws {
    let reads = "read -r id name state parent group session rest < /proc/$$/stat; test \"$session\" = $$"
    let outcome = try Program.run(flags + ["--epochs", "1", "--on-end", reads])
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
  }

  @Test func theCommandOfAConfigurationIsReportedBeforeTheImagesAreRead() throws {
    let file = folder.path + "/config.toml"
    try "data = \"missing\"\non-end = \"true secret\"\n".write(toFile: file, atomically: true, encoding: .utf8)
    let outcome = try Program.run(["train", "--no-ui", "--config", file, "--run", folder.path + "/run"])
    #expect(outcome.code == 66, "\(outcome.errors)")
    #expect(outcome.output.contains("on-end of the configuration: /bin/sh will run true secret"), "\(outcome.output)")
  }

  /// The command sends the signals itself; what it waits for would not end in this test's life.
  @Test func aSecondSignalKillsIt() throws {
    let outcome = try Program.run(flags + ["--epochs", "1", "--on-end", "kill -INT $PPID; kill -TERM $PPID; sleep 100000 & wait"])
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("another signal kills it") && outcome.errors.contains("ended by signal 9"), "\(outcome.errors)")
  }

  @Test func aResumedRunHasTheCommandOfItsConfigurationAndSaysSo() throws {
    let first = try Program.run(flags + ["--epochs", "100000", "--json", "--on-end", writes]) { line, process in
      if line.contains("\"evaluation\"") { kill(process.processIdentifier, SIGINT) }
    }
    #expect(first.code == 130)
    try FileManager.default.removeItem(atPath: folder.path + "/end")
    let resumed = try Program.run(["train", "--no-ui", "--json", "--run", folder.path + "/run", "--resume"]) { line, process in
      if line.contains("\"evaluation\"") { kill(process.processIdentifier, SIGTERM) }
    }
    #expect(resumed.code == 143 && found()?["MVIT_OUTCOME"] == "stopped")
    #expect(resumed.errors.contains("on-end of the configuration: /bin/sh will run env | grep"), "\(resumed.errors)")
    let report = try Program.run(["report", folder.path + "/run"])
    let page = try String(contentsOfFile: folder.path + "/run/report.html", encoding: .utf8)
    #expect(report.code == 0 && page.contains("batch-size") && !page.contains("on-end"))
  }
}
