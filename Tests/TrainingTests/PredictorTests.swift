import Foundation
import ImageData
import NeuralNetwork
import TestImages
import Testing
import Training

@Suite struct PredictorTests {
  /// Two names that Swift takes for the same text, as letters composed and decomposed are; the file system does not.
  @Test func everyImageGetsItsOwnResult() throws {
    let folder = try TestFolder()
    let image = try folder.makeDataSet(train: 2, eval: 1, size: 16) + "/train/down/1.png"
    let paths = ["caf\u{E9}.png", "cafe\u{301}.png", "cafe.png"].map { folder.path + "/" + $0 }
    #expect(paths[0] == paths[1])
    try Data("no image".utf8).write(to: URL(fileURLWithPath: folder.path + "/broken"))
    try #require(rename(folder.path + "/broken", paths[0]) == 0)
    for path in paths.dropFirst() { try #require(link(image, path) == 0) }

    let network = tinyNetwork()
    let store = ParameterStore(network)
    store.initialize(seed: 1)
    let predictor = Predictor(
      Executor(network: network, store: store, engine: Engine(threads: 1)),
      Preprocessing(imageSize: 16, normalization: .unit, rules: .asStored), limits: DecodeLimits())
    var found: [(path: String, logits: [Float]?)] = []
    try predictor.predict((paths + [image]).map(ImageLocation.init(path:))) { path, result in found.append((path, try? result.get().logits))
    }
    #expect(found.map { Array($0.path.utf8) } == (paths + [image]).map { Array($0.utf8) })
    #expect(found.map { $0.logits == nil } == [true, false, false, false])
    #expect(found.dropFirst().allSatisfy { $0.logits == found.last?.logits })
  }
}
