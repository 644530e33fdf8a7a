import Foundation
import TestImages
import Testing

#if arch(x86_64)  // whose bits the fixture has

  /// Runs of an older version, resumed, evaluated and predicted with: Tests/Fixtures/runs-before, made by its make.py.
  @Suite struct CompatibilityTests {
    private static let fixtures =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
      + "/Fixtures/runs-before/"

    private struct Expected: Decodable {
      struct Finished: Decodable {
        let model: String
        let optimizer: String
        let evaluate: String
        let predict: String
      }

      let step: Int
      let stopped: [String: [String: String]]
      let finished: [String: Finished]
    }

    @Test(arguments: ["train", "compare"])
    func aRunOfTheVersionBeforeEndsAsThatVersionEndedIt(name: String) throws {
      let folder = try TestFolder()
      let expected = try expectation(name)
      let run = try restore(name, expected, in: folder.path)
      // The settings of the run may be repeated on resume; others may not be given.
      let again = name == "train" ? ["--optimizer", "adamw", "--augment", "standard", "--lr", "0.001", "--dropout", "0.1"] : []
      let conflicting = try Program.run([name, "--run", run, "--resume", "--no-ui", "--seed", "6", "--normalization", "unit"] + again)
      let (normalization, seed) = name == "train" ? ("imagenet", 5) : ("tutorial", 8888)
      #expect(conflicting.code == 64)
      #expect(
        conflicting.errors.contains("another --normalization (unit, the run has \(normalization)), --seed (6, the run has \(seed));"))
      let resumed = try Program.run([name, "--run", run, "--resume", "--no-ui"] + again)
      try #require(resumed.code == 0, "\(resumed.errors)")
      for (model, old) in expected.finished {
        let latest = "\(run)/checkpoints/\(model)/latest/"
        #expect(try hash(ofDataIn: latest + "model.safetensors") == old.model, "\(model)")
        #expect(try hash(ofDataIn: latest + "optimizer.safetensors") == old.optimizer, "\(model)")
        let state = try json(contents("\(Self.fixtures)\(name)/\(model).finished.json"))
        #expect(holds(try json(contents(latest + "state.json")), all: state), "\(model)")

        let images = "\(folder.path)/images"
        let weights = ["--weights", latest + "model.safetensors", "--threads", "1", "--kernels", "portable", "--json"]
        let share = name == "train" ? ["--eval-fraction", "0.25", "--seed", "5"] : []
        try compare(Program.run(["evaluate", "--data", images] + share + weights), old.evaluate)
        let paths = try old.predict.split(separator: "\n").compactMap { try (json(Data($0.utf8)) as? [String: Any])?["path"] as? String }
        try #require(paths.count == 4)
        try compare(Program.run(["predict", "--logits"] + weights + paths, in: images), old.predict)
      }
    }

    private func expectation(_ name: String) throws -> Expected {
      try JSONDecoder().decode(Expected.self, from: contents("\(Self.fixtures)\(name)/expected.json"))
    }

    /// Puts the old run together again: its files as they were, its weights from the same steps trained anew.
    ///
    /// - Returns: the run's folder.
    private func restore(_ name: String, _ expected: Expected, in folder: String) throws -> String {
      let run = folder + "/run"
      try FileManager.default.copyItem(atPath: "\(Self.fixtures)\(name)/images", toPath: folder + "/images")
      try FileManager.default.copyItem(atPath: "\(Self.fixtures)\(name)/run", toPath: run)
      let config = try #require(String(data: contents(run + "/config.toml"), encoding: .utf8))
      try Data(config.replacing("\"DATA\"", with: "\"\(folder)/images\"").utf8).write(to: URL(fileURLWithPath: run + "/config.toml"))
      let again = folder + "/again"
      let trained = try Program.run(["train", "--config", run + "/config.toml", "--run", again, "--no-ui"])
      try #require(trained.code == 0, "\(trained.errors)")
      for (model, hashes) in expected.stopped {
        let checkpoints = "/checkpoints/\(model)"
        for (file, hash) in hashes {
          let place = "\(checkpoints)/step-\(expected.step)/\(file).safetensors"
          try #require(
            self.hash(ofDataIn: again + place) == hash, "\(model): \(file) of step \(expected.step) is not that of the old program")
          let new = try contents(again + place)
          try (contents(run + place + ".header") + new.dropFirst(headerLength(of: new))).write(to: URL(fileURLWithPath: run + place))
          try FileManager.default.removeItem(atPath: run + place + ".header")
        }
        // The fixture holds the newest checkpoint only.
        let best = run + checkpoints + "/best"
        if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: best), !FileManager.default.fileExists(atPath: best) {
          try FileManager.default.copyItem(atPath: "\(again)\(checkpoints)/\(target)", toPath: "\(run)\(checkpoints)/\(target)")
        }
      }
      return run
    }

    private func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    /// Bytes of a safetensors file before its data.
    private func headerLength(of file: Data) -> Int { file.prefix(8).enumerated().reduce(8) { $0 + Int($1.element) << (8 * $1.offset) } }

    private func hash(ofDataIn path: String) throws -> String {
      let start = headerLength(of: try contents(path)) + 1
      return String(try Program.bash("tail -c +\(start) '\(path)' | sha256sum").output.prefix(64))
    }

    private func compare(_ outcome: Program.Outcome, _ old: String) throws {
      #expect(outcome.code == 0, "\(outcome.errors)")
      let lines = old.split(separator: "\n")
      try #require(outcome.lines.count == lines.count)
      for (new, line) in zip(outcome.lines, lines) {
        #expect(holds(try json(Data(new.utf8)), all: try json(Data(line.utf8))), "\(new) against \(line)")
      }
    }

    private func json(_ data: Data) throws -> Any { try JSONSerialization.jsonObject(with: data) }

    private func text(_ value: Any) -> Data? { try? JSONSerialization.data(withJSONObject: [value], options: .sortedKeys) }

    /// Whether all that the old value holds is in the new one, which may hold keys besides.
    private func holds(_ new: Any, all old: Any) -> Bool {
      guard let old = old as? [String: Any], let new = new as? [String: Any] else {
        return text(new) == text(old)
      }
      return old.allSatisfy { key, value in new[key].map { holds($0, all: value) } ?? false }
    }
  }

#endif
