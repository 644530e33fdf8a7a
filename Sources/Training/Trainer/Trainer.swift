import Foundation
import ImageData
import NeuralNetwork
import NumberFormats
import TrainingEvents
import WeightFiles

/// Trains models on a thread of its own.
///
/// The only ways in are `run` and the `RunControl`; the way out are the events, which reach every sink in order and without loss
/// on the trainer's thread.
public actor Trainer {
  private let executor: ThreadExecutor
  private let job: TrainingJob
  private let control: RunControl
  private let feed: LiveFeed?
  /// Of the networks, once they are laid out.
  public private(set) var costs: [ModelCosts] = []

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameter feed: gets every event, and insights as far as it wants them.
  public init(_ job: TrainingJob, control: RunControl, feed: LiveFeed? = nil) {
    executor = ThreadExecutor(name: "trainer")
    self.job = job
    self.control = control
    self.feed = feed
  }

  deinit { executor.end() }

  /// Runs the job to its end.
  ///
  /// - Parameter sinks: makes the sinks that get the events beside the run folder's own files.
  /// - Throws: what kept the run from going on, after an `end` event: bad images, weights or checkpoints, too little memory,
  ///   a folder that cannot be written. The last checkpoint is intact then.
  ///   `RunFolderLoss` names where all models were saved.
  public func run(sinks: @Sendable () -> [any TrainingEventSink] = { [] }) throws -> EndReason {
    let bus = EventBus(sinks())
    if let feed { bus.add(feed) }
    let reason: EndReason
    do {
      reason = try train(bus)
    } catch {
      // The error itself matters more than a log that cannot take its last line.
      try? bus.send(.end(.failed("\(error)")))
      try? bus.flush(durably: false)
      throw error
    }
    try bus.send(.end(reason))
    try bus.flush(durably: true)
    return reason
  }

  private func train(_ bus: EventBus) throws -> EndReason {
    let console = ConsoleSink(try TextOutput(appendingTo: job.folder.consoleFile), clock: job.clock)
    bus.add(console)
    try bus.send(.state(.preparing))
    let engine = try Engine(threads: job.threads, kernelsNamed: job.kernels)
    if let shortage = engine.pool.shortage { try bus.send(.warning(shortage)) }
    // Before any of it is touched.
    try engine.checkMemory(
      MemoryNeed(
        numbers: job.variants.reduce(0) { $0 + ParameterStore.byteCount($1.network, trainedBy: $1.recipe.optimizer) }))
    let models = job.variants.map { variant in
      ModelTraining(variant, data: job.data, engine: engine, folder: job.folder, clock: job.clock, feed: feed)
    }
    if job.resumes { for model in models { try plan(model) } }
    let (need, shrunk) = try checkMemory(models, engine)
    if let shrunk { try bus.send(.notice(shrunk)) }
    for model in models { try start(model, bus) }
    try recordData(bus)
    // Nothing is removed until every checkpoint to resume from has been read.
    if job.resumes {
      for model in models {
        let store = job.folder.checkpoints(of: model.name)
        if let warning = try store.prepareToResume(best: model.state.best) { try bus.send(.warning(warning)) }
      }
    }
    let logs = try openLogs(of: models, bus)
    let folderGuard = try RunFolderGuard(job.folder, lock: job.lock, sinks: [console] + logs, record: job.data.record)
    try tellSizes(models, need, bus)
    let session = try TrainingSession(
      models, recipe: job.recipe, data: job.data, bus: bus, control: control, folderGuard: folderGuard,
      advice: { [job] seconds in job.resumes ? [] : job.advice(seconds) })
    let reason = try session.run()
    for image in Set(models.flatMap(\.skippedImages)).sorted(by: { $0.path < $1.path }) {
      try bus.send(.warning("passed over \(image)"))
    }
    return reason
  }

  /// Plans the visits of a model that has a checkpoint.
  private func plan(_ model: ModelTraining) throws {
    let store = job.folder.checkpoints(of: model.name)
    guard try store.divergence() == nil, let checkpoint = try store.checkpointToResume() else { return }
    let isOver = checkpoint.state.isFinished && !job.evaluatesAgain.contains(model.name)
    try store.reading(checkpoint.state.step) { try model.plan(from: checkpoint, isOver: isOver) }
  }

  /// Records the run's images before a step is made with them.
  private func recordData(_ bus: EventBus) throws {
    guard let record = job.data.record, job.data.isRecordNew, try !job.folder.dataRecord.write(record) else { return }
    let what = "the list of the run's \(record.images.count) images is too long to be kept"
    if record.current > 0 { throw ChangedDataError(job.data.folder.path, .inexact(reason: what)) }
    try bus.send(.notice("\(what): the run can be resumed with these images only"))
  }

  /// Resumes a model from its checkpoint, or begins it.
  private func start(_ model: ModelTraining, _ bus: EventBus) throws {
    let store = job.folder.checkpoints(of: model.name)
    if job.resumes, let divergence = try store.divergence() {
      model.stayEnded(divergence)
      let cure = "remove \(store.divergenceFile) to train it on"
      return try bus.send(.notice("\(model.name) diverged at step \(divergence.step) and stays ended; \(cure)"))
    }
    guard job.resumes, let checkpoint = try store.checkpointToResume() else {
      if let note = try model.begin() { try bus.send(.notice(note)) }
      return
    }
    let step = checkpoint.state.step
    try store.reading(step) { try model.resume(from: checkpoint) }
    if job.evaluatesAgain.contains(model.name), model.repeatLastEvaluation() {
      return try bus.send(.notice("\(model.name) is finished, but its last evaluation is missing; it is evaluated again"))
    }
    try bus.send(.notice("\(model.name) resumes after step \(step)"))
    if checkpoint.state.kernels != job.kernels {
      try bus.send(
        .warning(
          "\(model.name) was trained with the \(checkpoint.state.kernels) kernels and resumes with \(job.kernels): "
            + "the last bits of its numbers will not be those of an uninterrupted run"))
    }
  }

  /// Cuts the logs back to the checkpoints and opens them.
  ///
  /// - Returns: the sinks that write them.
  private func openLogs(of models: [ModelTraining], _ bus: EventBus) throws -> [any RunFolderSink] {
    let ends = models.map { ($0.name, $0.loggedEnd) }
    let cut = try EventFileSink.cut(job.folder.eventsFile, to: Dictionary(uniqueKeysWithValues: ends))
    if job.resumes { for gap in LogGaps.of(job.folder.eventsFile, cut, models) { try bus.send(.warning(gap)) } }
    var sinks: [any RunFolderSink] = [try EventFileSink(path: job.folder.eventsFile)]
    for (model, variant) in zip(models, job.variants) {
      let sink = try ScalarLogSink(
        model: model.name, folder: job.folder.scalarsFolder(of: model.name), tensorBoard: job.writesTensorBoard,
        parameters: variant.hyperparameters, run: model.name, clock: job.clock)
      let gaps = try sink.cut(
        toStep: model.loggedEnd.step, evaluations: model.evaluationsDone, marksChange: model.versionBefore != nil)
      if job.resumes { for gap in gaps { try bus.send(.warning(gap)) } }
      sinks.append(sink)
    }
    for sink in sinks { bus.add(sink) }
    return sinks
  }

  /// Refuses a run that does not fit before anything of it is touched, and leaves the cache of images what the run does not need.
  ///
  /// - Returns: what the run needs, and what to report of a cache that became smaller.
  /// - Throws: `PlanError`
  private func checkMemory(_ models: [ModelTraining], _ engine: Engine) throws -> (MemoryNeed, String?) {
    let activations = try models.map { try $0.layOut() }
    costs = try zip(models, activations).map { model, activations in
      let macs = try model.network.multiplyAccumulates(height: job.recipe.imageSize, width: job.recipe.imageSize)
      return ModelCosts(
        model: model.name, parameters: model.parameterCount, macs: macs, batchSize: model.plan.largest,
        memoryBytes: activations + model.weightBytes)
    }
    let need = MemoryNeed(
      numbers: models.reduce(0) { $0 + $1.weightBytes }, activations: activations.max() ?? 0,
      batches: models.reduce(0) { $0 + $1.batchBytes.training } + (models.map(\.batchBytes.evaluation).max() ?? 0),
      decoding: job.data.threads * job.data.decodingBytes)
    let mapped = need.numbers + need.activations
    try engine.checkMemory(need, mapped: mapped)
    let wanted = job.data.budget.total
    job.data.budget.shrink(to: engine.availableMemory(mapped: mapped) - need.total)
    let granted = job.data.budget.total
    guard granted < wanted else { return (need, nil) }
    let sizes = [wanted, granted].map { NumberFormat.bytes.text(Double($0)) }
    return (
      need,
      "memory is short: the cache of decoded images has \(sizes[1]) instead of \(sizes[0]); images beyond it are decoded anew each epoch"
    )
  }

  /// Reports how much there is to do and how much memory it takes.
  private func tellSizes(_ models: [ModelTraining], _ need: MemoryNeed, _ bus: EventBus) throws {
    if let feed {
      for item in costs { feed.publish(.costs(item)) }
      feed.publish(.data(DataSummary(job.data.folder)))
    }
    let folder = job.data.folder
    let pixels = job.data.training.preparation.elementCount
    let images = min(job.data.budget.total, (folder.training.count + folder.evaluation.count) * pixels)
    // Weights are in memory by now; gradients, optimizer states and activations are mapped and not yet touched.
    let untouched = need.total - models.reduce(0) { $0 + $1.valueBytes }
    let megabytes = (ProcessMemory.peakBytes + untouched + images) >> 20
    try bus.send(.notice(folder.summary))
    for line in job.data.pictureLines { try bus.send(.notice(line)) }
    try bus.send(.notice("the run will take about \(megabytes) MB"))
    if folder.evaluation.isEmpty { try bus.send(.warning("without images to evaluate there will be no best checkpoint")) }
    let mostClasses = PredictionCounts.mostClassesOfMatrix
    if folder.classNames.count > mostClasses {
      try bus.send(
        .notice("more than \(mostClasses) classes: in place of a confusion matrix there will be the pairs that are confused most"))
    }
  }
}
