import ArgumentParser
import NeuralNetwork
import NumberFormats
import Training
import TrainingEvents

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast a model trains and evaluates on this machine.",
    discussion: """
      A training step is weight packing, forward, loss, backward and update, on one batch over and over. The loss is that of \
      the first step, without dropout; with --weights and --batch it can be checked against another program's.
      """)

  @OptionGroup var subject: StepOptions

  @Flag(help: "Write one JSON object to standard output.")
  var json = false

  @OptionGroup var machine: MachineOptions

  func run() throws {
    let prepared = try subject.prepare(machine)
    let result = try StepBenchmark(
      prepared.network, store: prepared.store, engine: prepared.engine, batch: prepared.batch, imageSize: prepared.imageSize,
      steps: subject.steps)
    try report(result, prepared)
  }

  private func report(_ result: StepBenchmark, _ prepared: StepOptions.Prepared) throws {
    let engine = prepared.engine
    guard json else {
      let milliseconds = NumberFormat.fixed(1).text(result.medianStepSeconds * 1000)
      let train = NumberFormat.fixed(1).text(result.trainImagesPerSecond)
      let evaluation = NumberFormat.fixed(1).text(result.evaluationImagesPerSecond)
      let loss = result.loss.isFinite ? "\(result.loss)" : NumberFormat.fixed(0).text(result.loss)
      return try StandardStreams.say(
        "\(subject.model), batch \(prepared.batch.labels.count) at \(prepared.imageSize)x\(prepared.imageSize), \(engine.pool.threads) threads, \(engine.kernels.name): "
          + "\(milliseconds) ms a step, \(train) images/s; evaluation \(evaluation) images/s; "
          + "\(result.peakMemoryBytes >> 20) MB at most; loss \(loss)")
    }
    var line = JSONLine()
    line.add("model", subject.model)
    line.add("batch_size", prepared.batch.labels.count)
    line.add("image_size", prepared.imageSize)
    line.add("threads", engine.pool.threads)
    line.add("kernels", engine.kernels.name)
    line.add("loss", result.loss)
    var train = JSONLine()
    train.add("median_step_seconds", result.medianStepSeconds)
    train.add("images_per_second", result.trainImagesPerSecond)
    line.add("train", train)
    var evaluation = JSONLine()
    evaluation.add("images_per_second", result.evaluationImagesPerSecond)
    line.add("evaluation", evaluation)
    line.add("peak_memory_bytes", result.peakMemoryBytes)
    try StandardStreams.say(line.text)
  }
}
