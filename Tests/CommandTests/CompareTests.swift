import Foundation
import ScalarLogs
import TestImages
import Testing

/// Comparisons through the program itself.
@Suite struct CompareTests {
  private let folder: TestFolder
  private let data: String
  private let models = ["mobilevit_xxs", "mobilenet_v2"]

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 4, eval: 2)
  }

  private func run(_ name: String) -> String { folder.path + "/" + name }

  private func flags(_ name: String) -> [String] {
    ["--data", data, "--image-size", "32", "--batch-size", "4", "--epochs", "2", "--threads", "1", "--run", run(name)]
  }

  /// Killed in the first and in the second model's part of an epoch, it ends as if nothing had happened.
  @Test func aKilledComparisonGoesOn() throws {
    let frequent = ["compare"] + models + ["--checkpoint-every", "1"]
    #expect(try Program.run(frequent + flags("whole")).code == 0)
    for (index, (model, step)) in [(models[0], 1), (models[1], 2), (models[0], 4), (models[1], 3)].enumerated() {
      let killed = try Program.run(frequent + flags("parts") + ["--json"] + (index > 0 ? ["--resume"] : [])) { line, process in
        if line.contains("\"model\":\"\(model)\"") && line.contains("\"step\":\(step),\"loss\"") {
          kill(process.processIdentifier, SIGKILL)
        }
      }
      #expect(killed.code == 128 + SIGKILL, "\(model) \(step): \(killed.errors)")
    }
    let resumed = try Program.run(["compare", "--run", run("parts"), "--resume"])
    #expect(resumed.code == 0 && resumed.output.contains("the comparison is in"), "\(resumed.errors)")
    for model in models {
      for file in ["model.safetensors", "optimizer.safetensors", "state.json"] {
        func bytes(_ name: String) throws -> Data {
          try Data(contentsOf: URL(fileURLWithPath: "\(run(name))/checkpoints/\(model)/latest/\(file)"))
        }
        #expect(try bytes("parts") == bytes("whole"), "\(model) \(file)")
      }
      func values(_ name: String) throws -> [String] {
        let records = try ScalarLogReader(ScalarLog(.visualDL, folder: "\(run(name))/scalars/\(model)", name: ".")).read()
        return records.filter { $0.tag != "train/images_per_second" }.map { "\($0.tag) \($0.step) \($0.value)" }
      }
      #expect(try values("parts") == values("whole"), "\(model)")
    }
  }

  /// The very command that began it, and one that means the same.
  @Test func aSweepIsResumedHoweverItIsSpelled() throws {
    let begun = try Program.run(["compare", models[0], "--sweep", "weight-decay=0, 1e-4"] + flags("a") + ["--json"]) { line, process in
      if line.contains("\"event\":\"evaluation\"") { kill(process.processIdentifier, SIGTERM) }
    }
    #expect(begun.code == 143, "\(begun.errors)")
    let resumed = try Program.run(["compare", models[0], "--sweep", "weight-decay=0, 0.0001"] + flags("a") + ["--resume"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    let again = try Program.run(["compare", models[0], "--sweep", "weight-decay=0, 1e-4"] + flags("a") + ["--resume"])
    #expect(again.code == 0 && again.output.contains("nothing to resume"), "\(again.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: run("a") + "/checkpoints").sorted()
    #expect(names == ["\(models[0])@weight-decay=0", "\(models[0])@weight-decay=1e-4"])
  }

  @Test func weightsBeginOneModelOnly() throws {
    #expect(try Program.run(["train", "--model", models[0]] + flags("a")).code == 0)
    let weights = run("a") + "/checkpoints/\(models[0])/latest/model.safetensors"
    let several = try Program.run(["compare"] + models + ["--weights", weights] + flags("b"))
    #expect(several.code == 64 && several.errors.contains("--weights"), "\(several.errors)")
    let one = try Program.run(["compare", models[0], "--sweep", "lr=0,0.01", "--weights", weights] + flags("b"))
    #expect(one.code == 0, "\(one.errors)")
  }
}
