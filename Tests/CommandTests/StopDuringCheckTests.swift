import Foundation
import PseudoTerminal
import Terminal
import TestImages
import Testing

/// A run that is stopped while its images are still looked at has not begun: it leaves nothing.
@Suite(.enabled(if: EndlessImage.canBeMade, "a file of 256 GB cannot be made here")) struct StopDuringCheckTests {
  private let folder: TestFolder
  private let data: String

  init() throws {
    folder = try TestFolder()
    data = try folder.makeDataSet(train: 2, eval: 1)
    try #require(EndlessImage.make(endless) == 0)
  }

  private var endless: String { data + "/train/down/endless.jpg" }

  private func start(_ more: [String]) throws -> PseudoTerminal {
    let environment = [
      "TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": folder.path, "SWIFT_BACKTRACE": "enable=no",
    ]
    let terminal = try PseudoTerminal(
      Program.path, ["train", "--data", data, "--model", "mobilevit_xxs", "--image-size", "32", "--run", folder.path + "/run"] + more,
      environment: environment, size: Size(width: 100, height: 30))
    try terminal.wait(for: "the dashboard") { $0.text.contains("preparing") }
    return terminal
  }

  /// The image ends, so that the check goes on to the next and finds that it is to stop.
  private func endTheImage() { truncate(endless, 100) }

  /// A checkpoint of the part that was looked at would be of another data set than the whole.
  @Test func stoppedByAKey() throws {
    let terminal = try start(["--skip-bad-images"])
    terminal.type("q")
    try terminal.wait(for: "the question") { $0.text.contains("stop training?") }
    terminal.type("s")
    try terminal.wait(for: "the stop") { $0.text.contains("then stopping") }
    endTheImage()
    #expect(try terminal.waitForExit() == .code(0))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/run"))
  }

  /// A list of the images found so far would be half a list, and the exit code that of bad data.
  @Test func stoppedByASignal() throws {
    let terminal = try start([])
    terminal.type("l")
    terminal.send(SIGINT)
    try terminal.wait(for: "the stop") { $0.text.contains("stopping after this step") }
    endTheImage()
    #expect(try terminal.waitForExit() == .code(130))
    #expect(!terminal.screen.text.contains("cannot be used"), "\(terminal.screen.text)")
    #expect(terminal.screen.text.contains("run was begun") && !terminal.screen.text.contains("--resume"), "\(terminal.screen.text)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/run"))
  }

  /// The new place of the images is recorded only when they are known to be the run's.
  @Test func aResumeElsewhereNamesThePlaceAgain() throws {
    let files = FileManager.default
    try files.moveItem(atPath: endless, toPath: folder.path + "/endless.jpg")
    let flags = ["--model", "mobilevit_xxs", "--image-size", "32", "--no-ui", "--run", "run", "--epochs", "100000"]
    let first = try Program.run(["train", "--data", data] + flags, in: folder.path) { line, process in
      if line.contains("evaluation loss") { kill(process.processIdentifier, SIGINT) }
    }
    #expect(first.code == 130, "\(first.errors)")
    try files.moveItem(atPath: data, toPath: folder.path + "/new place")
    try files.moveItem(atPath: folder.path + "/endless.jpg", toPath: folder.path + "/new place/train/down/endless.jpg")
    let terminal = try PseudoTerminal(
      "/bin/sh", ["-c", "cd '\(folder.path)' && exec '\(Program.path)' train --data 'new place' --run run --resume"],
      environment: ["TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": folder.path],
      size: Size(width: 100, height: 30))
    try terminal.wait(for: "the dashboard") { $0.text.contains("preparing") }
    terminal.type("l")
    terminal.send(SIGINT)
    // The check may have ended by then.
    try terminal.wait(for: "the stop") { $0.text.contains("stopping after this step") || $0.text.contains("--resume --data") }
    truncate(folder.path + "/new place/train/down/endless.jpg", 100)
    #expect(try terminal.waitForExit() == .code(130))
    #expect(terminal.screen.text.contains("mvit-tui train --run run --resume --data 'new place'"), "\(terminal.screen.text)")
  }
}

/// An image without end: after a beginning like a JPEG's come 256 GB of nothing, which take no room on the disk. To look them
/// through takes longer than a test, and no more than minutes should nobody be left to end it.
private enum EndlessImage {
  /// - Returns: 0, or the system's error number.
  static func make(_ path: String) -> Int32 {
    // A limit of file sizes is an error then, not the end of the tests.
    signal(SIGXFSZ, SIG_IGN)
    guard FileManager.default.createFile(atPath: path, contents: Data([0xFF, 0xD8, 0xFF, 0xE0, 0, 2])) else { return errno }
    return truncate(path, 1 << 38) == 0 ? 0 : errno
  }

  /// Not every file system has such files, nor does every limit allow them.
  static var canBeMade: Bool {
    (try? TestFolder()).map { make($0.path + "/endless.jpg") == 0 } ?? false
  }
}
