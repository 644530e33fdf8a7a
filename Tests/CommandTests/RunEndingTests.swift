import Foundation
import TestImages
import Testing

/// The last lines of a run: where it lies, how good it is, what to do next.
@Suite struct RunEndingTests {
  private let folder: TestFolder
  private let flags: [String]

  init() throws {
    folder = try TestFolder()
    _ = try folder.makeDataSet("my photos", train: 4, eval: 2)
    flags = ["--data", "my photos", "--image-size", "32", "--batch-size", "4", "--threads", "1", "--no-ui", "--run", "a run"]
  }

  private var train: [String] { ["train", "--model", "mobilevit_xxs"] + flags }

  @Test func aFinishedRunNamesItsBestAndCommandsThatWork() throws {
    let part = folder.path + "/my photos/"
    try FileManager.default.copyItem(atPath: part + "eval", toPath: part + "test")
    let outcome = try Program.run(train + ["--epochs", "1"], in: folder.path)
    #expect(outcome.code == 0)
    let lines = outcome.lines.suffix(7)
    #expect(
      lines.first == "done"
        && lines.dropFirst().first?.wholeMatch(of: /the run is in a run; best accuracy [01]\.\d{4} \(mobilevit_xxs, epoch 1\)/) != nil)
    #expect(
      lines.dropFirst(2) == [
        "next:", "  mvit-tui evaluate --run 'a run' --data 'my photos' --part test", "  mvit-tui predict --run 'a run' IMAGE...",
        "  mvit-tui watch 'a run'", "  mvit-tui report 'a run'",
      ], "\(outcome.output)")
    let evaluate = try #require(lines.dropFirst(3).first?.replacing("  mvit-tui", with: "\"$PROGRAM\""))
    let evaluated = try Program.bash(evaluate, in: folder.path)
    #expect(evaluated.code == 0 && evaluated.output.contains("measuring 4 images in test"), "\(evaluated.errors)")
  }

  @Test func jsonKeepsTheLinesOffStandardOutput() throws {
    let outcome = try Program.run(train + ["--epochs", "1", "--json"], in: folder.path)
    #expect(try outcome.objects().last?["event"] as? String == "end")
    #expect(
      outcome.errors.contains("\nthe run is in a run; best accuracy ") && !outcome.errors.contains("--part test"), "\(outcome.errors)")
  }

  @Test func aStoppedRunNamesTheCommandThatResumesIt() throws {
    let outcome = try Program.run(["compare", "mobilevit_xxs", "mobilenet_v2"] + flags + ["--epochs", "100000"], in: folder.path) {
      line, process in
      if line.contains("evaluation loss") { kill(process.processIdentifier, SIGINT) }
    }
    #expect(outcome.code == 130 && outcome.lines.last == "  mvit-tui compare --run 'a run' --resume", "\(outcome.output)")
  }

  @Test func aComparisonNamesTheModelToPredictWith() throws {
    let outcome = try Program.run(["compare", "mobilevit_xxs", "mobilenet_v2"] + flags + ["--epochs", "1"], in: folder.path)
    let predict = try #require(outcome.lines.first { $0.hasPrefix("  mvit-tui predict") })
    #expect(outcome.output.contains("; best accuracy ") && predict.contains(" --model mobile"), "\(outcome.output)")
    let image = try Program.bash(
      predict.replacing("  mvit-tui", with: "\"$PROGRAM\"").replacing("IMAGE...", with: "'my photos/eval'"), in: folder.path)
    #expect(image.code == 0 && image.lines.count == 4, "\(image.errors)")
  }

  @Test func aLongRunSaysHowLongAndWhatWouldBeFaster() throws {
    let outcome = try Program.run(train + ["--epochs", "1000000", "--on-end", "true secret"], in: folder.path) { line, process in
      if line.hasPrefix("for example (") { kill(process.processIdentifier, SIGINT) }
    }
    #expect(outcome.code == 130)
    #expect(outcome.lines.contains { $0.wholeMatch(of: /about \d+ (h|d) \d\d (min|h) to go/) != nil }, "\(outcome.output)")
    #expect(outcome.output.contains("faster, by estimate: --epochs 5 about "))
    #expect(outcome.output.contains(": mvit-tui train --no-ui --model mobilevit_xxs --data 'my photos' --image-size 32 "))
    let log = try String(contentsOfFile: folder.path + "/a run/console.log", encoding: .utf8)
    #expect(log.contains("for example (") && !log.contains("secret"), "\(log)")
  }

  @Test func aConfigurationFromAPipeIsInNoCommand() throws {
    let outcome = try Program.bash(
      "exec \"$PROGRAM\" train --config <(echo 'epochs = 1000000') --data 'my photos' --model mobilevit_xxs --image-size 32 --no-ui --run r",
      in: folder.path
    ) { line, process in
      if line.hasPrefix("faster, by estimate") { kill(process.processIdentifier, SIGINT) }
    }
    #expect(outcome.output.contains("faster, by estimate") && !outcome.output.contains("for example"), "\(outcome.output)")
  }

  @Test func printedPathsOfAnyBytesWorkInAShell() throws {
    let first = try Program.bash(
      """
      mv 'my photos' $'p\\xe9' && cp -r $'p\\xe9/eval' $'p\\xe9/test'
      "$PROGRAM" train --data $'p\\xe9' --model mobilevit_xxs --image-size 32 --batch-size 4 --no-ui --epochs 1 --run=$'-r\\xf8\\n'
      """, in: folder.path)
    let evaluate = try #require(first.lines.first { $0.hasPrefix("  mvit-tui evaluate") }, "\(first.errors)")
    #expect(evaluate == #"  mvit-tui evaluate --run $'./-r\370\n' --data $'p\351' --part test"#)
    let second = try Program.bash(evaluate.replacing("  mvit-tui", with: "\"$PROGRAM\""), in: folder.path)
    #expect(second.code == 0, "\(second.errors)")
  }
}
