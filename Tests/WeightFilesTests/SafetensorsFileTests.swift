import Files
import Testing
import WeightFiles

/// Reading files that the format's own Python package wrote (Fixtures/WeightFiles/make_files.py).
@Suite struct SafetensorsFileTests {
  @Test func readsEveryElementType() throws {
    let file = try SafetensorsFile(path: fixture("every_type.safetensors"))
    let ramp: [Float] = [-1.5, -0.75, 0, 0.75, 1.5, 2.25]
    for name in ["double", "float", "half", "brain"] {
      #expect(file[name]?.shape == [2, 3])
      #expect(try file.floats(name) == ramp, "\(name)")
    }
    #expect(file["brain"]?.type == .bfloat16)
    #expect(try file.integers("counter") == [12_345_678_901])
    #expect(file["counter"]?.shape == [])
    #expect(try file.integers("int") == [-1, 2, 3])
    #expect(try file.bytes("bytes") == [0, 128, 255])
    #expect(try file.bytes("flags") == [1, 0])
    #expect(try file.floats("empty") == [])
    #expect(file["empty"]?.shape == [0, 4])
    #expect(try file.floats("größe \"q\" \\ \t") == [1])
    #expect(file.metadata == ["format": "pt"])
    #expect(file.tensors.count == 10)
    #expect(file["no such"] == nil)
  }

  @Test func convertsHalvesFromTheWholeRange() throws {
    let file = try SafetensorsFile(path: fixture("halves.safetensors"))
    let (halves, floats) = (try file.floats("half"), try file.floats("float"))
    for (half, float) in zip(halves, floats) {
      #expect(half.bitPattern == float.bitPattern || half.isNaN && float.isNaN, "\(half) where PyTorch has \(float)")
    }
    #expect(halves.count == 686)
    #expect(halves.contains { $0.isNaN } && halves.contains(.infinity) && halves.contains(0x1p-24))
  }

  @Test func refusesWholeNumbersAsWeightsAndTheReverse() throws {
    let file = try SafetensorsFile(path: fixture("every_type.safetensors"))
    #expect(throws: WeightFileError(file.path, .notWeights(tensor: "bytes", type: .uint8))) { try file.floats("bytes") }
    #expect(throws: WeightFileError(file.path, .notIntegers(tensor: "half", type: .float16))) { try file.integers("half") }
    #expect(throws: WeightFileError(file.path, .noSuchTensor("x"))) { try file.floats("x") }
  }

  @Test func readsTensorsLargerThanItsPiece() throws {
    let folder = try TemporaryFolder()
    let count = 300_001
    let values = (0..<count).map { Int64($0) * 3 - 7 }
    try values.withUnsafeBufferPointer {
      try SafetensorsWriter.write([TensorToWrite("n", shape: [count], .integers($0))], to: folder.file("n"))
    }
    #expect(try SafetensorsFile(path: folder.file("n")).integers("n") == values)
  }

  @Test func saysWhatIsNotAFile() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileSystemError(.open, folder.file("none"), code: 2)) { try SafetensorsFile(path: folder.file("none")) }
    #expect(throws: WeightFileError(folder.path, .notAFile)) { try SafetensorsFile(path: folder.path) }
    #expect(throws: WeightFileError("/dev/null", .notAFile)) { try SafetensorsFile(path: "/dev/null") }
  }

  @Test func aCheckpointsFolderStandsForItsWeights() throws {
    let folder = try TemporaryFolder()
    #expect(throws: WeightFileError(folder.path, .notAFile)) { try SafetensorsFile(weightsAt: folder.path) }
    let file = folder.path + "/model.safetensors"
    try SafetensorsWriter.write([TensorToWrite("count", shape: [], .integer(3))], to: file)
    #expect(try SafetensorsFile(weightsAt: folder.path).integers("count") == [3])
    #expect(try SafetensorsFile(weightsAt: file).path == file)
  }

  @Test func noticesThatAFileShrankAfterOpening() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(safetensors(#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, data: 16))
    let file = try SafetensorsFile(path: path)
    #expect(truncateFile(path, 20))
    #expect(throws: WeightFileError(path, .changedWhileRead)) { try file.floats("a") }
  }
}
