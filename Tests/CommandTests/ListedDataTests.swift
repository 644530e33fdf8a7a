import Foundation
import SystemText
import TestImages
import Testing

/// Training, resuming, evaluating and predicting on archives and lists as on the folder that they are of.
@Suite struct ListedDataTests {
  private let folder: TestFolder
  private static let flags = ["--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "4", "--threads", "1", "--no-ui"]

  /// `work` with the tutorial's parts, `work.zip`, `work.tar` and `work.csv` of it.
  init() throws {
    folder = try TestFolder()
    let made = try folder.makeDataSet("made", train: 3, eval: 2)
    let files = FileManager.default
    try files.createDirectory(atPath: folder.path + "/work", withIntermediateDirectories: true)
    for (name, part) in [("train", "trainImages"), ("eval", "evalImages")] {
      try files.moveItem(atPath: made + "/" + name, toPath: folder.path + "/work/" + part)
    }
    let names = try files.subpathsOfDirectory(atPath: folder.path + "/work").filter { $0.hasSuffix(".png") }.sorted()
    let entries = names.map { ArchiveFiles.Entry($0, [UInt8](files.contents(atPath: folder.path + "/work/" + $0) ?? Data())) }
    try write(ArchiveFiles.zip(entries), "work.zip")
    try write(ArchiveFiles.tar(entries), "work.tar")
    let lines = names.map { name in
      let parts = name.split(separator: "/")
      return "\(name),\(parts[1]),\(parts[0])\n"
    }
    try write(Array(("path,label,part\n" + lines.joined()).utf8), "work/work.csv")
  }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/" + name))
  }

  private func run(_ arguments: [String]) throws -> Program.Outcome { try Program.run(arguments, in: folder.path) }

  private func weights(_ run: String) -> Data? {
    FileManager.default.contents(atPath: "\(folder.path)/\(run)/checkpoints/mobilevit_xxs/latest/model.safetensors")
  }

  @Test func aRunEndsWithTheSameBytes() throws {
    for data in ["work", "work.zip", "work.tar", "work/work.csv"] {
      let name = "run-" + SystemPath.name(of: data)
      let begun = try Program.run(["train", "--data", data, "--run", name, "--epochs", "2"] + Self.flags, in: folder.path) {
        line, process in
        if line.contains("epoch 1/2: ") { kill(process.processIdentifier, SIGINT) }
      }
      #expect([0, 130].contains(begun.code), "\(begun.errors)")
      let resumed = try run(["train", "--run", name, "--resume", "--no-ui"])
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(weights(name) != nil && weights(name) == weights("run-work"), "\(data)")
    }
    let evaluated = try ["work", "work.zip", "work.tar", "work/work.csv"].map { data in
      let outcome = try run(["evaluate", "--run", "run-work.zip", "--data", data, "--json"])
      #expect(outcome.code == 0 && outcome.output.contains("\"images\":4"), "\(outcome.errors)")
      return outcome.output
    }
    #expect(Set(evaluated).count == 1)
    let predicted = try ["work", "work.zip", "work.tar", "work/work.csv"].map { data in
      let outcome = try run(["predict", "--run", "run-work", data, "--json"])
      #expect(outcome.code == 0, "\(outcome.errors)")
      return outcome.lines.map { $0.replacingOccurrences(of: "\"\(data == "work/work.csv" ? "work" : data)/", with: "\"") }.sorted()
    }
    #expect(predicted[0].count == 10 && predicted.allSatisfy { $0 == predicted[0] })
  }

  @Test func whatCannotBeUsedIsSaid() throws {
    try write([0x1F, 0x8B, 8, 0], "work.tgz")
    let packed = try run(["train", "--data", "work.tgz"] + Self.flags)
    #expect(packed.code == 65 && packed.errors.contains("unpack it with `tar xf`, and give the folder"), "\(packed.errors)")
    try write(Array("file_name,breed\nevalImages/down/0.png,x\nevalImages/across/0.png,y\n".utf8), "work/breeds.csv")
    let columns = try run(["train", "--data", "work/breeds.csv"] + Self.flags)
    #expect(columns.code == 65 && columns.errors.contains("name the one that holds the class with --label-column"), "\(columns.errors)")
    let named = try run(["train", "--data", "work/breeds.csv", "--label-column", "breed", "--epochs", "1", "--run", "breeds"] + Self.flags)
    #expect(named.code == 0, "\(named.errors)")
    let measured = try run(["evaluate", "--run", "breeds", "--data", "work/breeds.csv", "--part", "all"])
    #expect(measured.code == 0 && measured.output.contains("2 images"), "\(measured.errors)")
    #expect(try run(["train", "--data", "none.zip"] + Self.flags).code == 66)
    #expect(try run(["predict", "--run", "breeds", "work.tgz"]).errors.contains("tar xf"))
  }
}
