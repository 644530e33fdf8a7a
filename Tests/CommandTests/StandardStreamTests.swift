import Foundation
import TestImages
import Testing

/// Standard streams that are closed, and flags that have no effect without a terminal.
@Suite struct StandardStreamTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test(arguments: ["models", "runs .", "--version", "--help", "models --json", "train --data data --no-ui", "train --data data --json"])
  func aClosedOutputIsSaid(command: String) throws {
    _ = try folder.makeDataSet(train: 2, eval: 1)
    let outcome = try Program.bash("\"$PROGRAM\" \(command) >&-", in: folder.path)
    #expect(outcome.code == 73)
    #expect(outcome.errors == "mvit-tui: standard output is closed; leave out `>&-`, or send it to /dev/null\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["data"])
  }

  /// The next file to be opened would get the number of the closed stream, and what is said would land in it.
  @Test func nothingIsWrittenToFilesInPlaceOfAClosedStream() throws {
    let data = try folder.makeDataSet(train: 2, eval: 1)
    let flags = "--image-size 32 --batch-size 2 --epochs 1 --threads 1 --model mobilevit_xxs --data '\(data)'"
    for (name, streams) in [("open", ""), ("closed", "<&- 2>&-")] {
      let outcome = try Program.bash("\"$PROGRAM\" train \(flags) --run \(name) --no-ui \(streams)", in: folder.path)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    for file in ["config.toml", "checkpoints/mobilevit_xxs/latest/model.safetensors", "checkpoints/mobilevit_xxs/latest/state.json"] {
      let both = ["open", "closed"].map { FileManager.default.contents(atPath: "\(folder.path)/\($0)/\(file)") }
      #expect(both[0] != nil && both[0] == both[1], "\(file)")
    }
  }

  @Test(
    arguments: [
      ("NONSENSE", 64, "--theme NONSENSE: there is no such theme"), ("none/such.toml", 66, "none/such.toml: the theme cannot be read"),
      ("bad.toml", 64, "bad.toml, line 1: is not TOML at column 2"),
    ], ["--no-ui", "--json"])
  func aThemeIsCheckedWithoutADashboardToo(theme: (String, Int32, String), flag: String) throws {
    let data = try folder.makeDataSet(train: 2, eval: 1)
    try Data("[".utf8).write(to: URL(fileURLWithPath: folder.path + "/bad.toml"))
    let outcome = try Program.run(["train", "--data", data, "--theme", theme.0, flag, "--run", "run"], in: folder.path)
    #expect(outcome.code == theme.1 && outcome.output.isEmpty && outcome.errors.contains(theme.2), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/run"))
  }

  /// A configuration may come through a pipe; one that is no text is refused by its line.
  @Test func filesOfTextAreReadFromPipesAndMustBeUTF8() throws {
    let piped = try Program.bash("\"$PROGRAM\" train --config <(echo 'epoch = 1')", in: folder.path)
    #expect(piped.code == 64 && piped.errors.contains("line 1: \"epoch\" is not a setting"), "\(piped.errors)")
    try Data("lr = 0.1\nmodel = \"".utf8 + [0xFF] + "\"\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/latin.toml"))
    let latin = try Program.run(["train", "--config", "latin.toml"], in: folder.path)
    #expect(latin.code == 64 && latin.errors == "mvit-tui: latin.toml, line 2: is not UTF-8; save the file as UTF-8\n", "\(latin.errors)")
    let isFolder = try Program.run(["train", "--config", "."], in: folder.path)
    #expect(isFolder.code == 66 && isFolder.errors.contains(".: the configuration cannot be read: Is a directory"), "\(isFolder.errors)")
  }
}
