import Files
import ImageData
import NeuralNetwork
import TrainingEvents
import WeightFiles

/// One model under training: its numbers, its place in the run, its checkpoints. Lives on the trainer's thread.
final class ModelTraining {
  let name: String
  let network: Network
  let recipe: TrainingRecipe
  let data: TrainingData
  let store: ParameterStore
  let executor: Executor
  let optimizer: Optimizer
  let checkpoints: CheckpointStore
  private let predictionsFile: PredictionsFile
  private let clock: RunClock
  var state: CheckpointState
  /// Which images are visited when.
  var plan: EpochPlan
  /// The version of the images that the checkpoint was trained on, where it is resumed with a later one; nil once the change is saved.
  var versionBefore: Int?
  /// Whether it trains on from a checkpoint.
  var isResumed = false
  private(set) var forecast = RunForecast()
  /// Where the model diverged and ended alone; nil while it is to be trained.
  private(set) var divergence: Divergence?
  /// Seconds of the clock when the last checkpoint was written, or training began.
  private var lastSaved: Double
  private var lastSavedStep = 0
  private var loader: BatchLoader?
  private var runningStatistics: [Float] = []
  /// Tells people more than the events do.
  private let insights: InsightReporter

  var evaluationSplit: EpochSplit { EpochSplit(count: data.folder.evaluation.count, batchSize: recipe.batchSize) }
  var stepsPerEpoch: Int { plan.split.batches }
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
    let images = data.folder.training.count
    plan = EpochPlan(
      EpochOrder(count: images, shuffleSeed: variant.recipe.shuffles ? variant.recipe.seed : nil),
      split: EpochSplit(count: images, batchSize: variant.recipe.batchSize))
    lastSaved = clock.seconds()
    // The versions before are of a model that the run trained before this one.
    if let record = data.record, record.current > 0 { follow(EpochVersions(began: record.current), of: record) }
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
    let changed = Set(recipe.settings.keys).union(checkpoint.state.settings.keys).filter {
      recipe.settings[$0] != checkpoint.state.settings[$0] ?? recipe.settingsBefore[$0]
    }
    guard changed.isEmpty else { throw CheckpointError(checkpoint.folder, .otherSettings(changed.sorted())) }
    let mostImages = (data.record?.current ?? 0) > 0 ? plan.split.batches * recipe.batchSize : plan.split.count
    if let reason = checkpoint.state.objection(to: plan, mostImages: mostImages) {
      throw CheckpointError(checkpoint.stateFile, .badState(reason: reason))
    }
    try checkpoint.load(into: store, optimizer)
    let (kernels, fingerprint, versions) = (state.kernels, state.dataFingerprint, state.epochVersions)
    state = checkpoint.state
    state.kernels = kernels
    lastSavedStep = state.step
    guard versionBefore != nil else { return }
    // Accuracies on other images do not compare.
    state.best = nil
    (state.dataFingerprint, state.epochVersions) = (fingerprint, versions)
  }

  /// Makes the last evaluation of a finished model pending again; false where there is none to make.
  func repeatLastEvaluation() -> Bool {
    guard state.isFinished, !data.folder.evaluation.isEmpty else { return false }
    state.evaluationPending = true
    return true
  }

  /// Keeps a model ended that diverged in an earlier session: its weights are not read.
  func stayEnded(_ divergence: Divergence) {
    self.divergence = divergence
    state.step = divergence.step
  }

  /// Ends the model where it diverged, durably. The last good checkpoint stays.
  ///
  /// - Throws: `FileSystemError`, `RunFolderError`.
  func end(_ divergence: Divergence) throws {
    try checkpoints.write(divergence)
    self.divergence = divergence
    skippedInTraining = loader?.skipped ?? []
    // Its threads would decode images that nothing takes.
    loader = nil
  }

  /// How far the logs of earlier sessions belong to the model.
  var loggedEnd: EventFileSink.End {
    if let divergence { return EventFileSink.End(step: divergence.step, epoch: divergence.epoch, change: .max) }
    return EventFileSink.End(step: state.step, epoch: state.lastCompletedEpoch, change: versionBefore ?? state.dataVersion)
  }

  // MARK: A step

  struct StepOutcome {
    /// nil where every image of the batch was broken and skipped: there was no step then.
    let event: StepEvent?
    /// What was not a finite number, if anything; the weights were left as they are then.
    let spoilt: Spoilt?
    let endsEpoch: Bool
  }

  enum Spoilt {
    case loss, gradients

    var cause: Divergence.Cause { self == .loss ? .loss : .gradients }
  }

  /// One batch: forward, loss, backward, update.
  func step() throws -> StepOutcome {
    let begin = clock.seconds()
    if recipe.onNonFinite == .skip { keepRunningStatistics() }
    guard let batch = try trainingLoader().next() else { preconditionFailure("the data ended before the run") }
    let afterData = clock.seconds()
    if batch.start.image == 0 { state.epochSums = CheckpointState.EpochSums() }
    if batch.count == 0 {
      advance(to: batch)
      return StepOutcome(event: nil, spoilt: nil, endsEpoch: batch.isLastOfEpoch)
    }
    let size = recipe.imageSize
    let layout = try executor.plan(PlanKey(batch: batch.count, height: size, width: size, mode: .training))
    layout.fill(batch, smoothing: recipe.labelSmoothing)
    let rate = Float(
      recipe.schedule.learningRate(
        base: recipe.learningRate, step: state.step, totalSteps: totalSteps, epochs: recipe.epochs, warmupSteps: recipe.warmupSteps))
    let beforeRun = clock.seconds()
    let result = executor.run(layout, StepContext(seed: recipe.seed, step: state.step))
    let afterRun = clock.seconds()
    let correct = layout.correct(batch)
    let spoilt: Spoilt? = !result.loss.isFinite ? .loss : optimizer.hasFiniteGradients() ? nil : .gradients
    if spoilt == nil { optimizer.step(learningRate: rate) } else if recipe.onNonFinite == .skip { restoreRunningStatistics() }
    let afterUpdate = clock.seconds()
    if spoilt == nil {
      state.epochSums.loss += result.lossSum
      state.epochSums.correct += correct
      state.epochSums.images += batch.count
    }
    state.step += 1
    state.optimizerSteps = optimizer.stepCount
    advance(to: batch)
    let seconds = clock.seconds() - begin
    forecast.addStep(seconds: seconds, images: batch.count)
    insights.didStep(
      layout, batch, step: state.step,
      took: .init(data: afterData - begin, run: afterRun - beforeRun, update: afterUpdate - afterRun, total: seconds))
    let event = StepEvent(
      model: name, epoch: batch.start.epoch, step: state.step, loss: Float(result.loss),
      accuracy: Float(Double(correct) / Double(batch.count)), learningRate: rate,
      imagesPerSecond: Float(Double(batch.count) / max(seconds, 1e-9)))
    return StepOutcome(event: event, spoilt: spoilt, endsEpoch: batch.isLastOfEpoch)
  }

  /// Puts the position behind a batch.
  private func advance(to batch: Batch) {
    state.position = batch.end
    if batch.isLastOfEpoch, let versions = state.epochVersions { state.epochVersions = EpochVersions(began: versions.current) }
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
    let loader = BatchLoader(
      source: data.training, plan: plan, start: state.position, endEpoch: recipe.epochs,
      brokenImages: recipe.skipsBrokenImages ? .skip : .fail, threads: data.threads)
    self.loader = loader
    return loader
  }

  /// Images that were passed over while training and evaluating.
  var skippedImages: [ImageError] { (loader?.skipped ?? skippedInTraining) + skippedInEvaluation }
  private var skippedInTraining: [ImageError] = []
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
  private var lastPredictions: StoredPredictions?

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
    let stored = StoredPredictions(model: name, epoch: epoch, step: state.step, classes: data.folder.classNames, counts: predictions.counts)
    lastPredictions = stored
    try predictionsFile.write(stored)
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
    let path = try write(state, to: checkpoints, isBest: isBest)
    lastSaved = clock.seconds()
    lastSavedStep = state.step
    versionBefore = nil
    return path
  }

  /// Writes the last evaluation's predictions of this session again.
  func writePredictionsAnew() throws {
    if let lastPredictions { try predictionsFile.write(lastPredictions) }
  }
}
