import Foundation
import Training

/// Standard output and standard error, for lines that may hold text from outside.
enum StandardStreams {
  static let isOutputTerminal = isatty(STDOUT_FILENO) == 1
  static let isErrorTerminal = isatty(STDERR_FILENO) == 1

  /// Writes a sentence to standard error. There is nobody to tell if that fails.
  static func complain(_ sentence: String) {
    try? TextOutput(descriptor: STDERR_FILENO, name: "standard error").write("mvit-tui: \(sentence.plainText)\n")
  }

  /// Writes a line to standard output; a reader that went away ends the program as it would any other.
  static func say(_ line: String) throws {
    let output = TextOutput(descriptor: STDOUT_FILENO, name: "standard output") { code in
      if code == EPIPE { exit(128 + SIGPIPE) }
      return false
    }
    try output.write(line.plainText + "\n")
  }

  /// Columns of the terminal on `descriptor`.
  static func columns(_ descriptor: Int32) -> Int {
    var size = winsize()
    return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}
