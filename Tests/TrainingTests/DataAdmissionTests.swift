import Foundation
import ImageData
import TestImages
import Testing
import Training
import TrainingEvents

@Suite struct DataAdmissionTests {
  private func admission(_ bench: Bench, _ name: String, of images: ImageFolder, accepts: Bool = true) throws -> DataAdmission {
    let checkpoint = try #require(try bench.run(name).checkpoints(of: "tiny").checkpointToResume())
    return try DataAdmission(
      images, to: bench.run(name).dataRecord.read(), resuming: [checkpoint], recipe: bench.recipe, accepts: accepts)
  }

  private func begin(_ bench: Bench, until step: Int, recording: Bool = true) async throws {
    var session = Bench(bench)
    if recording { session.admission = try DataAdmission(bench.images, to: nil, resuming: [], recipe: bench.recipe, accepts: false) }
    let control = session.control
    try await session.train("run", EventRecorder { if case .step(let event) = $0, event.step == step { control.stop(.saving) } })
  }

  private func problem(_ body: () throws -> DataAdmission) -> ChangedDataError.Problem? {
    do {
      _ = try body()
      return nil
    } catch { return (error as? ChangedDataError)?.problem }
  }

  @Test func classesAreNamedAndRefused() async throws {
    let bench = try Bench()
    try await begin(bench, until: 2)
    for recorded in [true, false] {
      if !recorded { try FileManager.default.removeItem(atPath: bench.run("run").dataRecord.path) }
      for (classes, missing, new) in [
        (["across", "down", "diagonal"], [], ["diagonal"]), (["across", "vertical"], ["down"], ["vertical"]),
        (["down", "other"], ["across"], ["other"]),
      ] {
        let folder = try TestFolder()
        let images = try ImageFolder(scanning: folder.makeDataSet(classes: classes, train: 10, eval: 6, size: 16), seed: 1)
        #expect(problem { try admission(bench, "run", of: images) } == .classes(missing: missing, new: new))
      }
    }
    #expect(
      "\(ChangedDataError("data", .classes(missing: ["down"], new: ["e", "f"])))"
        == "data: class \"down\" is missing and class \"e\", \"f\" are new, and a run keeps its classes; restore them or begin a new run")
  }

  /// The names of classes are bytes.
  @Test func equivalentNamesAreTwoClasses() throws {
    let folder = try TestFolder()
    let images = try ImageFolder(scanning: folder.makeDataSet(classes: ["a", "e\u{301}"], train: 2, eval: 1, size: 16), seed: 1)
    let difference = DataDifference(classNames: ["a", "\u{E9}"], to: images)
    #expect(difference.missingClasses.map { Array($0.utf8) } == [Array("\u{E9}".utf8)] && difference.newClasses.count == 1)
  }

  @Test func aRunThatKeptNoRecordIsContinuedOnlyWhereThatIsExact() async throws {
    let bench = try Bench()
    // In the midst of an epoch.
    try await begin(bench, until: 5, recording: false)
    try FileManager.default.removeItem(atPath: bench.images.path + "/train/down/3.png")
    let images = try ImageFolder(scanning: bench.images.path, seed: 1)
    guard case .inexact(let reason)? = problem({ try admission(bench, "run", of: images) }) else {
      Issue.record("it is not known which images the epoch had left")
      return
    }
    #expect(reason.contains("midst of an epoch"))
    guard case .inexact? = problem({ try admission(bench, "run", of: images, accepts: false) }) else {
      Issue.record("what is refused must not be advised")
      return
    }

    // Between two epochs.
    let between = try Bench()
    try await begin(between, until: 8, recording: false)
    try FileManager.default.removeItem(atPath: between.images.path + "/train/down/3.png")
    var session = Bench(between, scanningAgain: true)
    #expect(problem { try admission(between, "run", of: session.images, accepts: false) } == .unrecorded)
    session.admission = try admission(between, "run", of: session.images)
    let recorder = EventRecorder()
    #expect(try await session.train("run", resumes: true, recorder) == .finished)
    #expect(recorder.steps.map(\.step) == [9, 10, 11, 12])
    let change = DataChangeEvent(model: "tiny", epoch: 2, step: 8, change: 1, missing: nil, added: nil, resized: nil)
    #expect(recorder.events.contains(.dataChanged(change)))
  }

  /// A run of a version before resumes with the images that it began with, and records them.
  @Test func theRecordIsCaughtUpWith() async throws {
    let bench = try Bench()
    try await begin(bench, until: 5, recording: false)
    var session = Bench(bench, scanningAgain: true)
    session.admission = try admission(bench, "run", of: session.images, accepts: false)
    try await session.train("run", resumes: true)
    #expect(try bench.run("run").dataRecord.read() == DataRecord(of: bench.images, batchSize: bench.recipe.batchSize))
    var plain = Bench(bench)
    plain.admission = nil
    try await plain.train("whole")
    #expect(try bench.outcome("run") == bench.outcome("whole"))
  }

  @Test func whichImagesWereSetAsideMustBeKnown() async throws {
    let folder = try TestFolder()
    let data = try folder.makeDataSet(train: 12, eval: 0, size: 16) + "/train"
    var bench = try Bench()
    bench.images = try ImageFolder(scanning: data, seed: 1)
    try await begin(bench, until: 4, recording: false)
    try FileManager.default.removeItem(atPath: data + "/down/3.png")
    let images = try ImageFolder(scanning: data, seed: 1)
    guard case .inexact(let reason)? = problem({ try admission(bench, "run", of: images) }) else {
      Issue.record("the side of the images is not known")
      return
    }
    #expect(reason.contains("set aside"))
  }

  /// Images would be evaluated on that were trained on.
  @Test func imagesThatChangeTheirSideAreRefused() async throws {
    let folder = try TestFolder()
    let data = try folder.makeDataSet(train: 12, eval: 2, size: 16)
    var bench = try Bench()
    bench.images = try ImageFolder(scanning: data + "/train", seed: 1)
    try await begin(bench, until: 2)
    let images = try ImageFolder(DataRequest(data + "/train", evaluationFolder: data + "/eval", seed: 1))
    guard case .inexact(let reason)? = problem({ try admission(bench, "run", of: images) }) else {
      Issue.record("images that were set aside would be trained on")
      return
    }
    #expect(reason.contains("would change between training and evaluation"))
  }
}
