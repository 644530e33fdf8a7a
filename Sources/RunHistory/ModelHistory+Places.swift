import Names

// Where curves are kept, and what the views ask of them at every frame.
extension ModelHistory {
  mutating func place(of tag: String) -> Int {
    if let place = places[Name(tag)] { return place }
    var entry = Entry(tag: tag, meaning: CurveMeaning(tag: tag))
    entry.curve.smooth(weight: smoothing)
    let place = entries.count
    places[Name(tag)] = place
    if firsts[entry.meaning] == nil {
      firsts[entry.meaning] = place
      if entry.meaning.quantity == .other { others.append(place) }
    } else {
      others.append(place)
    }
    entries.append(entry)
    return place
  }

  /// Keeps what the views ask for at every frame.
  mutating func note(_ point: CurvePoint, at place: Int) {
    let isFirst = entries[place].highestStep == nil
    entries[place].highestStep = max(point.step, entries[place].highestStep ?? .min)
    entries[place].lastEpoch = point.epoch
    if isFirst && point.epoch != nil { byEpoch.append(place) }
    if entries[place].meaning.phase == .training { lastTrainingStep = max(point.step, lastTrainingStep ?? .min) }
    if point.wallTime.isFinite { lastTime = max(point.wallTime, lastTime ?? point.wallTime) }
  }

  /// After a curve gave up its end. Only this program's trainer and old event files do that, so that few curves are walked.
  mutating func noteRestart(of place: Int) {
    entries[place].highestStep = entries[place].curve.last?.step
    if entries[place].meaning.phase == .training { restarted.insert(place) }
    lastTrainingStep = entries.lazy.filter { $0.meaning.phase == .training }.compactMap { $0.curve.last?.step }.max()
    recount()
  }

  mutating func recount() {
    evaluationsWithGap = 0
    bounds = CurveBounds()
    for entry in entries { bounds.include(entry.curve) }
  }
}
