import Foundation
import Tensors
import Testing
import WeightFiles

@Suite struct SafetensorsWriterTests {
  static let notes = ["note": "tab\t, quote \", backslash \\, bell \u{7}, ß"]

  /// The tensors of float_and_int.safetensors, in another order.
  private func write(to path: String, reversed: Bool) throws {
    let (b, a, mean): ([Float], [Float], [Float]) = ([0, 0.25, 0.5, 0.75, 1], [-0.5, 0.5, 1.5, 2.5], [-0.0, 1e-30, 3.0e38])
    let counter: [Int64] = [7]
    try b.withUnsafeBufferPointer { b in
      try a.withUnsafeBufferPointer { a in
        try mean.withUnsafeBufferPointer { mean in
          try counter.withUnsafeBufferPointer { counter in
            let tensors = [
              TensorToWrite("b.weight", shape: [5], .floats(b)), TensorToWrite("a.weight", shape: [2, 2], .floats(a)),
              TensorToWrite("bn.num_batches_tracked", shape: [], .integers(counter)),
              TensorToWrite("aa.num_batches_tracked", shape: [], .integer(-1)), TensorToWrite("bn.running_mean", shape: [3], .floats(mean)),
            ]
            try SafetensorsWriter.write(reversed ? tensors.reversed() : tensors, metadata: Self.notes, to: path)
          }
        }
      }
    }
  }

  @Test(arguments: [false, true]) func writesTheBytesOfTheFormatsOwnLibrary(reversed: Bool) throws {
    let folder = try TemporaryFolder()
    try write(to: folder.file("ours"), reversed: reversed)
    #expect(try contents(folder.file("ours")) == contents(fixture("float_and_int.safetensors")))
    #expect(folder.names == ["ours"])
  }

  @Test func roundTripsAModelsWorthOfTensors() throws {
    let folder = try TemporaryFolder()
    let list = try NameList("timm_mobilevit_xxs")
    let random = CounterRandom(seed: 3, purpose: .test)
    let values = list.weights.enumerated().map { index, name in
      (0..<list.shapes[name]!.reduce(1, *)).map { random.stream(UInt64(index)).uniform(UInt64($0)) - 0.5 }
    }
    let slab = values.flatMap { $0 }
    let metadata = ["model": "mobilevit_xxs", "classes": "[\"a\",\"b\"]", "empty": ""]
    try slab.withUnsafeBufferPointer { slab in
      var first = 0
      var tensors: [TensorToWrite] = []
      for name in list.weights {
        let shape = list.shapes[name]!
        let count = shape.reduce(1, *)
        tensors.append(TensorToWrite(name, shape: shape, .floats(UnsafeBufferPointer(rebasing: slab[first..<first + count]))))
        first += count
      }
      tensors += NamingScheme.batchCounters(beside: list.weights).map { TensorToWrite($0, shape: [], .integer(42)) }
      try SafetensorsWriter.write(tensors, metadata: metadata, to: folder.file("model.safetensors"))
    }
    let file = try SafetensorsFile(path: folder.file("model.safetensors"))
    #expect(file.metadata == metadata)
    #expect(Set(file.tensors.map(\.name)) == Set(list.names))
    for (name, expected) in zip(list.weights, values) { #expect(try file.floats(name) == expected, "\(name)") }
    #expect(try file.integers("stem.bn.num_batches_tracked") == [42])
    for name in list.names { #expect(file[name]?.shape == list.shapes[name]) }
  }

  @Test func writesAnEmptyFile() throws {
    let folder = try TemporaryFolder()
    try SafetensorsWriter.write([], to: folder.file("empty"))
    let bytes = try contents(folder.file("empty"))
    #expect(bytes == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    #expect(try SafetensorsFile(path: folder.file("empty")).tensors.isEmpty)
  }
}
