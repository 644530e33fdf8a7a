import ImageData
import NeuralNetwork
import TrainingEvents
import WeightFiles

/// One model under training: its numbers, its place in the run, its checkpoints. Lives on the trainer's thread.
final class ModelTraining {
  let name: String
  let network: Network
  private let recipe: TrainingRecipe
  private let data: TrainingData
  private let store: ParameterStore
  private let executor: Executor
  private let optimizer: Optimizer
  private let checkpoints: CheckpointStore
  private let predictionsFile: PredictionsFile
  private let clock: RunClock
  private(set) var state: CheckpointState
  private(set) var forecast = RunForecast()
  /// Seconds of the clock when the last checkpoint was written, or training began.
  private var lastSaved: Double
  private var lastSavedStep = 0
  private var loader: BatchLoader?
  private var runningStatistics: [Float] = []
  /// Tells people more than the events do.
  private let insights: InsightReporter

  /// How an epoch is cut into batches.
  var split: EpochSplit { EpochSplit(count: data.folder.training.count, batchSize: recipe.batchSize) }
  private var evaluationSplit: EpochSplit { EpochSplit(count: data.folder.evaluation.count, batchSize: recipe.batchSize) }
  var stepsPerEpoch: Int { split.batches }
  var totalSteps: Int { stepsPerEpoch * recipe.epochs }
  var parameterCount: Int { network.parameterCount }

  init(_ variant: TrainingVariant, data: TrainingData, engine: Engine, folder: RunFolder, clock: RunClock, feed: LiveFeed? = nil) {
    name = variant.name
    network = variant.network
    recipe = variant.recipe
    self.data = data
    checkpoints = folder.checkpoints(of: variant.name)
    predictionsFile = PredictionsFile(path: folder.predictionsFile(of: variant.name))
    self.clock = clock
    insights = InsightReporter(model: variant.name, feed: feed, recipe: variant.recipe)
    store = ParameterStore(network)
    executor = Executor(network: network, store: store, engine: engine)
    optimizer = Optimizer(recipe.optimizer, store: store, engine: engine)
    state = CheckpointState(
      model: network.name, epochs: recipe.epochs, dataFingerprint: data.folder.fingerprint, settings: recipe.settings,
      kernels: engine.kernels.name)
    lastSaved = clock.seconds()
  }

  // MARK: Beginning

  /// Draws the weights at random, then reads those of the recipe's file over them.
  ///
  /// - Returns: what there is to say of it, if anything.
  func begin() throws -> String? {
    store.initialize(seed: recipe.seed, on: executor.engine.pool)
    guard let file = recipe.initialWeights else { return nil }
    return try InitialWeights(reading: file, for: network).load(into: store)
  }

  /// Goes on where the checkpoint was written.
  ///
  /// - Throws: `CheckpointError` when data or settings are not those of the run, and all errors of reading.
  func resume(from checkpoint: Checkpoint) throws {
    guard checkpoint.state.dataFingerprint == state.dataFingerprint else { throw CheckpointError(checkpoint.folder, .otherData) }
    let changed = Set(recipe.settings.keys).union(checkpoint.state.settings.keys).filter {
      recipe.settings[$0] != checkpoint.state.settings[$0]
    }
    guard changed.isEmpty else { throw CheckpointError(checkpoint.folder, .otherSettings(changed.sorted())) }
    try checkBounds(of: checkpoint)
    try checkpoint.load(into: store, optimizer)
    let kernels = state.kernels
    state = checkpoint.state
    state.kernels = kernels
    lastSavedStep = state.step
  }

  /// What only the data set bounds.
  private func checkBounds(of checkpoint: Checkpoint) throws {
    let place = checkpoint.state.position
    let images = place.epoch < recipe.epochs ? data.folder.training.count : 1
    for (name, number, end) in [("position.image", place.image, images), ("step", checkpoint.state.step, totalSteps + 1)]
    where number >= end {
      throw CheckpointError(checkpoint.stateFile, .badState(reason: "\"\(name)\" is \(number)"))
    }
  }

  /// Bytes of weights, gradients and optimizer states.
  var weightBytes: Int { ParameterStore.byteCount(network, trainedBy: recipe.optimizer) }
  /// Bytes of the weights alone.
  var valueBytes: Int { ParameterStore.byteCount(network, trainedBy: nil) }

  /// Bytes of the loaders' batches; while the model is evaluated it has a second loader.
  var batchBytes: (training: Int, evaluation: Int) {
    let preparation = data.training.preparation
    return (BatchLoader.byteCount(split, preparation: preparation), BatchLoader.byteCount(evaluationSplit, preparation: preparation))
  }

