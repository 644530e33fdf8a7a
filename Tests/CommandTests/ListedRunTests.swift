import Foundation
import TestImages
import Testing

/// What `runs` says of runs that ended this way and that.
@Suite struct ListedRunTests {
  private let folder: TestFolder
  private let flags: [String]

  init() throws {
    folder = try TestFolder()
    flags = [
      "train", "--data", try folder.makeDataSet(train: 8, eval: 4), "--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "4",
      "--threads", "1", "--epochs", "1000", "--json", "--run", folder.path + "/run",
    ]
  }

  /// State and epochs as they are listed.
  private func listed() throws -> [Substring] {
    let outcome = try Program.run(["runs", folder.path])
    try #require(outcome.code == 0 && outcome.lines.count == 2, "\(outcome.output)\(outcome.errors)")
    return Array(outcome.lines[1].split(separator: " ")[1...3])
  }

  @Test func aRunIsRunningThenInterrupted() throws {
    var seen: [Substring] = []
    let killed = try Program.run(flags) { line, process in
      // After the first epoch's checkpoint.
      guard seen.isEmpty, line.contains("\"event\":\"evaluation\"") else { return }
      seen = (try? listed()) ?? ["?"]
      kill(process.processIdentifier, SIGKILL)
    }
    #expect(killed.code == 128 + SIGKILL)
    #expect(seen.prefix(2) == ["mobilevit_xxs", "running"])
    #expect(try listed().prefix(2) == ["mobilevit_xxs", "interrupted"])
  }

  @Test func aRunThatWasAskedToStopIsStopped() throws {
    let stopped = try Program.run(flags) { line, process in
      if line.contains("\"event\":\"evaluation\",\"model\":\"mobilevit_xxs\",\"epoch\":0") { kill(process.processIdentifier, SIGINT) }
    }
    #expect(stopped.code == 130)
    #expect(try listed().prefix(2) == ["mobilevit_xxs", "stopped"])
  }

  /// At this rate every step multiplies the weights by a thousand million.
  @Test(arguments: ["stop", "continue", "drop"]) func aRunWithoutFiniteNumbersHasDiverged(policy: String) throws {
    let diverged = try Program.run(
      flags + ["--lr", "1e6", "--weight-decay", "1000", "--schedule", "constant", "--checkpoint-every", "1", "--on-nan", policy]
        + ["--epochs", "3"])
    #expect(diverged.code == 70)
    #expect(diverged.lines.last == "{\"event\":\"end\",\"reason\":\"diverged\"}")
    #expect(diverged.lines.contains { $0.contains("\"loss\":null") && $0.hasSuffix("\"diverged\":true}") })
    let sentence = try #require(diverged.errors.split(separator: "\n").last)
    #expect(sentence.hasPrefix("mvit-tui: the training no longer gives finite numbers; the last good checkpoint is \(folder.path)/run/"))
    let another = "; begin a new run with a lower --lr"
    #expect(sentence.hasSuffix(policy == "stop" ? another + ", or resume this one with --on-nan continue" : another))
    let steps = diverged.lines.filter { $0.contains("\"event\":\"step\"") }.count
    #expect(policy != "continue" ? steps < 12 : steps == 12)
    #expect(try listed().prefix(2) == ["mobilevit_xxs", "diverged"])
  }
}
