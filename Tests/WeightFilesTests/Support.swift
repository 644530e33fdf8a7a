import Foundation
import WeightFiles

/// A folder that is gone when the test is.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("mvit-weight-files-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ bytes: [UInt8], _ name: String = "file.safetensors") throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

func fixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Fixtures/WeightFiles/" + name).standardized.path
}

func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// A safetensors file put together by hand, well-formed or not.
func safetensors(_ json: String, data: Int, claimedLength: UInt64? = nil) -> [UInt8] {
  let header = Array(json.utf8)
  let length = claimedLength ?? UInt64(header.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + [UInt8](repeating: 0, count: data)
}

/// A list of names and shapes made by make_names.py.
struct NameList {
  /// In the order of the state dictionary.
  let names: [String]
  let shapes: [String: [Int]]

  init(_ name: String) throws {
    var names: [String] = []
    var shapes: [String: [Int]] = [:]
    for line in try String(contentsOfFile: fixture("names/\(name).txt"), encoding: .utf8).split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      names.append(String(fields[0]))
      shapes[String(fields[0])] = fields[2].split(separator: ",").compactMap { Int($0) }
    }
    self.names = names
    self.shapes = shapes
  }

  /// Without PyTorch's batch counters.
  var weights: [String] { names.filter { !NamingScheme.isIgnored($0) } }
  var wanted: [WantedTensor] { weights.map { WantedTensor($0, shape: shapes[$0]!) } }
}
