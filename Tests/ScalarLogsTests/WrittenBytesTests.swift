import Foundation
import ScalarLogs
import Testing

/// Files whose every byte is known from the formats' own writers.
@Suite struct WrittenBytesTests {
  @Test func visualDLRecordsAreByteExact() throws {
    let folder = try TemporaryFolder()
    let payloads = [
      "0a18120d6d6574615f646174615f74616718a0fbd2caa0345200", "0a1a0801120a747261696e2f6c6f737318a0fbd2caa034255207a03f",
      "0a1612086576616c2f61636318d3b4d9caa0342500000000",
    ].map(bytes(hex:))
    // The milliseconds in the payloads, as varints.
    var now = Double(varint(payloads[0][18..<24])) / 1000
    let writer = try VisualDLWriter(folder: folder.path) { now }
    try writer.add("train/loss", step: 1, value: Float(bitPattern: 0x3FA0_0752))
    now = Double(varint(payloads[2][13..<19])) / 1000
    try writer.add("eval/acc", step: 0, value: 0)
    #expect(try contents(writer.path) == payloads.flatMap(frame))
  }

  @Test func visualDLFilesAreNamedByTheSecond() throws {
    let folder = try TemporaryFolder()
    _ = try VisualDLWriter(folder: folder.file("a/b")) { 12_345.9 }
    #expect(FileManager.default.fileExists(atPath: folder.file("a/b/vdlrecords.0000012345.log")))
  }

  @Test func tensorBoardsFirstEventIsByteExact() throws {
    let folder = try TemporaryFolder()
    let writer = try TensorBoardWriter(folder: folder.path, host: "my/host") { 1 }
    #expect(try contents(writer.path) == bytes(hex: "1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a"))
    #expect(folder.names == ["events.out.tfevents.0000000001.my-host.\(getpid()).0"])
  }

  @Test func tensorBoardScalarsAreByteExact() throws {
    let folder = try TemporaryFolder()
    var now = 1.0
    let writer = try TensorBoardWriter(folder: folder.path, host: "h") { now }
    let versionLength = try contents(writer.path).count
    now = 1_700_000_000.25
    try writer.add("train/acc", step: 1, value: 0)
    try writer.add("train/loss", step: 1, value: 2.5)
    let theirs = try contents(fixture("tensorboard/events.out.tfevents.1700000000.fixture.1.0"))
    let ours = try contents(writer.path)[versionLength...]
    // torch wrote the loss first; the two frames are of 47 and 48 bytes.
    for frame in [ours.prefix(47), ours.suffix(48)] {
      #expect(theirs.indices.contains { theirs[$0...].starts(with: frame) })
    }
    #expect(ours.count == 95)
  }

  @Test func hyperparametersAreVisualDLs() throws {
    let folder = try TemporaryFolder()
    let writer = try VisualDLWriter(folder: folder.path) { 1_700_000_000.001 }
    let parameters: [(name: String, value: HyperparameterValue)] = [
      ("lr", .number(0.01)), ("batch", .integer(16)), ("optimizer", .text("sgd")),
    ]
    // VisualDL names a run by a digest of its file's path.
    let theirs = try contents(fixture("visualdl/vdlrecords.1700000000.log"))
    let start = 8 + Int(theirs[0])
    let record = Array(theirs[start..<start + 8 + Int(theirs[start])])
    let name = String(decoding: record.suffix(32), as: UTF8.self)
    try writer.addHyperparameters(parameters, metrics: ["train/loss"], run: name)
    #expect(Array(try contents(writer.path).suffix(record.count)) == record)
    let length = try contents(writer.path).count
    try writer.addHyperparameters(parameters, metrics: [], run: name)
    try VisualDLWriter(folder: folder.path) { 2e9 }.addHyperparameters(parameters, metrics: [], run: name)
    #expect(try contents(writer.path).count == length)
  }

  private func varint(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 7 | Int($1 & 0x7F) }
  }
}
