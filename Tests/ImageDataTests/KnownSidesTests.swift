import Foundation
import ImageData
import TestImages
import Testing

/// Data sets that are divided again after images came or went.
@Suite struct KnownSidesTests {
  private let folder: TestFolder
  private let data: String

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 30, eval: 0) + "/train"
  }

  private func scan(_ record: DataRecord? = nil) throws -> ImageFolder {
    var request = DataRequest(data, evaluationFraction: 0.3, seed: 4)
    request.known = record?.sides
    return try ImageFolder(request)
  }

  private func copy(_ name: String, _ new: String) throws {
    try FileManager.default.copyItem(atPath: data + "/" + name, toPath: data + "/" + new)
  }

  @Test func withoutAChangeTheDivisionIsTheSame() throws {
    let first = try scan()
    let again = try scan(DataRecord(of: first, batchSize: 4))
    #expect(again.training == first.training && again.evaluation == first.evaluation && again.fingerprint == first.fingerprint)
    // 0.3 of 30 each.
    #expect(first.evaluation.count == 18)
  }

  @Test func imagesThatStayKeepTheirSideAndNewOnesAreDividedByTheSameShare() throws {
    let first = try scan()
    let record = DataRecord(of: first, batchSize: 4)
    let sides = Dictionary(uniqueKeysWithValues: record.images.map { ($0.path, $0.isEvaluation) })
    for sample in first.evaluation.prefix(7) + first.training.prefix(5) { try FileManager.default.removeItem(atPath: sample.path) }
    for number in 0..<200 { try copy("down/29.png", "down/new-\(number).png") }
    let now = try scan(record)
    for sample in now.training { #expect(sides[sample.relativePath] != true) }
    for sample in now.evaluation { #expect(sides[sample.relativePath] != false) }
    let new = now.evaluation.count { sides[$0.relativePath] == nil }
    #expect((40...80).contains(new), "0.3 of 200 are 60, and here \(new)")
    let difference = DataDifference(from: record, to: now)
    #expect(difference.change == DataChange(missing: 12, added: 200, resized: 0) && difference.moved.isEmpty)

    // An image that comes back has the side that it had.
    let changed = record.changed(to: now, difference)
    for sample in first.evaluation.prefix(7) + first.training.prefix(5) {
      let name = String(sample.relativePath)
      try copy(name.hasPrefix("down") ? "down/29.png" : "across/29.png", name)
    }
    let back = try scan(changed)
    for sample in back.training { #expect(sides[sample.relativePath] != true) }
    for sample in back.evaluation { #expect(sides[sample.relativePath] != false) }
    #expect(back.training.count + back.evaluation.count == 260)
  }

  /// Those that were set aside are no training images, whatever became of the others.
  @Test(arguments: [["down"], ["across", "down"]]) func aClassWithoutATrainingImageIsRefused(classes: [String]) throws {
    let first = try scan()
    let record = DataRecord(of: first, batchSize: 4)
    for sample in first.training where classes.contains(first.classNames[sample.classIndex]) {
      try FileManager.default.removeItem(atPath: sample.path)
    }
    #expect(throws: ImageFolderError.nothingLeft(data, classes)) { try scan(record) }
    // One new image that trains is enough: of a class without others it does, whatever its rank.
    for name in classes {
      let left = try #require(first.evaluation.first { first.classNames[$0.classIndex] == name })
      try FileManager.default.copyItem(atPath: left.path, toPath: "\(data)/\(name)/new.png")
    }
    let now = try scan(record)
    #expect(now.training.count { $0.relativePath.hasSuffix("/new.png") } == classes.count)
  }

  @Test func aClassOfNewImagesAloneStillTrains() throws {
    let first = try scan()
    let record = DataRecord(of: first, batchSize: 4)
    for number in 0..<40 {
      try FileManager.default.removeItem(atPath: folder.path + "/data")
      _ = try folder.makeDataSet(train: 2, eval: 0)
      for place in 0..<2 {
        try FileManager.default.moveItem(atPath: "\(data)/down/\(place).png", toPath: "\(data)/down/other-\(number)-\(place).png")
      }
      let now = try scan(record)
      #expect(now.training.contains { $0.classIndex == 1 })
    }
  }
}
