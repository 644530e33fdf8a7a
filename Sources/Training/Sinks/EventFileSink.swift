import Foundation
import TrainingEvents
import WeightFiles

/// Keeps `events.jsonl`: the lines that `--json` shows.
final class EventFileSink: RunFolderSink {
  private let path: String
  private let descriptor: Int32

  init(path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileSystemError(.open, path, code: errno) }
  }

  deinit { close(descriptor) }

  var heldFiles: [HeldFile] { [HeldFile(path: path, descriptor: descriptor)] }

  func receive(_ event: TrainingEvent) throws {
    guard let line = event.jsonLine else { return }
    try Array((line + "\n").utf8).withUnsafeBytes { try DurableFile.writeAll($0, to: descriptor, path) }
  }

  func flush(durably: Bool) throws {
    guard durably else { return }
    while fsync(descriptor) != 0 {
      guard errno == EINTR else { throw FileSystemError(.flush, path, code: errno) }
    }
  }

  /// How far a model's checkpoint goes.
  struct End {
    let step: Int
    /// The last epoch whose evaluation is part of it.
    let epoch: Int
  }

  /// Removes from the file at `path` the lines that lie past the models' checkpoints, and a torn last line.
  ///
  /// Lines of models that have no checkpoint go altogether.
  static func cut(_ path: String, to ends: [String: End]) throws {
    guard let data = FileManager.default.contents(atPath: path) else { return }
    var kept: [UInt8] = []
    kept.reserveCapacity(data.count)
    let bytes = Array(data)
    var start = 0
    while let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[start...newline]
      if keeps(line, ends) { kept += line }
      start = newline + 1
    }
    if kept.count != bytes.count { try DurableFile.write(path, bytes: kept) }
  }

  private struct Line: Decodable {
    let event: String
    let model: String?
    let epoch: Int?
    let step: Int?
    let path: String?
  }

  private static func keeps(_ bytes: ArraySlice<UInt8>, _ ends: [String: End]) -> Bool {
    guard let line = try? JSONDecoder().decode(Line.self, from: Data(bytes)) else { return false }
    switch line.event {
    case "step":
      guard let end = ends[line.model ?? ""], let step = line.step else { return false }
      return step <= end.step
    case "evaluation":
      guard let end = ends[line.model ?? ""], let epoch = line.epoch else { return false }
      return epoch <= end.epoch
    case "checkpoint":
      // .../checkpoints/MODEL/step-N
      let parts = (line.path ?? "").split(separator: "/")
      guard parts.count >= 2, let end = ends[String(parts[parts.count - 2])], let step = Int(parts[parts.count - 1].dropFirst(5)) else {
        return false
      }
      return step <= end.step
    // The resumed session writes a line for each model that stays ended.
    case "diverged": return false
    default: return true
    }
  }
}
