import Foundation
import TestImages
import Testing

/// `--resume` where there is no run: scripts pass it every time, people mistype a name.
@Suite struct ResumeWithoutRunTests {
  private let folder: TestFolder
  private let flags = "--model mobilevit_xxs --image-size 32 --batch-size 4 --epochs 1 --threads 1 --no-ui"

  init() throws {
    folder = try TestFolder()
    _ = try folder.makeDataSet(train: 4, eval: 2)
    let trained = try Program.bash("mkdir runs && \"$PROGRAM\" train --data data --run runs/tulips-a \(flags)", in: folder.path)
    try #require(trained.code == 0, "\(trained.errors)")
  }

  private func run(_ arguments: String) throws -> Program.Outcome { try Program.bash("\"$PROGRAM\" \(arguments)", in: folder.path) }

  @Test func aScriptsFirstRunBeginsAndSaysSo() throws {
    let begun = try run("train --data data --run runs/script --resume \(flags)")
    #expect(begun.code == 0 && begun.lines.first == "No run in runs/script; a new run begins.", "\(begun.output)\(begun.errors)")
    // So it is in an empty folder, and with the images named by a configuration.
    let configured = try Program.bash(
      "mkdir made && echo 'data = \"data\"' > a.toml && \"$PROGRAM\" train --config a.toml --run made/ --resume \(flags)", in: folder.path)
    #expect(configured.code == 0 && configured.output.contains("No run in made; a new run begins."), "\(configured.errors)")
    let again = try run("train --data data --run runs/script --resume \(flags)")
    #expect(again.code == 0 && !again.output.contains("a new run begins"))
  }

  @Test(arguments: [
    ("runs/tulips-b", "did you mean runs/tulips-a?"), ("runs/other/", "runs nearby: runs/tulips-a"), ("runs", "runs nearby: runs/tulips-a"),
    ("rnus/tulips-a", "check --run"),
  ])
  func withoutImagesNothingBegins(name: String, advice: String) throws {
    let refused = try run("train --run \(name) --resume --no-ui")
    #expect(refused.code == 66 && refused.errors.contains("holds no run to resume") && refused.errors.contains(advice), "\(refused.errors)")
  }

  @Test func nothingBeginsBelowAFolderThatDoesNotExist() throws {
    let refused = try run("train --data data --run rnus/tulips-a --resume \(flags)")
    #expect(refused.code == 66 && refused.errors.contains("there is no folder rnus"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/rnus"))
  }

  @Test func whereARunIsReadItsNameIsGuessedToo() throws {
    #expect(try run("evaluate --run tulips_a --data data").errors.contains("did you mean runs/tulips-a?"))
    #expect(try run("report runs/tulip-a").errors.contains("did you mean runs/tulips-a?"))
  }
}
