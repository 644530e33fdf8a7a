import Foundation
import TestImages
import Testing
import WeightFiles

/// What `evaluate` and `predict` take for weights and for images.
@Suite struct EvaluationChoiceTests {
  private let folder: TestFolder
  /// Class folders alone, ten images each.
  private let data: String
  private let run: String

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 10, eval: 1) + "/train"
    run = folder.path + "/run"
    let trained = try Program.run(Self.training(data, run) + ["--eval-fraction", "0.3", "--seed", "5"])
    try #require(trained.code == 0, "\(trained.errors)")
  }

  private static func training(_ data: String, _ run: String) -> [String] {
    [
      "train", "--data", data, "--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "7", "--epochs", "1", "--threads", "1",
      "--no-ui", "--run", run,
    ]
  }

  private func evaluate(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(["evaluate", "--threads", "1"] + arguments)
  }

  /// Trained with another share and seed than those by default; measured are the images that were set aside.
  @Test func theCheckpointsOwnSplitIsMeasured() throws {
    let events = try String(contentsOfFile: run + "/events.jsonl", encoding: .utf8).split(separator: "\n")
    let last = try #require(events.last { $0.contains("\"evaluation\"") })
    let logged = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
    let moved = folder.path + "/moved"
    try FileManager.default.moveItem(atPath: data, toPath: moved)
    let object = try #require(try evaluate("--run", run, "--data", moved, "--json").objects().first)
    #expect(object["images"] as? Int == 6 && object["part"] as? String == "eval" && object["source"] as? String == "checkpoint")
    // Logs hold float32.
    let (measured, accuracy) = (try #require(object["accuracy"] as? Double), try #require(logged["accuracy"] as? Double))
    #expect(Float(measured) == Float(accuracy))
    let text = try evaluate("--weights", run + "/", "--data", moved, "--part", "train")
    #expect(text.output.contains("measuring 14 images, trained on when the weights were trained on this folder"), "\(text.output)")
    #expect(text.errors.isEmpty)
  }

  /// The share divides any folder whose classes the weights know; a share of 1 is all of it.
  @Test func aShareOfAnotherFolder() throws {
    let one = folder.path + "/one"
    try FileManager.default.copyItem(atPath: data, toPath: one)
    for (share, count) in [("0.3", 6), ("1", 20)] {
      let whole = try evaluate("--run", run, "--data", one, "--eval-fraction", share, "--json").objects().first
      #expect(whole?["images"] as? Int == count && whole?["source"] as? String == "flags")
    }
    #expect(try evaluate("--run", run, "--data", one, "--eval-fraction", "1", "--part", "train").code == 64)
    #expect(try evaluate("--run", run, "--data", one, "--eval-fraction", "1.5").code == 64)
    try FileManager.default.moveItem(atPath: one + "/down", toPath: one + "/zebra")
    let other = try evaluate("--run", run, "--data", one, "--eval-fraction", "0.3")
    #expect(other.code == 65 && other.errors.contains("class \"zebra\" does not occur in training"), "\(other.errors)")
  }

  @Test func flagsWithoutEffectAreReported() throws {
    let parts = try folder.makeDataSet("parts", train: 2, eval: 3)
    let outcome = try evaluate("--run", run, "--data", parts, "--eval-fraction", "0.5", "--seed", "2", "--json")
    #expect(try outcome.objects().first?["images"] as? Int == 6)
    #expect(outcome.errors.contains("--eval-fraction and --seed have no effect: \(parts) has parts of its own"), "\(outcome.errors)")
    let trained = try Program.run(Self.training(parts, folder.path + "/second") + ["--eval-fraction", "0.3"])
    #expect(trained.output.contains("--eval-fraction has no effect: \(parts) has an evaluation part of its own"), "\(trained.output)")
    #expect(try !evaluate("--run", run, "--data", data, "--seed", "5").errors.contains("no effect"))
  }

  @Test func trainedImagesElsewhereAreReported() throws {
    let copy = folder.path + "/copy"
    try FileManager.default.copyItem(atPath: data, toPath: copy)
    try FileManager.default.moveItem(atPath: copy + "/down/3.png", toPath: copy + "/down/renamed.png")
    let outcome = try evaluate("--run", run, "--data", copy, "--json")
    #expect(try outcome.objects().first?["images"] as? Int == 20)
    let warning = "these images include some that the weights were trained on (14 of 14 looked for)"
    #expect(outcome.errors.contains(warning), "\(outcome.errors)")
    let fresh = try folder.makeDataSet("fresh", train: 1, eval: 2) + "/eval"
    let silent = try evaluate("--run", run, "--data", fresh, "--json")
    #expect(try silent.objects().first?["images"] as? Int == 4)
    #expect(silent.errors.isEmpty, "\(silent.errors)")
  }

  @Test func weightsThatRecordNothingAreReported() throws {
    let file = try SafetensorsFile(path: run + "/checkpoints/mobilevit_xxs/latest/model.safetensors")
    let bare = folder.path + "/bare.safetensors"
    var metadata = file.metadata
    for key in ["split_seed", "split_fraction", "data_fingerprint", "training_sample"] {
      #expect(metadata.removeValue(forKey: key) != nil)
    }
    try rewrite(file, metadata: metadata, to: bare)
    let outcome = try evaluate("--weights", bare, "--data", data, "--json")
    #expect(outcome.code == 0 && outcome.errors.contains("does not record which images it was trained on"), "\(outcome.errors)")
    // Beside the state of a version that recorded the split there alone, it is known.
    let old = folder.path + "/old/step-2"
    try FileManager.default.createDirectory(atPath: old, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: run + "/checkpoints/mobilevit_xxs/step-2/state.json", toPath: old + "/state.json")
    try FileManager.default.copyItem(atPath: bare, toPath: old + "/model.safetensors")
    let known = try evaluate("--weights", folder.path + "/old", "--data", data, "--json")
    #expect(try known.objects().first?["source"] as? String == "checkpoint" && known.errors.isEmpty, "\(known.errors)")
  }

  private func rewrite(
    _ file: SafetensorsFile, metadata: [String: String], to path: String, spoiling name: String? = nil
  ) throws {
    let floats = try file.tensors.filter { $0.type == .float32 }.map { tensor in
      var values = try file.floats(tensor.name)
      if tensor.name == name { values[0] = .nan }
      return (tensor, values)
    }
    func write(_ rest: ArraySlice<(StoredTensor, [Float])>, _ done: [TensorToWrite]) throws {
      guard let (tensor, values) = rest.first else { return try SafetensorsWriter.write(done, metadata: metadata, to: path) }
      try values.withUnsafeBufferPointer {
        try write(rest.dropFirst(), done + [TensorToWrite(tensor.name, shape: tensor.shape, .floats($0))])
      }
    }
    try write(floats[...], [])
  }

  @Test func weightsThatAreNotFiniteEndWith70() throws {
    let file = try SafetensorsFile(path: run + "/checkpoints/mobilevit_xxs/latest/model.safetensors")
    let spoilt = folder.path + "/spoilt.safetensors"
    try rewrite(file, metadata: file.metadata, to: spoilt, spoiling: "stem.bn.running_var")
    let image = data + "/down/1.png"
    for outcome in [
      try evaluate("--weights", spoilt, "--data", data), try Program.run(["predict", "--weights", spoilt, image, "--threads", "1"]),
    ] {
      #expect(outcome.code == 70 && outcome.output.isEmpty)
      #expect(outcome.errors.contains("\(spoilt): \"stem.bn.running_var\" holds values that are not finite numbers"), "\(outcome.errors)")
    }
  }

  @Test func aFolderIsPredictedInOrder() throws {
    try Data("words".utf8).write(to: URL(fileURLWithPath: data + "/down/notes.txt"))
    let outcome = try Program.run(["predict", "--run", run, data, "--json", "--threads", "1"])
    let names = (0..<10).map(String.init)
    #expect(
      try outcome.objects().compactMap { $0["path"] as? String }
        == ["across", "down"].flatMap { label in names.map { "\(data)/\(label)/\($0).png" } })
    #expect(outcome.code == 0 && outcome.errors == "mvit-tui: passed over what is no image: \(data)/down/notes.txt\n", "\(outcome.errors)")
    let empty = folder.path + "/empty"
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    let nothing = try Program.run(["predict", "--run", run, empty, "--threads", "1"])
    #expect(nothing.code == 65 && nothing.errors.contains("holds no image"), "\(nothing.errors)")
  }

  /// Which of the runs is meant, and which model of it.
  @Test func runsAndTheirModels() throws {
    let both = folder.path + "/both"
    let compared = try Program.run([
      "compare", "mobilevit_xxs", "mobilenet_v2", "--data", data, "--image-size", "64", "--batch-size", "10", "--epochs", "1", "--threads",
      "1", "--no-ui", "--run", both,
    ])
    try #require(compared.code == 0, "\(compared.errors)")
    let unclear = try evaluate("--run", both, "--data", data)
    #expect(unclear.code == 64 && unclear.errors.contains("--model: mobilenet_v2, mobilevit_xxs"), "\(unclear.errors)")
    let chosen = try evaluate("--weights", both, "--model", "mobilenet_v2", "--data", data, "--json")
    #expect(try chosen.objects().first?["model"] as? String == "mobilenet_v2")
    #expect(try evaluate("--run", both, "--model", "mobilevit_s", "--data", data).code == 64)
    #expect(try evaluate("--run", folder.path + "/none", "--data", data).code == 66)
    #expect(try evaluate("--run", both, "--weights", both, "--data", data).code == 64)
    #expect(try evaluate("--data", data).code == 64)
  }
}
