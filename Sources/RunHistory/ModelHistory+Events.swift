import TrainingEvents

// Events of a trainer in this process.
extension ModelHistory {
  /// Takes an event of this model.
  ///
  /// - Parameters:
  ///   - wallTime: seconds since 1970.
  ///   - seconds: of work that went into it since the model's last event.
  mutating func receive(_ event: TrainingEvent, wallTime: Double, activeSeconds seconds: Double) {
    activeSeconds += seconds
    switch event {
    case .begin(let beginning):
      self.beginning = beginning
      if beginning.resumedAtStep > 0 { resumedAt.append(beginning.resumedAtStep + 1) }
    case .step(let step):
      append(Tag.loss, step: step.step, wallTime: wallTime, value: step.loss)
      append(Tag.accuracy, step: step.step, wallTime: wallTime, value: step.accuracy)
      append(Tag.learningRate, step: step.step, wallTime: wallTime, value: step.learningRate)
      append(Tag.imagesPerSecond, step: step.step, wallTime: wallTime, value: step.imagesPerSecond)
    case .evaluation(let evaluation):
      append(Tag.evaluationLoss, step: evaluation.step, epoch: evaluation.epoch, wallTime: wallTime, value: evaluation.loss)
      append(Tag.evaluationAccuracy, step: evaluation.step, epoch: evaluation.epoch, wallTime: wallTime, value: evaluation.accuracy)
    case .checkpoint(let checkpoint): checkpoints.append(checkpoint)
    case .diverged(_, _, let step): divergedAt.append(step)
    case .dropped(_, _, let step): droppedAt = step
    case .dataChanged(let change): noteDataChange(after: change.step)
    case .epoch, .end, .state, .notice, .warning: break
    }
  }

  private mutating func append(_ tag: String, step: Int, epoch: Int? = nil, wallTime: Double, value: Float) {
    let place = place(of: tag)
    let point = CurvePoint(step: step, epoch: epoch, wallTime: wallTime, activeSeconds: activeSeconds, value: value)
    let restarts = entries[place].curve.restarts
    entries[place].curve.append(point)
    note(point, at: place)
    if entries[place].curve.restarts != restarts { noteRestart(of: place) }
    bounds.include(entries[place].curve)
    guard place == firsts[CurveMeaning(.accuracy, .evaluation)] else { return }
    guard let gap = gap(at: entries[place].curve.count - 1) else { return }
    var gapPoint = point
    gapPoint.value = Float(gap)
    gaps.append(gapPoint)
  }
}
