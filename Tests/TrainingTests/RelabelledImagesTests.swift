import Foundation
import ImageData
import TestImages
import Testing
import Training
import TrainingEvents

/// Runs of a list whose labels change while they are stopped.
@Suite struct RelabelledImagesTests {
  private let bench: Bench
  private let paths: [(path: String, label: String, part: String)]

  init() throws {
    var bench = try Bench()
    let images = bench.images
    paths = [(images.training, "train"), (images.evaluation, "eval")].flatMap { samples, part in
      samples.map { ($0.relativePath, images.classNames[$0.classIndex], part) }
    }
    let list = bench.images.path + "/list.csv"
    try Self.write(list, paths, across: [])
    bench.images = try ImageFolder(scanning: list, seed: 1)
    self.bench = bench
  }

  private static func write(_ list: String, _ paths: [(path: String, label: String, part: String)], across: Set<String>) throws {
    let lines = paths.map { "\($0.path),\(across.contains($0.path) ? "across" : $0.label),\($0.part)\n" }
    try Data(("path,label,split\n" + lines.joined()).utf8).write(to: URL(fileURLWithPath: list))
  }

  private func resuming(accepts: Bool) throws -> Bench {
    var result = Bench(bench)
    result.images = try ImageFolder(scanning: bench.images.path, seed: 1)
    let checkpoint = try #require(try bench.run("run").checkpoints(of: "tiny").checkpointToResume())
    result.admission = try DataAdmission(
      result.images, to: bench.run("run").dataRecord.read(), resuming: [checkpoint], recipe: bench.recipe, accepts: accepts)
    return result
  }

  private func training(_ session: Bench, resumes: Bool, until step: Int) async throws -> EventRecorder {
    let recorder = EventRecorder { if case .step(let event) = $0, event.step == step { session.control.stop(.saving) } }
    try await session.train("run", resumes: resumes, recorder)
    return recorder
  }

  /// The image under its old label ends with the change, and the one under its new label joins in the next epoch.
  @Test func anImageOfAnotherClassIsAnotherImage() async throws {
    var first = Bench(bench)
    first.admission = try DataAdmission(bench.images, to: nil, resuming: [], recipe: bench.recipe, accepts: false)
    _ = try await training(first, resumes: false, until: 5)
    try Self.write(bench.images.path, paths, across: ["train/down/0.png", "train/down/4.png"])
    let refused = #expect(throws: ChangedDataError.self) { try resuming(accepts: false) }
    #expect("\(refused as Any)".contains(": 2 images have another class (train/down/0.png, train/down/4.png) against"))

    let session = try resuming(accepts: true)
    #expect(session.admission?.difference?.change == DataChange(missing: 0, added: 0, resized: 0, relabelled: 2))
    let recorder = try await training(session, resumes: true, until: 6)
    let change = DataChangeEvent(model: "tiny", epoch: 1, step: 5, change: 1, missing: 0, added: 0, resized: 0, relabelled: 2)
    #expect(recorder.events.contains(.dataChanged(change)))
    #expect(change.words == "0 images missing, 0 new, 0 of another size, 2 of another class")
    let events = try String(contentsOfFile: bench.run("run").eventsFile, encoding: .utf8)
    #expect(events.contains("\"resized\":0,\"relabelled\":2}"))

    let record = try #require(try bench.run("run").dataRecord.read())
    #expect(record == session.admission?.record && record.lists(session.images))
    let both = record.images.filter { $0.path == "train/down/0.png" }
    #expect(both.map(\.classIndex) == [0, 1] && both.map(\.from) == [1, 0] && both.map(\.until) == [nil, 1])
    // What was accepted stays accepted.
    let last = try await training(try resuming(accepts: false), resumes: true, until: 100)
    #expect(last.steps.map(\.step) == Array(7...12))
  }

  /// The visits count the images of the record: one that was edited must not lead to others.
  @Test func anEditedRecordIsRefused() async throws {
    var first = Bench(bench)
    first.admission = try DataAdmission(bench.images, to: nil, resuming: [], recipe: bench.recipe, accepts: false)
    _ = try await training(first, resumes: false, until: 5)
    let checkpoint = try #require(try bench.run("run").checkpoints(of: "tiny").checkpointToResume())
    let record = try #require(try bench.run("run").dataRecord.read())
    func admit(_ classNames: [String], _ edit: (inout [DataRecord.Image]) -> Void) throws {
      var images = record.images
      edit(&images)
      let edited = DataRecord(classNames: classNames, batches: record.batches, versions: record.versions, images: images)
      _ = try DataAdmission(
        bench.images, to: edited, in: "run/data.json", resuming: [checkpoint], recipe: bench.recipe, accepts: true)
    }
    try admit(record.classNames) { _ in }
    let edits: [(inout [DataRecord.Image]) -> Void] = [
      { $0.removeLast() }, { $0.removeFirst() }, { $0.swapAt(0, 1) }, { $0.append($0[0]) },
      { images in
        images[0] = .init(path: images[0].path, classIndex: 1, isEvaluation: false, byteCount: images[0].byteCount, from: 0, until: nil)
      },
      { images in
        images[0] = .init(path: images[0].path, classIndex: 0, isEvaluation: true, byteCount: images[0].byteCount, from: 0, until: nil)
      },
    ]
    for edit in edits {
      let error = #expect(throws: DataRecordError.self) { try admit(record.classNames, edit) }
      #expect(error?.path == "run/data.json")
    }
    #expect(throws: DataRecordError.self) { try admit(record.classNames.reversed()) { _ in } }
  }
}
