import Files
import NumberFormats
import SystemText
import Training
import TrainingEvents

extension DescribedWeights {
  /// Python code that reads pictures likewise.
  var python: String { snippet.text }

  private var snippet: PythonSnippet {
    // Python is run anywhere.
    let file = SystemPath.absolute(path)
    return PythonSnippet(file: file, model: model, scheme: scheme, preprocessing: preprocessing, classNames: classNames)
  }

  /// The state beside a checkpoint's weights; nil for a file from elsewhere.
  ///
  /// - Throws: `CheckpointError`, `FileSystemError` for a state that cannot be used.
  fileprivate var state: CheckpointState? {
    get throws {
      let folder = SystemPath.parent(of: path)
      guard path.hasSuffix("model.safetensors"), !FileSystem.isMissing(folder + "/state.json") else { return nil }
      return try Checkpoint(reading: folder).state
    }
  }

  /// For people.
  var lines: [String] {
    get throws {
      var lines = [
        path, "model: \(model), \(network.parameterCount) parameters, tensors named as in \(scheme.label)",
        "classes: \(network.classes)" + (hasClassNames ? ", \(Self.list(classNames))" : ", without names"),
      ]
      if let state = try state {
        var text = "trained: \(state.step) steps"
        if state.epochs > 0 { text += ", \(state.position.epoch) of \(state.epochs) epochs" }
        if let best = state.best {
          text += "; best evaluation accuracy \(NumberFormat.fixed(4).text(Double(best.accuracy))) after epoch \(best.epoch + 1)"
        }
        lines.append(text)
        lines.append("settings: " + state.settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
      }
      if let split {
        let percent = NumberFormat.fixed(1).text(100 * split.evaluationFraction)
        lines.append(
          "data: fingerprint \(split.fingerprint); where it has no evaluation part, \(percent) % set aside with seed \(split.seed)")
      }
      lines.append(
        recordsPreprocessing
          ? "what is done to a picture, as the weights record:"
          : "what is done to a picture, as the model's published weights need it (this file records nothing):")
      lines += preprocessing.lines.map { "  " + $0 }
      lines.append(
        snippet.makesModel
          ? "Python code that gives the same logits:" : "Python code that reads pictures likewise; the model is yours to make:")
      return lines
    }
  }

  var line: JSONLine {
    get throws {
      var line = JSONLine()
      line.add("file", path)
      line.add("model", model)
      line.add("parameters", network.parameterCount)
      line.add("classes", network.classes)
      line.add("class_names", hasClassNames ? classNames : [])
      line.add("preprocessing", preprocessing.line)
      line.add("preprocessing_source", recordsPreprocessing ? "weights" : "model")
      if let state = try state {
        line.add("step", state.step)
        line.add("epochs_done", state.position.epoch)
        line.add("epochs", state.epochs)
        if let best = state.best {
          line.add("best_accuracy", best.accuracy)
          line.add("best_epoch", best.epoch)
          line.add("best_step", best.step)
        }
        var settings = JSONLine()
        for (key, value) in state.settings.sorted(by: { $0.key < $1.key }) { settings.add(key, value) }
        line.add("settings", settings)
      }
      if let split {
        line.add("data_fingerprint", split.fingerprint)
        line.add("split_fraction", split.evaluationFraction)
        line.add("split_seed", String(split.seed))
      }
      line.add("python", python)
      return line
    }
  }

  private static func list(_ names: [String]) -> String {
    names.count > 20 ? names.prefix(20).joined(separator: ", ") + " and \(names.count - 20) more" : names.joined(separator: ", ")
  }
}
