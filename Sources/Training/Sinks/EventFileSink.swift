import Files
import TrainingEvents

/// Keeps `events.jsonl`: the lines that `--json` shows.
final class EventFileSink: RunFolderSink {
  private let file: OpenFile

  init(path: String) throws { file = try OpenFile(path, .appending) }

  var heldFiles: [HeldFile] { [HeldFile(path: file.path, descriptor: file.descriptor)] }

  func receive(_ event: TrainingEvent) throws {
    guard let line = event.jsonLine else { return }
    try file.write(Array((line + "\n").utf8))
  }

  func flush(durably: Bool) throws { if durably { try file.flush() } }
}
