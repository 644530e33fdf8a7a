import Foundation
import PseudoTerminal
import Terminal
import TestImages
import Testing

/// The dashboard over real training, typed to and looked at through a terminal.
@Suite struct DashboardTests: DashboardBench {
  let folder: TestFolder
  let data: String

  init() throws { (folder, data) = try Self.make() }

  @Test func pausingChangesNothingAndTheTerminalIsLeftAsItWas() throws {
    let plain = try Program.run(train("plain", epochs: 2, adding: ["--no-ui"]))
    #expect(plain.code == 0, "\(plain.errors)")

    let terminal = try start(train("shown", epochs: 2))
    let modes = terminal.modes
    try wait(terminal, "mvit-tui")
    // Typed while the data is looked at: the trainer pauses before its first step, however quick the run is.
    terminal.type("p")
    try wait(terminal, "‖ paused")
    terminal.type("p")
    try wait(terminal, "■ finished")
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
    #expect(terminal.modes == modes)
    #expect(terminal.screen.text.contains("done; the run is in"))
    #expect(try model("shown") == model("plain"))
  }

  @Test func quittingAsksSavesAndCanBeResumed() throws {
    let terminal = try start(train("a", epochs: 100_000))
    try wait(terminal, "● training")
    terminal.type("q")
    try wait(terminal, "stop training?")
    terminal.type("g")
    try terminal.wait(for: "the dialog to go") { !$0.text.contains("stop training?") }
    terminal.type("q")
    try wait(terminal, "stop training?")
    terminal.type("s")
    #expect(try terminal.waitForExit() == .code(0))
    let evaluated = try Program.run([
      "evaluate", "--weights", folder.path + "/a/checkpoints/mobilevit_xxs/latest/model.safetensors", "--data", data,
    ])
    #expect(evaluated.code == 0, "\(evaluated.errors)")

    let resumed = try start(["train", "--run", folder.path + "/a", "--resume"])
    try wait(resumed, "resumed")
    resumed.send(SIGINT)
    #expect(try resumed.waitForExit() == .code(130))
  }

  /// The first evaluation is that of the third epoch: what the log has of it and what comes live must fit together.
  @Test func aRunThatIsEvaluatedNowAndThenGoesOnWithItsCurves() throws {
    let terminal = try start(train("l", epochs: 100_000, adding: ["--eval-every", "3"]))
    try wait(terminal, "best, epoch")
    terminal.send(SIGINT)
    #expect(try terminal.waitForExit() == .code(130))
    let resumed = try start(["train", "--run", folder.path + "/l", "--resume"])
    resumed.type("l")
    try wait(resumed, "evaluated, accuracy")
    resumed.send(SIGINT)
    #expect(try resumed.waitForExit() == .code(130))
  }

  @Test func aLostTerminalEndsTheDashboardAndNotTheRun() throws {
    let terminal = try start(train("b", epochs: 30))
    try wait(terminal, "● training")
    terminal.hangUp()
    #expect(try terminal.waitForExitWithoutReading(seconds: 120) == .code(0))
    let log = try String(contentsOfFile: folder.path + "/b/console.log", encoding: .utf8)
    #expect(log.hasSuffix("done\n"), "\(log)")
  }

  @Test func watchingShowsARunThatAnotherProcessWrote() throws {
    let trained = try Program.run(train("c", epochs: 2, adding: ["--no-ui"]))
    #expect(trained.code == 0, "\(trained.errors)")
    let before = try model("c")
    let terminal = try start(["watch", folder.path + "/c"])
    try wait(terminal, "mobilevit_xxs")
    try wait(terminal, "eval")
    terminal.type("p")
    try wait(terminal, "not touched")
    terminal.type("5")
    try wait(terminal, "by class")
    #expect(terminal.screen.text.contains("confusion") && terminal.screen.text.contains("epoch 2"), "\(terminal.screen.text)")
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
    #expect(try model("c") == before)
  }

