import Foundation
import ImageData
import Testing

/// Images and what Pillow makes of them; see Tests/Fixtures/images/generate.py.
struct Fixtures: Decodable {
  let decode: [Decode]
  let resize: [Resize]
  let rotate: [Rotate]
  /// Offsets of [256, 3] float32.
  let normalizations: [String: Int]

  struct Decode: Decodable, CustomTestStringConvertible {
    let file: String
    let width: Int
    let height: Int
    let offset: Int
    let tolerance: Int
    var size: PixelSize { PixelSize(width: width, height: height) }
    var testDescription: String { file }
  }

  struct Resize: Decodable, CustomTestStringConvertible {
    let file: String
    let width: Int
    let height: Int
    let box: [Float]?
    /// left, top, right, bottom; cut out before resizing.
    let crop: [Int]?
    let offset: Int
    var size: PixelSize { PixelSize(width: width, height: height) }
    var testDescription: String { "\(file) \(width)x\(height) \(box.map { "box \($0)" } ?? crop.map { "crop \($0)" } ?? "")" }
  }

  struct Rotate: Decodable, CustomTestStringConvertible {
    let file: String
    let degrees: Double
    let offset: Int
    var testDescription: String { "\(file) \(degrees)" }
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/images")
    .standardizedFileURL.path
  static let all: Fixtures = {
    do { return try JSONDecoder().decode(Fixtures.self, from: Data(contentsOf: URL(filePath: folder + "/manifest.json"))) } catch {
      preconditionFailure("the fixtures cannot be read: \(error)")
    }
  }()
  private static let expectedBytes: [UInt8] = bytes(of: folder + "/expected.bin")

  static func path(_ name: String) -> String { folder + "/files/" + name }

  /// What is known of a file before its first row.
  static func header(_ path: String, limits: DecodeLimits = DecodeLimits()) throws(ImageError) -> Header {
    let reader = try ImageReader(path: path, limits: limits)
    return Header(format: reader.format, size: reader.size, looksTruncated: reader.looksTruncated)
  }

  struct Header {
    let format: ImageFormat
    let size: PixelSize
    let looksTruncated: Bool
  }

  static func bytes(of path: String) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else { preconditionFailure("\(path) cannot be read") }
    return [UInt8](data)
  }

  static func expected(_ offset: Int, size: PixelSize) -> [UInt8] { Array(expectedBytes[offset..<offset + size.byteCount]) }

  static func expectedFloats(_ offset: Int, count: Int) -> [Float] {
    expectedBytes[offset..<offset + 4 * count].withUnsafeBytes { bytes in
      (0..<count).map { Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))) }
    }
  }
}

/// The largest difference of two images of the same size.
func largestDifference(_ a: [UInt8], _ b: [UInt8]) -> Int {
  precondition(a.count == b.count, "images of one size are compared")
  return zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
}

/// A folder that is gone when the test is.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/images-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, making the folders on the way. Its path.
  @discardableResult func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = URL(filePath: path + "/" + name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  @discardableResult func copy(_ fixture: String, to name: String) throws -> String {
    try write(Fixtures.bytes(of: Fixtures.path(fixture)), to: name)
  }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
  }
}
