import Foundation
import TestImages
import Testing
import WeightFiles

/// `bench --batch`: number and size of the images are the file's.
@Suite struct BenchBatchTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func bench(_ file: String, _ more: [String] = []) throws -> Program.Outcome {
    try Program.run(
      ["bench", "--model", "mobilevit_xxs", "--steps", "1", "--threads", "1", "--batch", file, "--json"] + more, in: folder.path)
  }

  /// Writes images of the shape, all 0.5 but the first number, and labels 0, 1, 2, ...
  private func write(_ name: String, images: [Int], first: Float = 0.5, labels: [Int64]? = nil) throws {
    var values = [Float](repeating: 0.5, count: images.reduce(1, *))
    if !values.isEmpty { values[0] = first }
    let labels = labels ?? (0..<Int64(images[0])).map { $0 }
    try values.withUnsafeBufferPointer { values in
      try labels.withUnsafeBufferPointer { labels in
        try SafetensorsWriter.write(
          [TensorToWrite("images", shape: images, .floats(values)), TensorToWrite("labels", shape: [labels.count], .integers(labels))],
          to: folder.path + "/" + name)
      }
    }
  }

  @Test func theFileSaysHowManyAndHowLarge() throws {
    try write("b.safetensors", images: [3, 48, 48, 3])
    for more in [[], ["--batch-size", "3", "--image-size", "48"]] {
      let outcome = try bench("b.safetensors", more)
      let object = try #require(try outcome.objects().first, "\(outcome.errors)")
      #expect(object["batch_size"] as? Int == 3 && object["image_size"] as? Int == 48)
    }
    let profile = try Program.run(
      ["profile", "--model", "mobilenet_v2", "--steps", "1", "--threads", "1", "--batch", "b.safetensors"], in: folder.path)
    #expect(profile.code == 0 && profile.output.hasPrefix("mobilenet_v2, batch 3 at 48x48"), "\(profile.errors)")
  }

  @Test func flagsThatContradictTheFileAreRefused() throws {
    try write("b.safetensors", images: [3, 48, 48, 3])
    let size = try bench("b.safetensors", ["--image-size", "64"])
    #expect(size.code == 64)
    #expect(
      size.errors
        == "mvit-tui: --image-size is 64 and the images of b.safetensors have 48 pixels a side; leave --image-size out\n")
    let count = try bench("b.safetensors", ["--batch-size", "16"])
    #expect(count.code == 64 && count.errors.contains("holds 3 images; leave --batch-size out"))
  }

  @Test(arguments: [
    ([2, 48, 32, 3], "[2, 48, 32, 3]"), ([2, 32, 32, 1], "[2, 32, 32, 1]"), ([2, 32, 96], "[2, 32, 96]"), ([0, 32, 32, 3], "[0, 32"),
    ([2, 16, 16, 3], "not 16"),
  ])
  func shapesThatAreNoBatchAreBadData(shape: [Int], part: String) throws {
    try write("b.safetensors", images: shape)
    let outcome = try bench("b.safetensors")
    #expect(outcome.code == 65 && outcome.errors.contains("b.safetensors: ") && outcome.errors.contains(part), "\(outcome.errors)")
  }

  @Test func numbersThatAreNoBatchAreBadData() throws {
    try write("few.safetensors", images: [2, 32, 32, 3], labels: [1])
    try write("high.safetensors", images: [2, 32, 32, 3], labels: [0, 10])
    try write("low.safetensors", images: [2, 32, 32, 3], labels: [-1, 0])
    try write("nan.safetensors", images: [2, 32, 32, 3], first: .nan)
    for (name, part) in [
      ("few", "the shape [1]"), ("high", "the label of image 1 is 10, outside 0 ..< 10"), ("low", "image 0 is -1"),
      ("nan", "image 0 holds numbers that are not finite"),
    ] {
      let outcome = try bench(name + ".safetensors")
      #expect(outcome.code == 65 && outcome.errors.contains(part), "\(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
  }

  /// Finite images and labels may still lead to a loss that is none.
  @Test func aLossThatIsNoNumberIsWrittenAsElsewhere() throws {
    try write("huge.safetensors", images: [2, 32, 32, 3], first: 3e38)
    let object = try #require(try bench("huge.safetensors").objects().first)
    let text = try Program.run(
      ["bench", "--model", "mobilevit_xxs", "--steps", "1", "--threads", "1", "--batch", "huge.safetensors"], in: folder.path)
    #expect(object["loss"] is NSNull && object["diverged"] as? Bool == true)
    #expect(text.code == 0 && text.output.hasSuffix("loss NaN\n"), "\(text.output)")
  }
}
