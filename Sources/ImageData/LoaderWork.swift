import Foundation

/// What a loader's threads and its consumer share; everything mutable is guarded by `condition`.
///
/// A slot goes round: free -> filling (its images are claimed one by one, by any thread) -> ready -> in use -> free.
/// Slots are filled and used in turn, so a batch's place in the run, its slot and the place of each image in it are fixed
/// before any thread starts on them: threads decide only when the bytes come.
final class LoaderWork: @unchecked Sendable {
  private let source: ImageSource
  private let failsOnBroken: Bool
  private let condition = NSCondition()
  private var schedule: BatchSchedule
  private var slots: [Turn]
  /// Turns begun, finished claiming and taken by the consumer, counted over the run; slot = turn % slots.count.
  private var begun = 0
  private var taken = 0
  private var holdsSlot = false
  private var isExhausted = false
  private var isCancelled = false
  private var workers = 0
  private var failure: ImageError?
  private var skippedIndices: Set<Int32> = []
  private var skippedErrors: [ImageError] = []

  /// A slot and the batch it is filled with.
  private struct Turn {
    let slot: BatchSlot
    var images: [EpochVisit] = []
    var entry: BatchSchedule.Entry?
    var claimed = 0
    var done = 0
    var errors: [(place: Int, error: ImageError)] = []

    var isReady: Bool { entry != nil && done == images.count }
  }

  init(source: ImageSource, schedule: BatchSchedule, slots: [BatchSlot], batchSize: Int, brokenImages: BatchLoader.BrokenImages) {
    self.source = source
    self.schedule = schedule
    failsOnBroken = brokenImages == .fail
    self.slots = slots.map { slot in
      var turn = Turn(slot: slot)
      turn.images.reserveCapacity(batchSize)
      return turn
    }
  }

  func start(threads: Int) {
    workers = threads
    for number in 0..<threads {
      let thread = Thread { self.work() }
      thread.name = "images-\(number)"
      thread.start()
    }
  }

  // MARK: The consumer's side

  func next() throws(ImageError) -> Batch? {
    condition.lock()
    defer { condition.unlock() }
    giveUpSlot()
    if let failure { throw failure }
    while !hasNews { condition.wait() }
    guard !isCancelled, taken < begun else { return nil }
    let turn = slots[taken % slots.count]
    guard let entry = turn.entry else { preconditionFailure("a turn that was begun has a batch") }
    if !turn.errors.isEmpty { try settle(turn) }
    holdsSlot = true
    return Batch(
      images: turn.slot.images, labels: turn.slot.labels, count: turn.images.count - turn.errors.count, start: entry.start,
      end: entry.end)
  }

  private func giveUpSlot() {
    guard holdsSlot else { return }
    holdsSlot = false
    let place = taken % slots.count
    slots[place].entry = nil
    taken += 1
    condition.broadcast()
  }

  /// Whether the next batch is ready, or there will be none.
  private var hasNews: Bool { isCancelled || (taken < begun ? slots[taken % slots.count].isReady : isExhausted) }

  /// Throws the first error of the batch, or closes the gaps that its broken images left.
  private func settle(_ turn: Turn) throws(ImageError) {
    let errors = turn.errors.sorted { $0.place < $1.place }
    // An archive that changed is no broken image: nothing in it can be trusted.
    if let fatal = errors.first(where: { failsOnBroken || $0.error.reason == .archiveChanged }) {
      failure = fatal.error
      isCancelled = true
      condition.broadcast()
      throw fatal.error
    }
    var missing = [Bool](repeating: false, count: turn.images.count)
    for (place, error) in errors {
      missing[place] = true
      if skippedIndices.insert(turn.images[place].image).inserted { skippedErrors.append(error) }
    }
    turn.slot.compact(missing: missing, count: turn.images.count)
  }

  func cancel() {
    condition.lock()
    isCancelled = true
    condition.broadcast()
    while workers > 0 { condition.wait() }
    condition.unlock()
  }

  var skipped: [ImageError] {
    condition.lock()
    defer { condition.unlock() }
    return skippedErrors
  }

  // MARK: The threads' side

  /// One image to prepare.
  private struct Claim {
    let place: Int
    let slotPlace: Int
    let visit: EpochVisit
    let epoch: Int
    let slot: BatchSlot
  }

  private func work() {
    let scratch = ImageScratch()
    condition.lock()
    while let claim = nextClaim() {
      condition.unlock()
      let error = prepare(claim, scratch: scratch)
      condition.lock()
      slots[claim.slotPlace].done += 1
      if let error { slots[claim.slotPlace].errors.append((claim.place, error)) }
      if slots[claim.slotPlace].isReady { condition.broadcast() }
    }
    workers -= 1
    condition.broadcast()
    condition.unlock()
  }

  private func prepare(_ claim: Claim, scratch: ImageScratch) -> ImageError? {
    claim.slot.labels[claim.place] = Int32(source.samples[Int(claim.visit.image)].classIndex)
    do throws(ImageError) {
      try source.write(
        Int(claim.visit.image), draw: Int(claim.visit.draw), epoch: claim.epoch, to: claim.slot.image(claim.place), scratch: scratch)
      return nil
    } catch { return error }
  }

  /// Waits for something to do; nil when there will be nothing any more. With the lock held.
  private func nextClaim() -> Claim? {
    while !isCancelled {
      if let claim = claimFromNewestTurn() { return claim }
      if isExhausted { return nil }
      if begun - taken < slots.count { beginTurn() } else { condition.wait() }
    }
    return nil
  }

  /// Turns are begun when the one before has been claimed to its end, so only the newest has images left.
  private func claimFromNewestTurn() -> Claim? {
    guard begun > taken else { return nil }
    let slotPlace = (begun - 1) % slots.count
    let place = slots[slotPlace].claimed
    guard let entry = slots[slotPlace].entry, place < slots[slotPlace].images.count else { return nil }
    slots[slotPlace].claimed += 1
    return Claim(
      place: place, slotPlace: slotPlace, visit: slots[slotPlace].images[place], epoch: entry.start.epoch,
      slot: slots[slotPlace].slot)
  }

  private func beginTurn() {
    let slotPlace = begun % slots.count
    slots[slotPlace].images.removeAll(keepingCapacity: true)
    slots[slotPlace].errors.removeAll(keepingCapacity: true)
    slots[slotPlace].claimed = 0
    slots[slotPlace].done = 0
    guard let entry = schedule.next(into: &slots[slotPlace].images) else {
      isExhausted = true
      condition.broadcast()
      return
    }
    slots[slotPlace].entry = entry
    begun += 1
    condition.broadcast()  // other threads may claim from it
  }
}
