import Faults
import Files
import Foundation
import ImageData
import TestImages
import Testing
import Training
import WeightFiles

/// One call after the other fails while checkpoints are saved, pruned and resumed.
@Suite struct CheckpointFaultTests {
  private let folder: TestFolder
  private let weights: UnsafeMutableBufferPointer<Float>

  init() throws {
    folder = try TestFolder()
    weights = .allocate(capacity: 4)
    weights.initialize(repeating: 0)
  }

  private func save(_ step: Int, isBest: Bool = false, best: Int? = nil, to store: CheckpointStore) throws {
    weights.update(repeating: Float(step))
    var state = CheckpointState(model: "tiny", epochs: 3, dataFingerprint: "f", settings: [:], kernels: "portable")
    state.step = step
    state.best = best.map { CheckpointState.Best(accuracy: 0.5, epoch: 0, step: $0) }
    let tensor = TensorToWrite("w", shape: [2, 2], .floats(UnsafeBufferPointer(weights)))
    try store.save(model: [tensor], metadata: [:], optimizer: [tensor], state: state, isBest: isBest)
  }

  /// The step of the whole checkpoint that a link leads to.
  private func wholeStep(_ link: CheckpointStore.Link, _ store: CheckpointStore) throws -> Int {
    let checkpoint = try Checkpoint(reading: store.folder + "/" + link.rawValue)
    for file in [checkpoint.modelFile, checkpoint.optimizerFile] {
      #expect(try SafetensorsFile(path: file).floats("w") == Array(repeating: Float(checkpoint.state.step), count: 4))
    }
    return checkpoint.state.step
  }

  /// What is done, from the same three checkpoints each time.
  enum Work: String, CaseIterable, Sendable { case saving, savingTheBest, stating, resuming, withdrawing }

  private func work(_ work: Work, _ store: CheckpointStore) throws {
    switch work {
    case .saving: try save(4, best: 1, to: store)
    case .savingTheBest: try save(4, isBest: true, best: 4, to: store)
    case .stating: try save(3, isBest: true, best: 3, to: store)
    case .resuming:
      let checkpoint = try #require(try store.checkpointToResume())
      _ = try store.prepareToResume(best: checkpoint.state.best)
    case .withdrawing: try store.withdraw(step: 3)
    }
  }

  /// `best` and `latest` lead to whole checkpoints after any fault, and a call that went through has done its work.
  @Test(arguments: Work.allCases, [EIO, EACCES, ENOSPC, EINTR]) func noFaultCostsACheckpoint(_ work: Work, code: Int32) throws {
    var number = 0
    while true {
      number += 1
      let store = CheckpointStore(folder: folder.path + "/\(work)\(code)/\(number)")
      for step in 1...3 { try save(step, isBest: step == 1, best: 1, to: store) }
      let fault = Fault.at(number, code)
      var error: (any Error)?
      fault.run { do { try self.work(work, store) } catch let thrown { error = thrown } }
      guard fault.hasStruck else {
        #expect(error == nil)
        break
      }
      if code == EINTR { #expect(error == nil, "a signal at call \(number) of \(work)") }
      let (latest, best) = (try wholeStep(.latest, store), try wholeStep(.best, store))
      switch work {
      case .saving: #expect((error == nil ? [4] : [3, 4]).contains(latest) && best == 1)
      case .savingTheBest: #expect((error == nil ? [4] : [3, 4]).contains(latest) && (error == nil ? [4] : [1, 4]).contains(best))
      case .stating: #expect(latest == 3 && (error == nil ? [3] : [1, 3]).contains(best))
      case .resuming: #expect(latest == 3 && best == 1)
      case .withdrawing: #expect((error == nil ? [2] : [2, 3]).contains(latest) && best == 1)
      }
      // The next session resumes and saves as if nothing had been.
      let next = try #require(try store.checkpointToResume())
      #expect(try store.prepareToResume(best: next.state.best) == nil)
      try save(5, best: next.state.best?.step, to: store)
      #expect(try wholeStep(.latest, store) == 5)
      #expect(try wholeStep(.best, store) >= 1)
      #expect(try FileSystem.list(store.folder).allSatisfy { !DurableFile.isTemporary(name: $0) })
    }
    #expect(number > 3)
  }

  /// Killed between the new best checkpoint and its link, and a link that its user removed.
  @Test func theBestLinkFollowsTheState() throws {
    let store = CheckpointStore(folder: folder.path + "/c")
    for step in 1...2 { try save(step, isBest: step == 1, best: step, to: store) }
    try store.prepareToResume(best: CheckpointState.Best(accuracy: 1, epoch: 0, step: 2))
    #expect(try store.step(of: .best) == 2)
    try FileSystem.removeFile(store.folder + "/best")
    try save(3, best: 2, to: store)
    try save(4, best: 2, to: store)
    #expect(try store.steps == [2, 3, 4])
    try store.prepareToResume(best: CheckpointState.Best(accuracy: 1, epoch: 0, step: 2))
    #expect(try wholeStep(.best, store) == 2)
    let lost = try store.prepareToResume(best: CheckpointState.Best(accuracy: 1, epoch: 0, step: 7))
    #expect(lost == "\(store.folder): the best checkpoint, step-7, is missing; only an evaluation better than that one replaces it")
  }

  /// An image that cannot be read for a moment must not be missing from what every checkpoint records of the images.
  @Test func anImageUnreadableForAMomentEndsTheSession() async throws {
    let bench = try Bench()
    try await bench.train("whole")
    let image = bench.images.training[0].path
    let failing: SystemCall.Fault = { call, path in call == .read && path == image ? EIO : nil }
    let error = await #expect(throws: ImageError.self) {
      try await SystemCall.$fault.withValue(failing) { try await Bench(bench).train("run") }
    }
    #expect(error == ImageError(path: image, reason: .cannotRead(String(cString: strerror(EIO)))))
    // Where broken images are skipped, it is not needed.
    var skipping = Bench(bench)
    skipping.recipe.skipsBrokenImages = true
    try await SystemCall.$fault.withValue(failing) { [skipping] in _ = try await skipping.train("skipping") }
    try await Bench(bench).train("run", resumes: true)
    #expect(try bench.outcome("run") == bench.outcome("whole"))
  }

  /// A session that meets a fault at any call ends with an error or as if nothing had been; the next one makes it good.
  @Test(arguments: 0..<2) func aSessionWithAFaultIsResumed(residue: Int) async throws {
    let bench = try Bench()
    try await bench.train("whole")
    let stopping = Bench(bench)
    try await stopping.train("begun", EventRecorder { if case .step(let event) = $0, event.step == 6 { stopping.control.stop(.saving) } })
    // Tests/Endurance tries every call; here are some, from two starts.
    for number in stride(from: 1 + residue * 101, to: 1_000_000, by: 211) {
      let name = "run-\(residue)-\(number)"
      try FileManager.default.copyItem(atPath: bench.run("begun").path, toPath: bench.run(name).path)
      let fault = Fault.at(number, number % 2 == 0 ? EIO : EACCES)
      var isDone = false
      do {
        try await fault.run { isDone = try await Bench(bench).train(name, resumes: true) == .finished }
      } catch {}
      guard fault.hasStruck else { return #expect(isDone) }
      if !isDone { #expect(try await Bench(bench).train(name, resumes: true) == .finished, "call \(number)") }
      #expect(try bench.outcome(name) == bench.outcome("whole"), "call \(number)")
    }
  }
}
