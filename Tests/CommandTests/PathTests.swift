import Foundation
import TestImages
import Testing

/// `link/..` is the parent of what the link leads to, in every flag that takes a path.
///
///     photos/, run/          two classes
///     real/inner/            where `link` leads
///     real/photos/           three classes
@Suite struct PathsOfTheSystemTests {
  private let folder: TestFolder
  private let flags = ["--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "4", "--threads", "1", "--no-ui"]

  init() throws {
    folder = try TestFolder()
    _ = try folder.makeDataSet("photos", train: 2, eval: 1)
    _ = try folder.makeDataSet("real/photos", classes: ["across", "down", "slanted"], train: 2, eval: 1)
    try FileManager.default.createDirectory(atPath: folder.path + "/real/inner", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "real/inner")
  }

  private func run(_ arguments: [String], in place: String? = nil) throws -> Program.Outcome {
    try Program.run(arguments, in: place ?? folder.path)
  }

  @Test func trainingEvaluatingAndResumingUseTheSameFolder() throws {
    let begun = try Program.run(
      ["train", "--data", "link/../photos", "--run", "link/../run", "--epochs", "100000"] + flags, in: folder.path
    ) { line, process in if line.contains("evaluation loss") { kill(process.processIdentifier, SIGINT) } }
    #expect(begun.code == 130, "\(begun.errors)")
    #expect(FileManager.default.fileExists(atPath: folder.path + "/real/run/config.toml"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/run"))
    let weights = "link/../run/checkpoints/mobilevit_xxs/latest/model.safetensors"
    for data in ["link/../photos", "real/photos"] {
      let evaluated = try run(["evaluate", "--weights", weights, "--data", data])
      #expect(evaluated.code == 0 && evaluated.output.contains("3 images"), "\(evaluated.errors)")
    }
    #expect(try !run(["evaluate", "--weights", weights, "--data", "photos"]).output.contains("3 images"))
    #expect(try run(["runs", "link/.."]).output.contains("mobilevit_xxs"))

    // From another folder, by other spellings of the same path; other images are refused.
    let elsewhere = folder.path + "/real/inner"
    let other = try run(["train", "--run", "../run", "--resume", "--data", "../../photos"] + flags, in: elsewhere)
    #expect(other.code == 65 && other.errors.contains("\(folder.path)/photos: "), "\(other.errors)")
    let resumed = try Program.run(["train", "--run", "../run/", "--resume", "--data", "../photos", "--no-ui"], in: elsewhere) {
      line, process in
      if line.contains("evaluation loss") { kill(process.processIdentifier, SIGINT) }
    }
    #expect(resumed.code == 130, "\(resumed.errors)")
  }

  @Test func filesAreFoundThroughLinksAndTheirPathsStartAtTheirFolder() throws {
    let run = folder.path + "/real/begun"
    try Data("data = \"inner/../photos\"\nepochs = 1\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/real/run.toml"))
    let trained = try self.run(["train", "--config", "link/../run.toml", "--run", run] + flags)
    #expect(trained.code == 0, "\(trained.errors)")
    let text = try String(contentsOfFile: run + "/config.toml", encoding: .utf8)
    #expect(text.contains("/real/photos\"") || text.contains("link/../photos\""), "\(text)")
    // Weights of a checkpoint, named through the link; the configuration that notes them repeats the run from anywhere.
    let weights = "link/../begun/checkpoints/mobilevit_xxs/best/model.safetensors"
    let again = try self.run(["train", "--config", "link/../run.toml", "--weights", weights, "--run", "again"] + flags)
    #expect(again.code == 0, "\(again.errors)")
    let repeated = try self.run(
      ["train", "--config", folder.path + "/again/config.toml", "--run", folder.path + "/third", "--no-ui"], in: "/")
    #expect(repeated.code == 0, "\(repeated.errors)")
    let bytes = ["again", "third"].map {
      FileManager.default.contents(atPath: "\(folder.path)/\($0)/checkpoints/mobilevit_xxs/latest/model.safetensors")
    }
    #expect(bytes[0] != nil && bytes[0] == bytes[1])
    let theme = try #require(Program.theme("light"))
    try FileManager.default.copyItem(atPath: theme, toPath: folder.path + "/real/mine.toml")
    #expect(
      try self.run(["train", "--data", "photos", "--theme", "link/../mine.toml", "--epochs", "1", "--run", "themed"] + flags).code == 0)
  }

  /// A path longer than Foundation's buffer, named whole and from within: it came out as nothing.
  @Test(arguments: ["a", "\u{E9}"]) func aLongPathIsUsedAndShownWhole(letter: String) throws {
    let name = String(repeating: letter, count: 200 / letter.utf8.count)
    let path = folder.path + "/" + Array(repeating: name, count: 17).joined(separator: "/")
    // Made step by step: the path of the last is longer than some calls take.
    let made = try Program.bash(
      "for i in {1..17}; do mkdir '\(name)' && cd -P '\(name)'; done; mkdir class; echo 'epoch = 1' > a.toml", in: folder.path)
    #expect(made.code == 0, "\(made.errors)")
    func inside(_ command: String) throws -> Program.Outcome {
      try Program.bash("cd '\(path)' && \"$PROGRAM\" \(command)", in: folder.path)
    }
    for outcome in [try inside("train --data . --run '\(folder.path)/run'"), try run(["train", "--data", path])] {
      #expect(outcome.code == 65 && outcome.errors.contains("\(path): no image in class \"class\""), "\(outcome.errors)")
    }
    #expect(try inside("train --config a.toml").errors.contains("a.toml, line 1: \"epoch\" is not a setting"))
  }

  /// Without a folder to start from, a relative path is none: above all it is not the root's.
  @Test func aRemovedFolderIsMissing() throws {
    let command = "\"$PROGRAM\" train --data photos --run '\(folder.path)/run'"
    let outcome = try Program.bash("mkdir gone && cd gone && rmdir ../gone && \(command)", in: folder.path)
    #expect(outcome.code == 66 && outcome.errors.contains("photos: there is no such folder"), "\(outcome.errors)")
  }
}
