import Foundation
import TestImages
import Testing
@testable import ImageData

/// Epochs over images that changed while a run was under way.
@Suite struct EpochPlanTests {
  /// A record of `count` training images of two classes, with `batches` batches an epoch.
  private func record(_ count: Int, batchSize: Int) -> DataRecord {
    DataRecord(
      classNames: ["a", "b"], batches: EpochSplit(count: count, batchSize: batchSize).batches,
      versions: [.init(fingerprint: "0", change: nil)],
      images: DataRecord.Image.sorted((0..<count).map { image(name($0), $0 % 2, from: 0) }))
  }

  private func name(_ number: Int) -> String { "\(number % 2 == 0 ? "a" : "b")/\(number + 100)" }

  private func image(_ path: String, _ classIndex: Int, from: Int, until: Int? = nil) -> DataRecord.Image {
    DataRecord.Image(path: path, classIndex: classIndex, isEvaluation: false, byteCount: 1, from: from, until: until)
  }

  private func changing(_ record: DataRecord, without missing: Set<String>, with added: [String] = []) -> DataRecord {
    let version = record.current + 1
    let kept = record.images.map { old in
      missing.contains(old.path) && old.until == nil
        ? image(old.path, old.classIndex, from: old.from, until: version) : old
    }
    let new = added.map { image($0, $0.hasPrefix("a/") ? 0 : 1, from: version) }
    return DataRecord(
      classNames: record.classNames, batches: record.batches, versions: record.versions + [.init(fingerprint: "\(version)", change: nil)],
      images: DataRecord.Image.sorted(kept + new))
  }

  /// Paths of the batches from a position to the end of an epoch, as the schedule hands them out.
  private func batches(_ plan: EpochPlan, _ record: DataRecord, from start: DataPosition) -> [[String]] {
    let now = record.images.filter { $0.until == nil && !$0.isEvaluation }.map(\.path)
    var schedule = BatchSchedule(plan: plan, start: start, endEpoch: start.epoch + 1)
    var batches: [[String]] = []
    var visits: [EpochVisit] = []
    while schedule.next(into: &visits) != nil {
      batches.append(visits.map { now[Int($0.image)] })
      visits.removeAll()
    }
    return batches
  }

  private func rule(_ batchSize: Int, seed: UInt64? = 5, smallest: Int = 1) -> DataRecord.BatchRule {
    DataRecord.BatchRule(batchSize: batchSize, smallest: smallest, shuffleSeed: seed)
  }

  @Test(arguments: [nil, 5] as [UInt64?])
  func theEpochUnderWayKeepsItsOrderWithoutTheMissingImages(seed: UInt64?) throws {
    let before = record(20, batchSize: 6)
    let whole = try #require(before.plan(EpochVersions(), epoch: 1, rule(6, seed: seed)))
    let order = batches(whole, before, from: DataPosition(epoch: 1))
    #expect(order.map(\.count) == [5, 5, 5, 5])
    // Of the first batch, and of the last.
    let missing: Set = [order[0][2], order[3][0], order[3][4]]
    let after = changing(before, without: missing, with: ["a/000", "b/999"])
    let versions = EpochVersions().changed(to: 1, at: 5)
    let plan = try #require(after.plan(versions, epoch: 1, rule(6, seed: seed)))
    let rest = batches(plan, after, from: DataPosition(epoch: 1, image: 5))
    #expect(rest.flatMap { $0 } == order[1...].flatMap { $0 }.filter { !missing.contains($0) })
    #expect(rest.map(\.count) == [5, 4, 4])
    // The draws of augmentation are those of the list that the epoch was begun with.
    let old = before.images.map(\.path)
    let visits = plan.visits(epoch: 1)
    #expect(visits.first == 5)
    #expect(visits.visits.map { old[Int($0.draw)] } == rest.flatMap { $0 })
    // From any place of it on.
    #expect(batches(plan, after, from: DataPosition(epoch: 1, image: 10)) == Array(rest[1...]))
    // The next epoch has them all, in as many batches.
    let next = batches(plan, after, from: DataPosition(epoch: 2))
    #expect(next.count == 4 && Set(next.flatMap { $0 }) == Set(after.images.filter { $0.until == nil }.map(\.path)))
    #expect(next.flatMap { $0 }.count == 19)
  }

