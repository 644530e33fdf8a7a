import Foundation
import SystemText
import Training

/// Standard output and standard error, for lines that may hold text from outside.
enum StandardStreams {
  static let isOutputTerminal = isatty(STDOUT_FILENO) == 1
  static let isErrorTerminal = isatty(STDERR_FILENO) == 1

  /// Whether standard output was closed when the program began. `holdPlaces()` comes first.
  nonisolated(unsafe) private static var isOutputClosed = false

  /// Fills the places of standard streams that are closed (`>&-`), which the next files to be opened would get: what is
  /// written to standard output would land in a log or a checkpoint. What fills them cannot be read or written.
  ///
  /// To be called once, before anything else.
  static func holdPlaces() {
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)] {
      guard fcntl(descriptor, F_GETFD) < 0, errno == EBADF else { continue }
      if descriptor == STDOUT_FILENO { isOutputClosed = true }
      // The lowest free number is this one. Without /dev/null it stays closed, as it was.
      _ = open("/dev/null", mode)
    }
  }

  /// - Throws: `Failure` where standard output was closed from the start, so that a command need not find out at its end.
  static func checkOutput() throws {
    if isOutputClosed { throw Failure(.cannotWrite, closedSentence) }
  }

  private static let closedSentence = "standard output is closed; leave out `>&-`, or send it to /dev/null"

  /// Writes a sentence to standard error. There is nobody to tell if that fails.
  static func complain(_ sentence: String) { writeError("mvit-tui: \(sentence.plainLine)\n") }

  /// Writes to standard error, as well as that can be done.
  private static func writeError(_ text: String) {
    try? TextOutput(descriptor: STDERR_FILENO, name: "standard error").write(text)
  }

  /// Writes a line to standard output; a reader that went away ends the program as it would any other.
  static func say(_ line: String) throws { try write(line.plainLine + "\n") }

  private static func write(_ text: String) throws {
    try checkOutput()
    let output = TextOutput(descriptor: STDOUT_FILENO, name: "standard output") { code in
      if code == EPIPE { exit(128 + SIGPIPE) }
      return false
    }
    try output.write(text)
  }

  /// Writes what the argument parser says: help, the version and completion scripts as they are, since nothing in them comes
  /// from outside; errors, which repeat arguments, fit for a terminal.
  static func show(_ message: String, isError: Bool) throws {
    guard !message.isEmpty else { return }
    guard isError else { return try write(message + "\n") }
    var text = message
    // Its own line ends stay, those of arguments do not.
    for argument in SystemProcess.arguments.dropFirst() {
      for part in [argument] + argument.split(separator: "=", maxSplits: 1).dropFirst().map(String.init) where part.plainLine != part {
        text = text.replacing(part, with: part.plainLine)
      }
    }
    writeError(text.plainText + "\n")
  }

  /// Columns of the terminal on `descriptor`.
  static func columns(_ descriptor: Int32) -> Int {
    var size = winsize()
    return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}