  /// Lays out the largest plans, so that a run that cannot fit says so before it starts.
  ///
  /// - Returns: bytes of the largest plan's activations and of the threads' scratch memory.
  /// - Throws: `PlanError`, `SingleValueError`.
  func layOut() throws -> Int {
    let size = recipe.imageSize
    // A run that a version without this check began is resumed as it was.
    if state.step == 0 { try SingleValueError.check(network, split, imageSize: size) }
    let training = try executor.plan(PlanKey(batch: split.largest, height: size, width: size, mode: .training))
    var activations = training.memoryNeed.activations
    if !data.folder.evaluation.isEmpty {
      let batch = evaluationSplit.largest
      let evaluation = try executor.plan(PlanKey(batch: batch, height: size, width: size, mode: .evaluation))
      activations = max(activations, evaluation.memoryNeed.activations)
    }
    return activations
  }

  // MARK: A step

  struct StepOutcome {
    /// nil where every image of the batch was broken and skipped: there was no step then.
    let event: StepEvent?
    /// What was not a finite number, if anything; the weights were left as they are then.
    let spoilt: Spoilt?
    let endsEpoch: Bool
  }

  enum Spoilt { case loss, gradients }

  /// One batch: forward, loss, backward, update.
  func step() throws -> StepOutcome {
    let begin = clock.seconds()
    if !recipe.stopsOnNonFinite { keepRunningStatistics() }
    guard let batch = try trainingLoader().next() else { preconditionFailure("the data ended before the run") }
    let afterData = clock.seconds()
    if batch.start.image == 0 { state.epochSums = CheckpointState.EpochSums() }
    if batch.count == 0 {
      state.position = batch.end
      return StepOutcome(event: nil, spoilt: nil, endsEpoch: batch.isLastOfEpoch)
    }
    let size = recipe.imageSize
    let plan = try executor.plan(PlanKey(batch: batch.count, height: size, width: size, mode: .training))
    plan.fill(batch, smoothing: recipe.labelSmoothing)
    let rate = Float(
      recipe.schedule.learningRate(
        base: recipe.learningRate, step: state.step, totalSteps: totalSteps, epochs: recipe.epochs, warmupSteps: recipe.warmupSteps))
    let beforeRun = clock.seconds()
    let result = executor.run(plan, StepContext(seed: recipe.seed, step: state.step))
    let afterRun = clock.seconds()
    let correct = plan.correct(batch)
    let spoilt: Spoilt? = !result.loss.isFinite ? .loss : optimizer.hasFiniteGradients() ? nil : .gradients
    if spoilt == nil { optimizer.step(learningRate: rate) } else if !recipe.stopsOnNonFinite { restoreRunningStatistics() }
    let afterUpdate = clock.seconds()
    if spoilt == nil {
      state.epochSums.loss += result.lossSum
      state.epochSums.correct += correct
      state.epochSums.images += batch.count
    }
    state.step += 1
    state.optimizerSteps = optimizer.stepCount
    state.position = batch.end
    let seconds = clock.seconds() - begin
    forecast.addStep(seconds: seconds, images: batch.count)
    insights.didStep(
      plan, batch, step: state.step,
      took: .init(data: afterData - begin, run: afterRun - beforeRun, update: afterUpdate - afterRun, total: seconds))
    let event = StepEvent(
      model: name, epoch: batch.start.epoch, step: state.step, loss: Float(result.loss),
      accuracy: Float(Double(correct) / Double(batch.count)), learningRate: rate,
      imagesPerSecond: Float(Double(batch.count) / max(seconds, 1e-9)))
    return StepOutcome(event: event, spoilt: spoilt, endsEpoch: batch.isLastOfEpoch)
  }

  /// The epoch's means; to be asked at its end. An evaluation is pending from here on if the recipe wants one.
  func finishEpoch() -> EpochEvent {
    let epoch = state.position.epoch - 1
    state.evaluationPending = recipe.evaluates(after: epoch) && !data.folder.evaluation.isEmpty
    let images = Double(state.epochSums.images)
    return EpochEvent(
      model: name, epoch: epoch, step: state.step, loss: images > 0 ? Float(state.epochSums.loss / images) : nil,
      accuracy: images > 0 ? Float(Double(state.epochSums.correct) / images) : nil)
  }

  private func trainingLoader() -> BatchLoader {
    if let loader { return loader }
    let order = EpochOrder(count: data.folder.training.count, shuffleSeed: recipe.shuffles ? recipe.seed : nil)
    let loader = BatchLoader(
      source: data.training, order: order, batchSize: recipe.batchSize, start: state.position, endEpoch: recipe.epochs,
      brokenImages: recipe.skipsBrokenImages ? .skip : .fail, threads: data.threads)
    self.loader = loader
    return loader
  }

