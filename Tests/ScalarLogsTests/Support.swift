import Foundation
import ScalarLogs

/// A folder that is gone when the test is.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("mvit-scalar-logs-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

/// A clock that moves a quarter of a second with every look.
final class TestClock {
  var now: Double

  init(_ now: Double = 1_700_000_000) { self.now = now }

  func tick() -> Double {
    defer { now += 0.25 }
    return now
  }
}

func fixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Fixtures/ScalarLogs/" + name).standardized.path
}

func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

func write(_ bytes: some Sequence<UInt8>, to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

func append(_ bytes: some Sequence<UInt8>, to path: String) throws {
  let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  defer { try? handle.close() }
  try handle.seekToEnd()
  try handle.write(contentsOf: Data(bytes))
}

func bytes(hex: String) -> [UInt8] {
  let digits = Array(hex.utf8).map { Character(Unicode.Scalar($0)).hexDigitValue! }
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// A VisualDL frame.
func frame(_ record: [UInt8]) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: record.count >> (8 * $0)) } + record }

/// What a resumed run must have in common with an uninterrupted one.
struct Point: Equatable, Hashable, CustomStringConvertible {
  let tag: String
  let step: Int
  let value: Float

  init(_ tag: String, _ step: Int, _ value: Float) { (self.tag, self.step, self.value) = (tag, step, value) }
  init(_ record: ScalarRecord) { self.init(record.tag, record.step, record.value) }

  var description: String { "\(tag)@\(step)=\(value)" }
}

func points(_ folder: String, _ format: LogFormat) throws -> [Point] {
  let reader = ScalarLogReader(ScalarLog(format, folder: folder, name: "."))
  return try reader.read().map { Point($0) }
}

func makeWriter(_ format: LogFormat, _ folder: String, _ clock: TestClock = TestClock()) throws -> any ScalarLogWriter {
  switch format {
  case .visualDL: try VisualDLWriter(folder: folder, clock: clock.tick)
  case .tensorBoard: try TensorBoardWriter(folder: folder, host: "host", clock: clock.tick)
  }
}

/// The only log file of a folder.
func logFile(_ folder: TemporaryFolder) -> String { folder.file(folder.names[0]) }