  @Test func aSecondChangeInTheSameEpochComesOnTop() throws {
    let before = record(20, batchSize: 6)
    let order = batches(try #require(before.plan(EpochVersions(), epoch: 0, rule(6))), before, from: DataPosition())
    let once = changing(before, without: [order[2][0]])
    // The image of the first change is back; it joins in the next epoch.
    let twice = changing(once, without: [order[3][1]], with: [order[2][0]])
    let versions = EpochVersions().changed(to: 1, at: 5).changed(to: 2, at: 10)
    let plan = try #require(twice.plan(versions, epoch: 0, rule(6)))
    let first = batches(
      try #require(once.plan(EpochVersions().changed(to: 1, at: 5), epoch: 0, rule(6))), once, from: DataPosition(image: 5))
    #expect(first.map(\.count) == [5, 5, 4])
    let rest = batches(plan, twice, from: DataPosition(image: 10))
    #expect(rest.flatMap { $0 } == first[1...].flatMap { $0 }.filter { $0 != order[3][1] })
    #expect(rest.count == 2)
    #expect(batches(plan, twice, from: DataPosition(epoch: 1)).flatMap { $0 }.contains(order[2][0]))
  }

  @Test func theNumberOfBatchesStaysWhenTooFewImagesAreLeft() throws {
    let before = record(20, batchSize: 5)
    let order = batches(try #require(before.plan(EpochVersions(), epoch: 0, rule(5))), before, from: DataPosition())
    let left = Set(order[0])
    let after = changing(before, without: Set(order[1...].flatMap { $0 }))
    let plan = try #require(after.plan(EpochVersions().changed(to: 1, at: 5), epoch: 0, rule(5, smallest: 2)))
    let rest = batches(plan, after, from: DataPosition(image: 5))
    // Nothing of the epoch is left: it begins again, with two images a batch for the batch norms.
    #expect(rest.map(\.count) == [2, 2, 2] && rest.flatMap { $0 } == order[0] + order[0].prefix(1))
    let next = batches(plan, after, from: DataPosition(epoch: 3))
    #expect(next.map(\.count) == [2, 2, 2, 2] && Set(next.flatMap { $0 }) == left)
  }

  @Test func allImagesMayBeOthers() throws {
    let before = record(8, batchSize: 4)
    let after = changing(before, without: Set(before.images.map(\.path)), with: ["a/1", "b/1", "b/2"])
    let plan = try #require(after.plan(EpochVersions().changed(to: 1, at: 4), epoch: 0, rule(4, smallest: 2)))
    #expect(batches(plan, after, from: DataPosition(image: 4)) == [["a/1", "b/1"]])
    #expect(batches(plan, after, from: DataPosition(epoch: 1)).map(\.count) == [2, 2])
  }

  @Test func aSurplusIsVisitedOverTheEpochs() throws {
    let before = record(8, batchSize: 4)
    let after = changing(before, without: [], with: (0..<6).map { "a/\($0)" })
    for seed in [nil, 5] as [UInt64?] {
      let plan = try #require(after.plan(EpochVersions(began: 1), epoch: 0, rule(4, seed: seed)))
      let epochs = (0..<12).map { batches(plan, after, from: DataPosition(epoch: $0)) }
      #expect(epochs.allSatisfy { $0.map(\.count) == [4, 4] && Set($0.flatMap { $0 }).count == 8 })
      #expect(Set(epochs.flatMap { $0.flatMap { $0 } }).count == 14)
    }
  }

  @Test func versionsOfNoRunAreRefused() {
    let once = changing(record(8, batchSize: 4), without: [])
    for versions in [
      EpochVersions(began: 0), EpochVersions(began: -1).changed(to: 1, at: 4), EpochVersions(began: 1).changed(to: 1, at: 4),
      EpochVersions().changed(to: 1, at: 8), EpochVersions().changed(to: 1, at: -3), EpochVersions().changed(to: 2, at: 4),
    ] {
      #expect(once.plan(versions, epoch: 0, rule(4)) == nil, "\(versions)")
    }
  }

  /// Edited by hand, a record may lose all its training images, in the epoch under way or in the next.
  @Test func aVersionWithoutTrainingImagesIsRefused() {
    let all = Set((0..<8).map(name))
    let none = changing(record(8, batchSize: 4), without: all)
    for versions in [EpochVersions(began: 1), EpochVersions().changed(to: 1, at: 4)] {
      #expect(none.plan(versions, epoch: 0, rule(4)) == nil, "\(versions)")
    }
    let again = changing(none, without: [], with: ["a/1"])
    #expect(again.plan(EpochVersions(began: 1).changed(to: 2, at: 4), epoch: 0, rule(4)) == nil)
    #expect(again.plan(EpochVersions().changed(to: 1, at: 4).changed(to: 2, at: 4), epoch: 0, rule(4)) == nil)
  }

  /// The record keeps the order that a scan gives: by class, folder and name.
  @Test func aRecordHasTheOrderOfTheData() throws {
    let folder = try TestFolder()
    let data = try folder.makeDataSet(train: 3, eval: 1)
    for name in ["across/a-b/1.png", "across/a/1.png", "across/a/x/1.png", "across/a.png", "down/\u{E9}.png", "down/e\u{301}.png"] {
      let path = data + "/train/" + name
      try FileManager.default.createDirectory(
        atPath: String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: data + "/train/down/0.png", toPath: path)
    }
    let images = try ImageFolder(scanning: data, seed: 1)
    let record = DataRecord(of: images, batchSize: 4)
    #expect(DataRecord.Image.sorted(record.images.reversed()) == record.images)
    let paths = record.images.filter { !$0.isEvaluation }.map { Array($0.path.utf8) }
    #expect(paths == images.training.map { Array($0.relativePath.utf8) })
    #expect(record.images.count { $0.isEvaluation } == 2 && record.fingerprint == images.fingerprint)
  }
}
