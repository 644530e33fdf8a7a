import Files
import ScalarLogs
import TrainingEvents
import WeightFiles

/// Writes one model's curves to VisualDL and, if wanted, TensorBoard logs under the tutorial's tags.
///
/// `train/...` and `data/...` count steps from 1, `eval/...` epochs from 0.
final class ScalarLogSink: RunFolderSink {
  private let model: String
  private let writers: [any ScalarLogWriter & LogFileHolder]

  var heldFiles: [HeldFile] { writers.flatMap(\.openFiles).map { HeldFile(path: $0.path, descriptor: $0.descriptor) } }

  /// - Parameters:
  ///   - folder: the model's own; both formats share it, as their readers look for different names.
  ///   - parameters: of the run, for VisualDL's table.
  init(
    model: String, folder: String, tensorBoard: Bool, parameters: [(name: String, value: HyperparameterValue)], run: String,
    clock: RunClock
  ) throws {
    self.model = model
    let visualDL = try VisualDLWriter(folder: folder, clock: clock.wallTime)
    try visualDL.addHyperparameters(parameters, metrics: ["train/loss", "train/acc", "eval/loss", "eval/acc"], run: run)
    writers = [visualDL] + (tensorBoard ? [try TensorBoardWriter(folder: folder, clock: clock.wallTime)] : [])
  }

  /// Removes what is past a checkpoint.
  ///
  /// - Parameters:
  ///   - step: the checkpoint's.
  ///   - evaluations: epochs of the evaluations that are part of it.
  ///   - marksChange: whether a change of the images will be marked at `step`: a mark there is that of a killed session.
  /// - Returns: a sentence for each log that lacks records up to the checkpoint.
  func cut(toStep step: Int, evaluations: [Int], marksChange: Bool = false) throws -> [String] {
    let epoch = evaluations.last ?? -1
    return try writers.flatMap { writer in
      try writer.cut { tag, place in
        if tag.hasPrefix("train/") { return place <= step }
        if tag.hasPrefix("eval/") { return place <= epoch }
        if tag == Self.changeTag { return marksChange ? place < step : place <= step }
        return true
      }
      return [
        LogGaps.sentence(writer.path, has: writer.recordCount(of: "train/loss"), of: step, "steps"),
        LogGaps.sentence(writer.path, has: writer.recordCount(of: "eval/loss"), of: evaluations.count, "evaluations"),
      ].compactMap { $0 }
    }
  }

  func receive(_ event: TrainingEvent) throws {
    switch event {
    case .step(let step) where step.model == model:
      try add("train/loss", step.step, step.loss)
      try add("train/acc", step.step, step.accuracy)
      try add("train/lr", step.step, step.learningRate)
      try add("train/images_per_second", step.step, step.imagesPerSecond)
    case .evaluation(let evaluation) where evaluation.model == model:
      try add("eval/loss", evaluation.epoch, evaluation.loss)
      try add("eval/acc", evaluation.epoch, evaluation.accuracy)
    case .dataChanged(let change) where change.model == model: try add(Self.changeTag, change.step, Float(change.change))
    default: break
    }
  }

  /// Marks the steps after which the images changed, by the number of the change.
  private static let changeTag = "data/change"

  func flush(durably: Bool) throws {
    if durably { for writer in writers { try writer.synchronize() } }
  }

  private func add(_ tag: String, _ step: Int, _ value: Float) throws {
    for writer in writers { try writer.add(tag, step: step, value: value) }
  }
}
