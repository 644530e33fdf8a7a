import Foundation
import SystemText
import TestImages
import Testing

/// Names full of what terminals obey, through every command: none of it comes out, and all of it is kept.
@Suite struct PrintableOutputTests {
  /// C0 but for NUL, which no name holds, DEL, C1, marks of direction and line separators: 170 bytes.
  private static let commands = String(String.UnicodeScalarView((1..<0x3000).compactMap(Unicode.Scalar.init).filter(\.isCommand)))

  private let folder: TestFolder
  private let data: String
  private let classes = ["a" + commands, "b" + commands]

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet("data" + Self.commands, classes: classes, train: 4, eval: 2)
  }

  private func expectPrintable(_ text: String, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let found = Set(text.unicodeScalars.filter { $0.isCommand && $0 != "\n" })
    #expect(found.isEmpty, "\(what): \(found.map { String($0.value, radix: 16) }) in \(text.plainText)", sourceLocation: sourceLocation)
  }

  /// Runs the program and looks at all that it says.
  private func run(_ arguments: [String], code: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation) throws -> Program.Outcome {
    let outcome = try Program.run(arguments, in: folder.path)
    #expect(outcome.code == code, "\(outcome.errors)", sourceLocation: sourceLocation)
    expectPrintable(outcome.output, "\(arguments[0])'s output", sourceLocation: sourceLocation)
    expectPrintable(outcome.errors, "\(arguments[0])'s errors", sourceLocation: sourceLocation)
    return outcome
  }

  @Test func noCommandLetsOneOut() throws {
    let place = folder.path + "/run" + Self.commands
    let flags = ["--image-size", "32", "--batch-size", "4", "--epochs", "1", "--threads", "1"]
    let image = "\(data)/eval/\(classes[0])/0.png"
    let broken = data + "/eval/" + classes[1] + "/9" + Self.commands + ".png"
    try Data("text".utf8).write(to: URL(fileURLWithPath: broken))

    let compared = try run(
      ["compare", "mobilevit_xxs", "mobilenet_v2", "--data", data, "--run", place, "--json", "--skip-bad-images"] + flags)
    #expect(compared.errors.contains("left out \(broken.plainLine)"))
    let checkpoint = try #require(compared.objects().last { $0["event"] as? String == "checkpoint" }?["path"] as? String)
    #expect(checkpoint.hasPrefix(place + "/checkpoints/"))
    let trained = try run(
      ["train", "--model", "mobilevit_xxs", "--data", data, "--run", place + "2", "--no-ui", "--skip-bad-images"] + flags)
    #expect(trained.output.contains("run" + Self.commands.plainLine + "2") || trained.output.contains("done"))
    for name in ["", "2"] {
      let files = try #require(FileManager.default.enumerator(atPath: place + name)).compactMap { $0 as? String }
      let texts = files.filter { file in
        ["toml", "html", "json", "jsonl", "log"].contains { file.hasSuffix(".\($0)") && !file.contains("vdlrecords") }
      }
      #expect(texts.count >= 4, "\(texts)")
      for file in texts { expectPrintable(try String(contentsOfFile: "\(place)\(name)/\(file)", encoding: .utf8), file) }
    }

    let weights = checkpoint + "/model.safetensors"
    #expect(try run(["predict", "--weights", weights, image]).output.contains(classes[0].plainLine))
    let prediction = try #require(try run(["predict", "--weights", weights, image, "--json"]).objects().first)
    #expect(prediction["path"] as? String == image)
    #expect((prediction["top"] as? [[String: Any]])?.compactMap { $0["class"] as? String }.sorted() == classes)
    #expect(try run(["predict", "--weights", weights, broken], code: 65).errors.contains(broken.plainLine))
    _ = try run(["evaluate", "--weights", weights, "--data", data, "--skip-bad-images"])
    _ = try run(["evaluate", "--weights", weights, "--data", data, "--skip-bad-images", "--json"])
    let other = try folder.makeDataSet("other", classes: ["a", "c" + Self.commands], train: 1, eval: 1)
    #expect(try run(["evaluate", "--weights", weights, "--data", other], code: 65).errors.contains(Self.commands.plainLine))

    let listed = try run(["runs", folder.path])
    // The columns stay columns.
    let lines = listed.lines.filter { $0.contains("mobile") }
    #expect(lines.count == 3 && Set(lines.map { $0.distance(from: $0.startIndex, to: $0.range(of: "mobile")!.lowerBound) }).count == 1)
    #expect(try run(["train", "--run", place + "2", "--resume"]).output.contains("there is nothing to resume"))
    _ = try run(["watch", place], code: 64)
  }

  /// The argument parser repeats arguments, and our own errors do.
  @Test func noErrorRepeatsOne() throws {
    let commands = Self.commands
    let file = folder.path + "/a" + commands + ".toml"
    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: file)) }
    let cases: [([String], Int32)] = [
      ([commands], 64), (["train", "--" + commands], 64), (["train", "--epochs", commands], 64), (["train", "--epochs=" + commands], 64),
      (["models", commands], 64), (["train", "--data", commands], 66),
      (["train", "--data", data, "--model", commands], 64),
      (["train", "--data", data, "--optimizer", commands], 64), (["train", "--data", data, "--kernels", commands], 64),
      (["train", "--data", data, "--weights", commands], 66), (["train", "--data", data, "--theme", commands], 64),
      (["train", "--data", data, "--config", commands], 66), (["compare", "mobilevit_xxs", "--sweep", commands, "--data", data], 64),
      (["compare", "mobilevit_xxs", "--sweep", "lr=1," + commands, "--data", data], 64),
      (["evaluate", "--weights", commands, "--data", data], 66),
      (["predict", "--weights", commands, commands], 66), (["runs", commands], 66), (["watch", commands], 66),
      (["bench", "--model", commands, "--batch-size", "1", "--image-size", "32"], 64),
      (["train", "--data", data, "--run", "/proc/" + commands], 73),
    ]
    for (arguments, code) in cases {
      let outcome = try run(arguments, code: code)
      #expect(outcome.errors.contains("\\u{1B}") && outcome.output.isEmpty, "\(arguments.map(\.plainLine)): \(outcome.errors)")
      // An argument's line end begins no line.
      #expect(!outcome.errors.split(separator: "\n").contains { $0.hasPrefix("\\u{B}") })
    }
    for text in ["x = \(commands)", "\(commands.tomlQuoted) = 1", "optimizer = \(commands.tomlQuoted)", "[a]\n[a]"] {
      try write(text)
      #expect(try run(["train", "--config", file], code: 64).errors.contains("\\u{1B}"))
    }
  }
}
