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
      prepared.network, store: prepared.store, engine: prepared.engine, batch: prepared.batch, imageSize: subject.imageSize,
      steps: subject.steps)
    try tell(result, prepared.engine)
  }

  private func tell(_ result: StepBenchmark, _ engine: Engine) throws {
    guard json else {
      let milliseconds = NumberFormat.fixed(1).text(result.medianStepSeconds * 1000)
      let train = NumberFormat.fixed(1).text(result.trainImagesPerSecond)
      let evaluation = NumberFormat.fixed(1).text(result.evaluationImagesPerSecond)
      return try StandardStreams.say(
        "\(subject.model), batch \(subject.batchSize) at \(subject.imageSize)x\(subject.imageSize), \(engine.pool.threads) threads, \(engine.kernels.name): "
          + "\(milliseconds) ms a step, \(train) images/s; evaluation \(evaluation) images/s; "
          + "\(result.peakMemoryBytes >> 20) MB at most; loss \(result.loss)")
    }
    var line = JSONLine()
    line.add("model", subject.model)
    line.add("batch_size", subject.batchSize)
    line.add("image_size", subject.imageSize)
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