  /// The logs of a model that diverged end early, and nothing in them says why.
  @Test func watchingShowsAModelThatDiverged() throws {
    let trained = try Program.run(train("d", epochs: 1, adding: ["--no-ui"]))
    #expect(trained.code == 0, "\(trained.errors)")
    let file = folder.path + "/d/checkpoints/mobilevit_xxs/diverged.json"
    try Data(#"{"cause":"loss","epoch":0,"format":1,"step":3}"#.utf8).write(to: URL(fileURLWithPath: file))
    let terminal = try start(["watch", folder.path + "/d"], size: Size(width: 140, height: 40))
    try wait(terminal, "diverged at step 3")
    terminal.type("7")
    try wait(terminal, "diverged at step 3 and is not trained further")
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
    #expect(try Program.run(["runs", folder.path]).output.contains("diverged at step 3"))
  }

  @Test func comparingEndsWithATable() throws {
    let terminal = try start(
      [
        "compare", "mobilevit_xxs", "mobilenet_v2", "--data", data, "--image-size", "32", "--batch-size", "4", "--epochs", "1", "--threads",
        "1", "--run", folder.path + "/d",
      ], size: Size(width: 120, height: 40))
    try wait(terminal, "■ finished")
    #expect(terminal.screen.text.contains("evaluation accuracy"))
    let live = looks(of: ["mobilevit_xxs", "mobilenet_v2"], on: terminal)
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
    let text = terminal.screen.text
    #expect(text.contains("params") && text.contains("mobilenet_v2: step 4"), "\(text)")
    #expect(text.contains("the comparison is in") && FileManager.default.fileExists(atPath: folder.path + "/d/report.html"))

    // Who watches the run sees each model as it was seen where it was trained, though its logs lie in another order.
    let watching = try start(["watch", folder.path + "/d"], size: Size(width: 120, height: 40))
    try watching.wait(for: "both models") { $0.text.contains("mobilevit_xxs") }
    watching.type("3")
    try watching.wait(for: "the comparison of both") { $0.text.contains("◆ mobile") && $0.text.contains("● mobile") }
    #expect(live.count == 2 && looks(of: ["mobilevit_xxs", "mobilenet_v2"], on: watching) == live)
    watching.type("q")
    #expect(try watching.waitForExit() == .code(0))
  }

  /// The marker in front of each model in a chart's legend, and its colour.
  private func looks(of models: [String], on terminal: PseudoTerminal) -> [Cell] {
    let rows = terminal.screen.text.split(separator: "\n", omittingEmptySubsequences: false)
    return models.compactMap { model in
      for (y, row) in rows.enumerated() {
        guard let range = row.range(of: " " + model) else { continue }
        let x = row.distance(from: row.startIndex, to: range.lowerBound) - 1
        if x >= 0, "●◆".contains(row[row.index(row.startIndex, offsetBy: x)]) { return terminal.screen.grid[x, y] }
      }
      return nil
    }
  }

  @Test func aThemeThatIsNoneIsToldBeforeAnything() throws {
    let file = folder.path + "/bad.toml"
    try "[colors]\ntext = \"#12\"\n".write(toFile: file, atomically: true, encoding: .utf8)
    let terminal = try start(train("e", epochs: 1, adding: ["--theme", file]))
    #expect(try terminal.waitForExit() == .code(64))
    #expect(terminal.screen.text.contains("bad.toml") && terminal.screen.text.contains("2"))
  }

  /// A theme's own name counts, whatever its file is called.
  @Test func aThemeGivenByItsFileIsTheOneThatIsShown() throws {
    let file = folder.path + "/my.toml"
    let source = try #require(Program.theme("light"))
    try FileManager.default.copyItem(atPath: source, toPath: file)
    func corner(_ theme: String) throws -> Cell {
      let terminal = try start(["watch", folder.path, "--theme", theme])
      try wait(terminal, "watching")
      terminal.type("8")
      try terminal.wait(for: "the theme's name") { $0.text.contains("theme") && $0.text.contains("light") }
      terminal.type("q")
      let cell = terminal.screen.grid[2, 2]
      #expect(try terminal.waitForExit() == .code(0))
      return cell
    }
    #expect(try corner(file) == corner("light"))
  }

  /// Wherever it lies: at the next start it is shown, and where another was chosen meanwhile it is still among those to choose from.
  @Test func aThemeGivenByItsFileStaysOneOfTheThemes() throws {
    let file = folder.path + "/mine.toml"
    let text = try String(contentsOfFile: #require(Program.theme("light")), encoding: .utf8)
    try text.replacing("name = \"light\"", with: "name = \"my-own\"").write(toFile: file, atomically: true, encoding: .utf8)
    func settings(adding more: [String] = [], in start: String = "/", _ body: (PseudoTerminal) throws -> Void) throws {
      let arguments = ["-c", "cd \(start) && exec \(Program.path) " + (["watch", folder.path] + more).joined(separator: " ")]
      let terminal = try PseudoTerminal("/bin/bash", arguments, environment: environment, size: Size(width: 200, height: 30))
      try wait(terminal, "watching")
      terminal.type("8")
      try wait(terminal, "kept for the next start")
      try body(terminal)
      terminal.type("q")
      #expect(try terminal.waitForExit() == .code(0))
    }
    try settings(adding: ["--theme", "mine.toml"], in: folder.path) { #expect($0.screen.text.contains("my-own")) }
    try settings { terminal in
      #expect(terminal.screen.text.contains("my-own"), "\(terminal.screen.text)")
      terminal.type("T")
      try wait(terminal, "theme: dark")
    }
    try settings { terminal in
      #expect(!terminal.screen.text.contains("my-own"))
      for name in ["colorblind", "high-contrast", "light", "monochrome", "my-own"] {
        terminal.type("T")
        try wait(terminal, "theme: \(name)")
      }
    }
    // One that is gone is told of, once, and the first takes its place.
    try FileManager.default.removeItem(atPath: file)
    try settings { terminal in
      terminal.type("7")
      try wait(terminal, "mine.toml: the theme cannot be read")
    }
    try settings { terminal in
      terminal.type("7")
      try wait(terminal, "nothing was said yet")
    }
  }

  @Test func symbolsAreKeptFromOneStartToTheNext() throws {
    let terminal = try start(["watch", folder.path])
    try wait(terminal, "╭")
    terminal.type("8\u{1B}[B")
    for value in ["braille", "block", "ascii"] {
      terminal.type("\u{1B}[C")
      try wait(terminal, value)
    }
    try terminal.wait(for: "a screen in ASCII") { $0.text.unicodeScalars.allSatisfy(\.isASCII) }
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
    let again = try start(["watch", folder.path])
    try wait(again, "watching")
    #expect(again.screen.text.unicodeScalars.allSatisfy { $0.isASCII }, "\(again.screen.text)")
    again.type("q")
    #expect(try again.waitForExit() == .code(0))
  }

  @Test func aSweepTrainsEachValueAndLeavesAReport() throws {
    let run = folder.path + "/f"
    let arguments = [
      "compare", "mobilevit_xxs", "--sweep", "weight-decay=0,1e-1", "--data", data, "--image-size", "32", "--batch-size", "4", "--epochs",
      "1",
      "--threads", "1", "--run", run,
    ]
    let compared = try Program.run(arguments)
    #expect(compared.code == 0, "\(compared.errors)")
    #expect(compared.output.contains("mobilevit_xxs@weight-decay=1e-1") && compared.output.contains("params"), "\(compared.output)")
    let html = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
    #expect(html.contains("<figcaption>Best accuracy by weight-decay") && html.contains("class=\"confusion\""))
    #expect(html.contains("<th scope=\"row\">sweep</th><td>weight-decay=0,1e-1</td>"))
    func weights(_ name: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: "\(run)/checkpoints/\(name)/latest/model.safetensors"))
    }
    #expect(try weights("mobilevit_xxs@weight-decay=0") != weights("mobilevit_xxs@weight-decay=1e-1"))
    // Each is what `train` alone makes of it.
    let alone = try Program.run(train("g", epochs: 1, adding: ["--no-ui", "--weight-decay", "0.1"]))
    #expect(alone.code == 0, "\(alone.errors)")
    #expect(try weights("mobilevit_xxs@weight-decay=1e-1") == model("g"))
    let evaluated = try Program.run([
      "evaluate", "--weights", "\(run)/checkpoints/mobilevit_xxs@weight-decay=0/latest/model.safetensors", "--data", data,
    ])
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    let again = try Program.run(["compare", "--run", run, "--resume"])
    #expect(again.code == 0 && again.output.contains("nothing to resume"), "\(again.errors)")
  }

  @Test func predictionsAreThereForAnyoneWhoLooksLater() throws {
    let terminal = try start(train("h", epochs: 1))
    try wait(terminal, "■ finished")
    terminal.type("m")
    try wait(terminal, "confusion")
    terminal.type("q")
    #expect(try terminal.waitForExit() == .code(0))
  }

  @Test func anInterruptedComparisonLeavesAReportToo() throws {
    let run = folder.path + "/i"
    let stopped = try Program.run([
      "compare", "mobilevit_xxs", "mobilenet_v2", "--data", data, "--image-size", "32", "--batch-size", "4", "--epochs", "100000",
      "--threads", "1", "--run", run, "--json",
    ]) { line, process in
      if line.contains("\"event\":\"evaluation\""), line.contains("mobilenet_v2") { kill(process.processIdentifier, SIGTERM) }
    }
    #expect(stopped.code == 143, "\(stopped.errors)")
    #expect(stopped.errors.contains("the comparison is in"))
    let html = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
    #expect(html.contains("ended early") && html.contains("mobilenet_v2"))
  }

  /// Foundation cannot take such a name apart.
  @Test func aRunMayBeCalledByOneLetter() throws {
    var arguments = train("x", epochs: 1, adding: ["--no-ui"])
    arguments[arguments.firstIndex(of: folder.path + "/x")!] = "x"
    let outcome = try Program.run(arguments, in: folder.path)
    #expect(outcome.code == 0 && FileManager.default.fileExists(atPath: folder.path + "/x/config.toml"), "\(outcome.errors)")
  }
}
