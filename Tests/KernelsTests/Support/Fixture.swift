import Foundation
import WeightFiles

/// Tensors that PyTorch computed in float64 (Tests/Fixtures/kernels; README.md there lists them).
struct Fixture {
  private let file: SafetensorsFile

  init(_ name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    file = try SafetensorsFile(path: folder.appending(path: "Fixtures/kernels/\(name).safetensors").path)
  }

  /// The cases in the file: what stands before `suffix` in the names that end with it.
  func cases(endingIn suffix: String) -> [String] {
    file.tensors.map(\.name).filter { $0.hasSuffix("." + suffix) }.map { String($0.dropLast(suffix.count + 1)) }.sorted()
  }
  func shape(_ name: String) -> [Int] {
    file.tensors.first { $0.name == name }!.shape
  }
  func floats(_ name: String) throws -> [Float] { try file.floats(name) }
  func doubles(_ name: String) throws -> [Double] { try file.floats(name).doubles }
}
