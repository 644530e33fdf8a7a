import Foundation
import ImageData
import TestImages
import Testing
import Training

@Suite struct HeaderCheckTests {
  private let folder: TestFolder
  private let data: String

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 3, eval: 2, size: 8)
    try Data("no image".utf8).write(to: URL(fileURLWithPath: data + "/train/down/1.png"))
  }

  private func check(skipsBroken: Bool, goesOn: Bool) throws -> CheckedImages<ImageFolder> {
    try HeaderCheck(skipsBroken: skipsBroken, limits: DecodeLimits(), threads: 2) { goesOn }
      .folder(DataRequest(data, seed: 1))
  }

  /// Whoever is stopped has not seen all images: the list of the broken would be a part of it, and the others not the data set.
  @Test(arguments: [true, false]) func aCheckThatIsStoppedHasNoResult(skipsBroken: Bool) throws {
    #expect(throws: CancellationError.self) { try check(skipsBroken: skipsBroken, goesOn: false) }
    #expect(throws: CancellationError.self) {
      try HeaderCheck(skipsBroken: skipsBroken, limits: DecodeLimits(), threads: 1) { false }
        .evaluationImages(data, classNames: nil)
    }
  }

  @Test func brokenImagesAreListedOrLeftOut() throws {
    let error = #expect(throws: BrokenImagesError.self) { try check(skipsBroken: false, goesOn: true) }
    #expect(error?.images.map(\.path) == [data + "/train/down/1.png"] && error?.total == 10)
    let checked = try check(skipsBroken: true, goesOn: true)
    #expect(checked.leftOut.map(\.path) == [data + "/train/down/1.png"] && checked.folder.training.count == 5)
    #expect(checked.counts.pictures == 9 && checked.counts.lines(under: .asShown).isEmpty)
  }
}
