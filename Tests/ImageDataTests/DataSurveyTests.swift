import Foundation
import ImageData
import TestImages
import Testing

@Suite struct DataSurveyTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func survey(_ counts: [String: Int], sizes: [(Int, Int)] = [(8, 8)]) throws -> DataSurvey {
    for (name, count) in counts {
      try FileManager.default.createDirectory(atPath: "\(folder.path)/data/\(name)", withIntermediateDirectories: true)
      for number in 0..<count {
        let (width, height) = sizes[number % sizes.count]
        let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* (number + 3) + name.utf8.count) }
        try PNGFile.write(pixels, width: width, height: height, to: "\(folder.path)/data/\(name)/\(number).png")
      }
    }
    return try DataSurvey(DataRequest(folder.path + "/data", seed: 1), limits: DecodeLimits(), threads: 2)
  }

  @Test func sizesAreOrderedByTheirPixels() throws {
    let sizes = try #require(survey(["a": 5, "bb": 5], sizes: [(4, 20), (9, 9), (30, 2), (9, 9), (16, 5)]).statistics.sizes)
    #expect(sizes.smallest == PixelSize(width: 30, height: 2) && sizes.largest == PixelSize(width: 9, height: 9))
    #expect(sizes.median == PixelSize(width: 16, height: 5))
    #expect(sizes.mostFrequent == PixelSize(width: 9, height: 9) && sizes.frequency == 4)
  }

  @Test func classesOfAThirdAreUneven() throws {
    #expect(try survey(["few": 5, "many": 14]).unevenness == nil)
    let uneven = try #require(try survey(["few": 5, "many": 15]).unevenness)
    #expect(uneven.most == 1 && uneven.fewest == 0)
  }

  @Test func aSplitIsAPartThatIsSetAside() throws {
    let survey = try survey(["a": 5, "bb": 10])
    #expect(survey.parts.map(\.role) == [.training, .evaluation] && survey.parts.map(\.isSetAside) == [false, true])
    #expect(survey.parts.map(\.counts) == [[4, 8], [1, 2]] && survey.parts.allSatisfy { $0.folder == nil })
  }
}
