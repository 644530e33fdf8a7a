import Foundation
import ImageData
import TestImages
import Testing
import Training

@Suite struct DataRecordFileTests {
  private let folder: TestFolder
  private let file: DataRecordFile

  init() throws {
    folder = try TestFolder()
    file = DataRecordFile(path: folder.path + "/data.json")
  }

  private let record = DataRecord(
    classNames: ["e\u{301}", "\u{E9}", "\u{10FEE9}\u{1B}\"\\"], batches: 7,
    versions: [.init(fingerprint: "a", change: nil), .init(fingerprint: "b", change: DataChange(missing: 1, added: 2, resized: 3))],
    images: [
      DataRecord.Image(path: "e\u{301}/1\n.png", classIndex: 0, isEvaluation: false, byteCount: 9, from: 0, until: nil),
      DataRecord.Image(path: "\u{E9}/\u{10FEE9}.png", classIndex: 1, isEvaluation: true, byteCount: .max, from: 0, until: 1),
      DataRecord.Image(path: "\u{10FEE9}\u{1B}\"\\/x", classIndex: 2, isEvaluation: false, byteCount: 0, from: 1, until: nil),
    ])

  @Test func whatIsWrittenIsRead() throws {
    #expect(try file.read() == nil)
    #expect(try file.write(record))
    let read = try #require(try file.read())
    #expect(read == record)
    // Equal strings may be other bytes.
    #expect(read.images.map { Array($0.path.utf8) } == record.images.map { Array($0.path.utf8) })
    #expect(read.classNames.map { Array($0.utf8) } == record.classNames.map { Array($0.utf8) })
    let text = try String(contentsOfFile: file.path, encoding: .utf8)
    #expect(!text.unicodeScalars.contains("\u{1B}") && text.split(separator: "\n").count == 8)
  }

  @Test(arguments: [
    ("\"format\":1", "\"format\":2"), ("\"batches\":7", "\"batches\":0"), ("\"class\":2", "\"class\":3"),
    ("\"class\":2", "\"class\":-1"), ("\"size\":9}", "\"size\":-9}"), ("\"size\":9}", "\"size\":1e30}"),
    ("\"part\":\"eval\"", "\"part\":\"test\""), ("\"from\":1", "\"from\":2"), ("\"until\":1", "\"until\":0"),
    ("\"until\":1", "\"until\":2"), ("\"images\"", "\"pictures\""), ("{", "["),
  ])
  func whatNoRunWritesIsRefused(old: String, new: String) throws {
    _ = try file.write(record)
    let text = try String(contentsOfFile: file.path, encoding: .utf8)
    try #require(text.contains(old))
    try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: file.path))
    let error = #expect(throws: DataRecordError.self) { try file.read() }
    #expect(error?.path == file.path)
  }
}