  /// Images that were passed over while training and evaluating.
  var skippedImages: [ImageError] { (loader?.skipped ?? []) + skippedInEvaluation }
  private var skippedInEvaluation: [ImageError] = []

  /// A batch whose loss or gradients are not finite has spoilt the running statistics already when that shows.
  private func keepRunningStatistics() {
    runningStatistics.removeAll(keepingCapacity: true)
    for (index, parameter) in store.parameters.enumerated() where !parameter.isTrainable {
      runningStatistics.append(contentsOf: store.values(index))
    }
  }

  private func restoreRunningStatistics() {
    var first = 0
    for (index, parameter) in store.parameters.enumerated() where !parameter.isTrainable {
      _ = store.values(index).update(fromContentsOf: runningStatistics[first..<first + parameter.count])
      first += parameter.count
    }
    store.didChange()
  }

  // MARK: Evaluation

  /// Whether the last evaluation's loss was not a finite number: weights that do that are worth nothing, whatever they are.
  private var isLost = false

  /// Whether the weights are of use: finite numbers, and such that the last evaluation gave one.
  var isSound: Bool { !isLost && Checkpoint.isFinite(store) }

  /// Evaluates after the epoch that ended last; nil if `goesOn` ended it, and the evaluation stays pending then.
  func evaluate(goesOn: (_ done: Int) throws -> Bool) throws -> EvaluationEvent? {
    let begin = clock.seconds()
    let evaluator = Evaluator(
      executor, source: data.evaluation, batchSize: recipe.batchSize, skipsBrokenImages: recipe.skipsBrokenImages, threads: data.threads,
      checksMemory: false)
    let predictions = insights.beginPredictions(classes: network.classes)
    let result = try evaluator.run(goesOn: goesOn) { plan, batch in
      insights.add(plan, batch, data.evaluation.samples, to: predictions)
    }
    guard let result else { return nil }
    skippedInEvaluation = result.skipped
    forecast.addEvaluation(seconds: clock.seconds() - begin, images: result.images)
    let accuracy = Float(result.accuracy)
    let epoch = state.position.epoch - 1
    isLost = !result.loss.isFinite
    let isBest = !isLost && accuracy > max(recipe.bestAbove, state.best?.accuracy ?? 0)
    if isBest { state.best = CheckpointState.Best(accuracy: accuracy, epoch: epoch, step: state.step) }
    state.evaluationPending = false
    insights.tell(predictions, epoch: epoch)
    try predictionsFile.write(
      StoredPredictions(model: name, epoch: epoch, step: state.step, classes: data.folder.classNames, counts: predictions.counts))
    return EvaluationEvent(
      model: name, epoch: epoch, step: state.step, loss: Float(result.loss), accuracy: accuracy, isBest: isBest)
  }

  // MARK: Checkpoints

  /// Whether the last checkpoint is old enough for another.
  var isCheckpointDue: Bool {
    if let interval = recipe.checkpointInterval { return state.step - lastSavedStep >= interval }
    return clock.seconds() - lastSaved >= 60
  }

  /// Writes a checkpoint.
  ///
  /// - Returns: its folder; nil when the weights are not sound: such a checkpoint is worth less than the one before it.
  func save(isBest: Bool) throws -> String? {
    guard isSound else { return nil }
    let metadata = Checkpoint.metadata(
      model: network.name, imageSize: recipe.imageSize, normalization: recipe.normalization, classNames: data.folder.classNames,
      split: data.split)
    let path = try checkpoints.save(
      model: Checkpoint.modelTensors(of: store, steps: state.step), metadata: metadata,
      optimizer: Checkpoint.optimizerTensors(of: optimizer, store), state: state, isBest: isBest)
    lastSaved = clock.seconds()
    lastSavedStep = state.step
    return path
  }

  /// Removes the checkpoint of the present step, if there is one: it was written before its evaluation showed what it is.
  func withdrawCheckpoint() throws { try checkpoints.withdraw(step: state.step) }

  /// The folder of the last good checkpoint, if there is one.
  var lastCheckpoint: String? { checkpoints.resumeStep.map(checkpoints.path(ofStep:)) }

  // MARK: What is left

  /// Seconds until this model is done; nil before there is anything to go by.
  var secondsLeft: Double? {
    let epochs = recipe.epochs - state.position.epoch
    guard epochs > 0 || state.evaluationPending else { return 0 }
    let images = epochs * data.folder.training.count - state.position.image
    let evaluations = (state.position.epoch..<max(state.position.epoch, recipe.epochs)).filter(recipe.evaluates).count
    return forecast.secondsLeft(
      trainImages: max(0, images), evaluationImages: (evaluations + (state.evaluationPending ? 1 : 0)) * data.folder.evaluation.count)
  }
}
