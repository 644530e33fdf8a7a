import Foundation
import ImageData
import Testing

/// Pictures and what Pillow makes of them under each rule of reading; see Tests/Fixtures/pictures/generate.py.
struct PictureFixtures: Decodable {
  let decode: [Decode]
  let resize: [Resize]

  struct Decode: Decodable, CustomTestStringConvertible {
    let file: String
    let rules: PictureRules
    let width: Int
    let height: Int
    let offset: Int
    let tolerance: Int
    var size: PixelSize { PixelSize(width: width, height: height) }
    var testDescription: String { "\(file) \(rules.orientation) \(rules.background) \(rules.colorManagement)" }
  }

  struct Resize: Decodable, CustomTestStringConvertible {
    let file: String
    let rules: PictureRules
    let side: Int
    let offset: Int
    var testDescription: String { "\(file) \(rules.resize) to \(side)" }
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/pictures")
    .standardizedFileURL.path
  static let all: PictureFixtures = {
    let manifest = Data(Fixtures.bytes(of: folder + "/manifest.json"))
    do { return try JSONDecoder().decode(PictureFixtures.self, from: manifest) } catch {
      preconditionFailure("the fixtures cannot be read: \(error)")
    }
  }()
  private static let expectedBytes: [UInt8] = Fixtures.bytes(of: folder + "/expected.bin")

  static func path(_ name: String) -> String { folder + "/files/" + name }

  static func expected(_ offset: Int, size: PixelSize) -> [UInt8] { Array(expectedBytes[offset..<offset + size.byteCount]) }
}

extension ImageError {
  /// Whether the picture needs a library that is not installed here.
  var asksForALibrary: Bool {
    if case .missingLibrary = reason { return true }
    return false
  }
}
