import Files
import SystemText
import TrainingEvents

/// Tells people of a run: plain lines, and on a terminal one more line that is redrawn in place.
public final class ConsoleSink: TrainingEventSink, RunFolderSink {
  private let output: TextOutput
  private var text: ProgressText
  private let clock: RunClock
  /// nil where nothing is redrawn.
  private let columns: Int?
  private var isBarShown = false
  private var lastDrawn = -Double.infinity

  /// - Parameters:
  ///   - columns: of the terminal; nil if it is none, and then there are lines about steps instead of a bar.
  ///   - showsSteps: whether to say anything about single steps.
  public init(_ output: TextOutput, columns: Int? = nil, showsSteps: Bool = true, clock: RunClock) {
    self.output = output
    self.columns = columns
    self.clock = clock
    text = ProgressText(clock: clock, showsSteps: showsSteps && columns == nil)
  }

  public func receive(_ event: TrainingEvent) throws {
    for line in text.lines(for: event) {
      try output.write((isBarShown ? "\r\u{1B}[K" : "") + line.plainLine + "\n")
      isBarShown = false
    }
    if case .step(let step) = event { try draw(step) }
    if case .end = event, isBarShown {
      try output.write("\r\u{1B}[K")
      isBarShown = false
    }
  }

  /// The console's file, where the lines go to one.
  var heldFiles: [HeldFile] { output.heldFile.map { [$0] } ?? [] }

  private func draw(_ step: StepEvent) throws {
    guard let columns else { return }
    let now = clock.seconds()
    guard now - lastDrawn >= 0.1 else { return }
    lastDrawn = now
    let width = 20
    let filled = Int((text.share(step) * Double(width)).rounded())
    let bar = "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled) + "] "
    // A line that wraps could not be redrawn.
    try output.write("\r" + (bar + text.status(step)).plainLine.prefix(max(1, columns - 1)) + "\u{1B}[K")
    isBarShown = true
  }
}

/// An open file that text goes to.
public final class TextOutput: Sendable {
  private let descriptor: Int32
  /// For errors.
  private let name: String
  /// Keeps the descriptor open; nil for one that is the caller's.
  private let file: OpenFile?
  private let onFailure: @Sendable (_ code: Int32) -> Bool

  /// - Parameter onFailure: called with `errno` when a write fails; true takes the failure as dealt with.
  public init(descriptor: Int32, name: String, onFailure: @escaping @Sendable (_ code: Int32) -> Bool = { _ in false }) {
    self.descriptor = descriptor
    self.name = name
    self.onFailure = onFailure
    file = nil
  }

  /// Appends to the file at `path`.
  ///
  /// - Throws: `FileSystemError`
  public init(appendingTo path: String) throws {
    let file = try OpenFile(path, .appending)
    self.file = file
    descriptor = file.descriptor
    name = path
    onFailure = { _ in false }
  }

  /// The file, unless the caller opened it.
  var heldFile: HeldFile? { file.map { HeldFile(path: name, descriptor: $0.descriptor) } }

  public func write(_ text: String) throws {
    do {
      try Array(text.utf8).withUnsafeBytes { try DurableFile.writeAll($0, to: descriptor, name) }
    } catch let error as FileSystemError where onFailure(error.code) {}
  }
}

/// Writes the lines of `--json`.
public final class JSONLinesSink: TrainingEventSink {
  private let output: TextOutput

  public init(_ output: TextOutput) { self.output = output }

  public func receive(_ event: TrainingEvent) throws {
    if let line = event.jsonLine { try output.write(line + "\n") }
  }
}
