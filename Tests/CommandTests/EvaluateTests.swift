import Foundation
import TestImages
import Testing

/// Evaluating where images are broken: some by their header, some only when they are decoded.
@Suite struct EvaluateTests {
  private let folder: TestFolder
  private let data: String
  private let arguments: [String]

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 4, eval: 3)
    let run = folder.path + "/run"
    let trained = try Program.run([
      "train", "--data", data, "--model", "mobilevit_xxs", "--image-size", "32", "--batch-size", "4", "--epochs", "1", "--threads", "1",
      "--run", run,
    ])
    try #require(trained.code == 0, "\(trained.errors)")
    arguments = [
      "evaluate", "--weights", run + "/checkpoints/mobilevit_xxs/latest/model.safetensors", "--data", data, "--threads", "1", "--json",
    ]
  }

  private func damage(_ name: String, header: Bool) throws -> String {
    let path = data + "/eval/" + name
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for index in header ? 0..<8 : 60..<120 { bytes[index] ^= 0xFF }
    try bytes.write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func brokenImagesAreRefusedOrToldAndLeftOut() throws {
    let broken = [try damage("across/1.png", header: true), try damage("down/2.png", header: false)]
    let refused = try Program.run(arguments)
    #expect(refused.code == 65 && refused.output.isEmpty && refused.errors.contains(broken[0]), "\(refused.errors)")
    let skipping = try Program.run(arguments + ["--skip-bad-images"])
    #expect(skipping.code == 0 && skipping.lines.count == 1)
    #expect(try skipping.objects().first?["images"] as? Int == 4)
    #expect(skipping.errors.contains("left out \(broken[0])") && skipping.errors.contains("passed over \(broken[1])"), "\(skipping.errors)")
  }

  @Test func withoutAnImageLeftThereIsNoResult() throws {
    for name in ["across", "down"] { for number in 0..<3 { _ = try damage("\(name)/\(number).png", header: false) } }
    let outcome = try Program.run(arguments + ["--skip-bad-images"])
    #expect(outcome.code == 65 && outcome.output.isEmpty)
    #expect(outcome.errors.hasSuffix("none of the 6 images to evaluate can be used; repair or replace them\n"), "\(outcome.errors)")
  }
}
