import ScalarLogs

// What the logs hold, of this run or of any other.
extension ModelHistory {
  /// Takes records of this model's log, in the order of their times.
  mutating func receive(_ records: [ScalarRecord], sessions: [Int]? = nil) {
    if let sessions { self.sessions = sessions }
    let accuracy = CurveMeaning(.accuracy, .training)
    for record in records { receive(record) }
    var areGapsVoid = false
    for place in touched {
      // A value that belongs before the last evaluation changes what is known of it.
      let isOfGaps = place == firsts[accuracy] || place == firsts[CurveMeaning(.accuracy, .evaluation)]
      let moved = entries[place].curve.movedPoints
      settle(place)
      areGapsVoid = areGapsVoid || (isOfGaps && entries[place].curve.movedPoints != moved)
      bounds.include(entries[place].curve)
    }
    touched.removeAll(keepingCapacity: true)
    refreshGaps(fromStart: areGapsVoid)
  }

  /// Takes one record, whose point goes into its curve with the others at hand.
  ///
  /// Evaluations are often logged by epoch, while training counts steps. Such a record is placed at the last training step
  /// that the log has before it, so that both share one axis. It is told from one that is logged by step
  /// - under our own tags by a first number below that step: runs of this program count epochs from 0, whichever they evaluate first;
  /// - under others' by a first number of 0 or 1 after longer training.
  private mutating func receive(_ record: ScalarRecord) {
    if record.tag == Tag.dataChange { return noteDataChange(after: record.step) }
    let place = place(of: record.tag)
    let isEvaluation = entries[place].meaning.phase == .evaluation
    work(logClock.secondsOfWork(until: record.wallTime, isEvaluation: isEvaluation))
    if record.tag == Tag.imagesPerSecond { work(logClock.secondsOfWork(atImagesPerSecond: Double(record.value))) }
    var point = CurvePoint(step: record.step, wallTime: record.wallTime, activeSeconds: activeSeconds, value: record.value)
    if isEvaluation {
      let isFirst = entries[place].highestStep == nil
      if isFirst && record.step < lastStep && (Tag.isOurEvaluation(record.tag) || (0...1).contains(record.step)) {
        entries[place].isByEpoch = true
      }
      if entries[place].isByEpoch { checkEpoch(record.step, at: place) }
      if entries[place].isByEpoch {
        point.epoch = record.step
        point.step = max(lastStep, entries[place].highestStep ?? 0)
      }
    }
    entries[place].writers.note(record)
    if entries[place].writers.areSeveral, sharedTag == nil { sharedTag = record.tag }
    if !entries[place].writers.restarts.isEmpty && !isEvaluation { restarted.insert(place) }
    if record.isRestart {
      settle(place)
      entries[place].curve.restart(at: point.step)
      noteRestart(of: place)
    }
    if entries[place].arriving.isEmpty { touched.append(place) }
    entries[place].arriving.append(point)
    note(point, at: place)
  }

  /// Between evaluations of two epochs there is training. Where there is none, a file of evaluations by step was written after the
  /// file of the training: its points go to their own steps.
  private mutating func checkEpoch(_ epoch: Int, at place: Int) {
    guard let last = entries[place].lastEpoch, last != epoch, entries[place].highestStep == lastStep else { return }
    settle(place)
    entries[place].curve.placeByEpochs()
    entries[place].isByEpoch = false
    entries[place].highestStep = entries[place].curve.last?.step
    byEpoch.removeAll { $0 == place }
    recount()
  }

  private mutating func settle(_ place: Int) {
    entries[place].curve.insert(entries[place].arriving)
    entries[place].arriving = []
  }

  /// Adds time at work. A log may hold any number as a time or a speed: more than thirty years between two records are none.
  private mutating func work(_ seconds: Double) {
    if seconds < 1e9 { activeSeconds += seconds }
  }

  /// Adds the gaps of evaluations that have none yet.
  private mutating func refreshGaps(fromStart: Bool) {
    guard let place = firsts[CurveMeaning(.accuracy, .evaluation)] else { return }
    if fromStart {
      gaps = Curve()
      evaluationsWithGap = 0
    }
    let curve = entries[place].curve
    for index in min(evaluationsWithGap, curve.count)..<curve.count {
      guard let gap = gap(at: index) else { continue }
      var point = curve[index]
      point.value = Float(gap)
      gaps.append(point)
    }
    evaluationsWithGap = curve.count
  }
}
