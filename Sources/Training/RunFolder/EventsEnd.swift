import Files
import Foundation

/// What the last lines of `events.jsonl` tell of a run.
public struct EventsEnd {
  /// How the run ended. A run whose last event is no end was killed, or is still written.
  public private(set) var state = RunSummary.State.interrupted
  /// The last step of each model that these lines name; the file's earlier lines are not read.
  private(set) var steps: [String: Int] = [:]

  private struct Line: Decodable {
    let event: String
    let reason: String?
    let model: String?
    let step: Int?
  }

  /// - Throws: `FileSystemError`; a missing file has no events.
  public init(of eventsFile: String) throws {
    guard let status = try FileSystem.status(eventsFile) else { return }
    // It may grow while it is read.
    let tail = try OpenFile(eventsFile, .reading).bytes(from: max(0, status.byteCount - 4096), atMost: 1 << 20)
    let lines = tail.split(separator: UInt8(ascii: "\n"))
    for (index, bytes) in lines.enumerated() {
      // The first line may be the rest of one, and a killed writer leaves half a line at the end.
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(bytes)) else { continue }
      if line.event == "step", let model = line.model, let step = line.step { steps[model] = step }
      if line.event == "end", index == lines.count - 1 { state = Self.state(line.reason) }
    }
  }

  private static func state(_ reason: String?) -> RunSummary.State {
    switch reason {
    case "finished": .finished
    case "diverged": .diverged
    case "failed": .failed
    default: .stopped
    }
  }
}
