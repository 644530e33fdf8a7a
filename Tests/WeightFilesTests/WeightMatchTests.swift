import Testing
import WeightFiles

@Suite struct WeightMatchTests {
  /// Writes tensors whose element i is `start + i`, start being 1000 x the tensor's place in `shapes`.
  private func write(_ shapes: [(String, [Int])], to path: String) throws {
    let values = shapes.enumerated().map { place, entry in (0..<entry.1.reduce(1, *)).map { Float(1000 * place + $0) } }
    let slab = values.flatMap { $0 }
    try slab.withUnsafeBufferPointer { slab in
      var first = 0
      var tensors: [TensorToWrite] = []
      for ((name, shape), values) in zip(shapes, values) {
        tensors.append(TensorToWrite(name, shape: shape, .floats(UnsafeBufferPointer(rebasing: slab[first..<first + values.count]))))
        first += values.count
      }
      tensors.append(TensorToWrite("some.num_batches_tracked", shape: [], .integer(1)))
      try SafetensorsWriter.write(tensors, to: path)
    }
  }

  @Test func transposesPaddlesClassifier() throws {
    let folder = try TemporaryFolder()
    try write([("classifier.1.weight", [3, 2]), ("classifier.1.bias", [2])], to: folder.file("w"))
    let file = try SafetensorsFile(path: folder.file("w"))
    let wanted = [WantedTensor("classifier.1.bias", shape: [2]), WantedTensor("classifier.1.weight", shape: [2, 3])]
    let match = try WeightMatch(wanted, in: file, naming: .paddleMobileNetV2)
    #expect(try match.floats("classifier.1.weight") == [0, 2, 4, 1, 3, 5])
    #expect(try match.floats("classifier.1.bias") == [1000, 1001])
    #expect(match.entries.map(\.wanted) == wanted)
  }

  @Test func joinsQueryKeyAndValueAndTurnsTheStem() throws {
    let folder = try TemporaryFolder()
    let attention = "mobilevit.encoder.layer.2.transformer.layer.0.attention.attention."
    try write(
      [
        (attention + "value.weight", [2, 2]), (attention + "query.weight", [2, 2]), (attention + "key.weight", [2, 2]),
        ("mobilevit.conv_stem.convolution.weight", [2, 3, 1, 2]),
      ], to: folder.file("w"))
    let qkv = "stages.2.1.transformer.0.attn.qkv.weight"
    let match = try WeightMatch(
      [WantedTensor(qkv, shape: [6, 2]), WantedTensor("stem.conv.weight", shape: [2, 3, 1, 2])],
      in: SafetensorsFile(path: folder.file("w")), naming: .huggingFaceMobileViT)
    #expect(try match.floats(qkv) == [1000, 1001, 1002, 1003, 2000, 2001, 2002, 2003, 0, 1, 2, 3])
    #expect(try match.floats("stem.conv.weight") == [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7].map { $0 + 3000 })
  }

  @Test(arguments: [
    (NamingScheme.timmMobileViT, "timm_mobilevit_xxs", "timm_mobilevit_xxs"),
    (.tutorialMobileViT, "tutorial_mobilevit_xxs", "tutorial_mobilevit_xxs"),
    (.torchvisionMobileNetV2, "torchvision_mobilenet_v2", "torchvision_mobilenet_v2"),
  ])
  func readsWholeModels(scheme: NamingScheme, canonical: String, stored: String) throws {
    let folder = try TemporaryFolder()
    let list = try NameList(stored)
    try write(list.weights.map { ($0, list.shapes[$0]!) }, to: folder.file("w"))
    let file = try SafetensorsFile(path: folder.file("w"))
    #expect(try WeightFileInspection(of: file).scheme == scheme)
    let match = try WeightMatch(NameList(canonical).wanted, in: file, naming: scheme)
    for (place, entry) in match.entries.enumerated() { #expect(try match.floats(entry.wanted.name).first == Float(1000 * place)) }
  }

  @Test func namesWhatIsMissingAndWhatIsUnknown() throws {
    let folder = try TemporaryFolder()
    try write([("a", [1]), ("b", [1]), ("old.weight", [1])], to: folder.file("w"))
    let file = try SafetensorsFile(path: folder.file("w"))
    let wanted = [WantedTensor("a", shape: [1]), WantedTensor("c", shape: [1])]
    let error = WeightFileError(
      file.path, .namesDiffer(scheme: .timmMobileViT, missing: ["c"], unknown: ["b", "old.weight"]))
    #expect(throws: error) { try WeightMatch(wanted, in: file, naming: .timmMobileViT) }
    #expect(error.description.contains("lacks 1 tensors of the model (\"c\")") && error.description.contains("\"old.weight\""))
    #expect(throws: WeightFileError(file.path, .namesDiffer(scheme: .timmMobileNetV2, missing: ["a"], unknown: ["a", "b", "old.weight"]))) {
      try WeightMatch([WantedTensor("a", shape: [1])], in: file, naming: .timmMobileNetV2)
    }
    #expect(throws: WeightFileError(file.path, .unknownNames(examples: ["a", "b", "old.weight", "some.num_batches_tracked"]))) {
      try WeightFileInspection(of: file)
    }
  }

  @Test func leavesOutAHeadThatIsNotWanted() throws {
    let folder = try TemporaryFolder()
    try write([("features.0.0.weight", [1]), ("classifier.1.weight", [3, 2])], to: folder.file("w"))
    let file = try SafetensorsFile(path: folder.file("w"))
    let wanted = [WantedTensor("features.0.0.weight", shape: [1])]
    #expect(try WeightMatch(wanted, in: file, naming: .paddleMobileNetV2, ignoring: ["classifier.1.weight"]).entries.count == 1)
    #expect(throws: WeightFileError.self) { try WeightMatch(wanted, in: file, naming: .paddleMobileNetV2) }
  }

  @Test func namesATensorOfTheWrongShape() throws {
    let folder = try TemporaryFolder()
    try write([("head.fc.weight", [10, 320])], to: folder.file("w"))
    let file = try SafetensorsFile(path: folder.file("w"))
    let error = WeightFileError(file.path, .shapeDiffers(tensor: "head.fc.weight", expected: [5, 320], actual: [10, 320]))
    #expect(throws: error) { try WeightMatch([WantedTensor("head.fc.weight", shape: [5, 320])], in: file, naming: .timmMobileViT) }
    #expect(error.description.contains("[10, 320]") && error.description.contains("[5, 320]"))
  }

  @Test func refusesWholeNumbersAsWeights() throws {
    let file = try SafetensorsFile(path: fixture("every_type.safetensors"))
    let others = Set(file.tensors.map(\.name)).subtracting(["bytes"])
    #expect(throws: WeightFileError(file.path, .notWeights(tensor: "bytes", type: .uint8))) {
      try WeightMatch([WantedTensor("bytes", shape: [3])], in: file, naming: .timmMobileViT, ignoring: others)
    }
  }
}
